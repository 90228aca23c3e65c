#pragma once

#include "messages/identifiers.hpp"

#include <functional>
#include <string_view>

namespace troupe::box {

/// An identifier made from a name ("Kitchen printer" -> "kitchen-printer"; lower-case ASCII
/// letters, digits and dashes, at most 48), with "-2", "-3" … behind it while `taken`.
device_id unused_device_id(std::string_view name,
                           const std::function<bool(const device_id&)>& taken);

} // namespace troupe::box
