#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <cstddef>
#include <string>

namespace troupe::transport {

/// Level 1 (quick) to 9 (small).
byte_vector gzip_compress(byte_span bytes, int level = 6);
/// gzip or zlib. Faults: "gzip.invalid"; "gzip.too_big" when it would exceed `limit` bytes.
result<byte_vector> gzip_decompress(byte_span bytes, std::size_t limit);

} // namespace troupe::transport
