#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <string>
#include <string_view>

namespace troupe::transport {

std::string base64_encode(byte_span bytes);
/// RFC 4648 section 4, padding needed, nothing else allowed. Fault: "base64.invalid".
result<byte_vector> base64_decode(std::string_view text);
/// As browsers and Python's b64decode take it: line breaks and blanks skipped, padding optional,
/// the URL alphabet understood. Fault: "base64.invalid" for anything else.
result<byte_vector> base64_decode_tolerant(std::string_view text);

} // namespace troupe::transport
