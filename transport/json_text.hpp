#pragma once

#include <string>
#include <string_view>

namespace troupe::transport {

/// Appends a text as JSON literal with its quotes, ASCII only: as Python's json.dumps writes it.
/// Invalid UTF-8 becomes U+FFFD.
void append_json_text(std::string& out, std::string_view text);

} // namespace troupe::transport
