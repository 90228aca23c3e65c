#pragma once

#include "messages/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Base64 with padding (RFC 4648 section 4), on one line.
std::string to_base64(byte_span bytes);

/// Reads base64 with or without padding, skipping white space (ePOS and e-mail clients break
/// lines); empty when another character stands in it or a single character is left over.
std::optional<byte_vector> from_base64(std::string_view text);

} // namespace troupe
