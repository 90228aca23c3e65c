#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Conditional, range and encoding fields (RFC 9110 sections 12 to 14).
namespace troupe::transport {

/// Whether an `Accept-Encoding` field takes a coding ("gzip"), by name or "*", with q above 0.
bool accepts_encoding(std::string_view field, std::string_view coding);
/// Whether an `If-None-Match` field names the tag (weak comparison) or is "*".
bool etag_matches(std::string_view field, std::string_view etag);

struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0; ///< included
};
enum class range_kind : std::uint8_t { whole, part, unsatisfiable };
struct range_answer {
  range_kind kind = range_kind::whole;
  byte_range range;
};
/// Reads a `Range` field for content of `size` bytes. Several ranges and anything odd: whole.
range_answer parse_range(std::string_view field, std::uint64_t size);

} // namespace troupe::transport
