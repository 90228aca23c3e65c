// links: troupe_transport
// Any header and chunked body: what is accepted keeps the reader's promises, and chunks mean the
// same whole and in pieces.
#include "transport/negotiation.hpp"
#include "transport/query.hpp"
#include "transport/request_reader.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::transport;

/// The body read in steps, or nothing when it is refused or incomplete.
static std::optional<byte_vector> chunked_body(std::string_view header, std::string_view data,
                                               std::size_t step) {
  request_reader reader;
  http_request request;
  if (reader.read_header(header, 64, request) || !reader.chunked()) return std::nullopt;
  byte_vector body;
  for (std::size_t at = 0; at < data.size() && !reader.chunks_done(); at += step) {
    const auto part = data.substr(at, step);
    const auto used = reader.read_chunks(part, 4096, body);
    if (!used) return std::nullopt;
    if (*used != part.size() && !reader.chunks_done()) std::abort();
  }
  if (!reader.chunks_done()) return std::nullopt;
  return body;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = header_end(text, 0);
  if (end == std::string_view::npos) return 0;
  const auto header = text.substr(0, end);
  request_reader reader;
  http_request request;
  if (const auto error = reader.read_header(header, 64, request)) {
    if (error->status < 400 || error->status > 505) std::abort();
    return 0;
  }
  if (request.path.empty() || request.headers.size() > 64) std::abort();
  if (reader.chunked() && reader.content_length() != 0) std::abort();
  if (request.version == 11 && request.headers.count("host") != 1) std::abort();
  parse_query(request.query);
  cookie_value(request.headers.find("cookie"), "a");
  const auto range = parse_range(request.headers.find("range"), 100);
  if (range.kind == range_kind::part &&
      (range.range.first > range.range.last || range.range.last > 99))
    std::abort();
  accepts_encoding(request.headers.find("accept-encoding"), "gzip");
  const auto rest = text.substr(end);
  if (chunked_body(header, rest, 1) != chunked_body(header, rest, rest.size() + 1)) std::abort();
  return 0;
}
