#pragma once

#include "messages/result.hpp"

#include <string>
#include <string_view>

namespace troupe::transport {

/// A name that a person gave (a box, a person, a key, the server), without blanks around it. Fault
/// `code` (422) unless it has 1 to 64 characters on one line, and something to be seen.
result<std::string> checked_name(std::string_view text, std::string_view code);

} // namespace troupe::transport
