#pragma once

#include "messages/identifiers.hpp"
#include "messages/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::box {

/// An identifier made from a name ("Kitchen printer" -> "kitchen-printer"; lower-case ASCII
/// letters, digits and dashes, at most 48), with "-2", "-3" … behind it while `taken`.
device_id unused_device_id(std::string_view name,
                           const std::function<bool(const device_id&)>& taken);

/// Takes the blanks around a device's name away; "device.bad_name" (422) when it has more than 256
/// characters (options of a printer may stand in it), more than one line, or nothing to be seen.
[[nodiscard]] std::optional<fault> tidy_device_name(std::string& name);

} // namespace troupe::box
