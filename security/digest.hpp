#pragma once

#include <string>
#include <string_view>

namespace troupe::security {

/// Compares without telling by its duration where two texts differ. Lengths may be told.
bool equal_in_constant_time(std::string_view a, std::string_view b);
/// SHA-256 in lower-case hex: how secrets with enough chance in them are kept.
std::string sha256_hex(std::string_view text);

} // namespace troupe::security
