#pragma once

#include "transport/chunk_reader.hpp"
#include "transport/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::transport {

/// Reads HTTP/1.1 requests out of bytes (Beast's parser underneath), and refuses what two readers
/// could understand differently (request smuggling). One per connection, used again and again.
class request_reader {
public:
  /// Reads a whole header, empty line included, into `request`, whose views then point into
  /// `header` and into this reader. A fault's status says how to answer: 400, 417, 431, 501 or 505.
  std::optional<fault> read_header(std::string_view header, std::size_t most_fields,
                                   http_request& request);

  // Of the header read last:
  bool keep_alive() const { return keep_alive_; }
  bool chunked() const { return chunked_; }
  /// Bytes of the body that follows; 0 when there is none or it is chunked.
  std::uint64_t content_length() const { return content_length_; }
  bool expects_continue() const { return expects_continue_; }

  /// Reads a chunked body from `data`, appends its content to `body`. Gives the bytes used: all,
  /// unless the body ends before. Faults: 400, 413 when above `limit`.
  result<std::size_t> read_chunks(std::string_view data, std::uint64_t limit, byte_vector& body);
  /// Whether the chunked body and its trailer were read to their end.
  bool chunks_done() const { return chunks_.done(); }

private:
  std::optional<fault> check(std::string_view header, http_request& request);
  std::optional<fault> read_length(const http_request& request);
  std::optional<fault> read_target(http_request& request);

  chunk_reader chunks_;
  std::string decoded_path_;
  std::uint64_t content_length_ = 0;
  bool keep_alive_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
};

/// Position behind the empty line that ends a header, or npos. `from`: where to search on.
std::size_t header_end(std::string_view data, std::size_t from);

} // namespace troupe::transport
