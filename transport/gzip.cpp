#include "transport/gzip.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <zlib.h>

namespace troupe::transport {

namespace {

constexpr int gzip_window = MAX_WBITS + 16;
constexpr int gzip_or_zlib_window = MAX_WBITS + 32;
constexpr int memory_level = 8;
constexpr std::size_t step_bytes = 64 * 1024;

fault broken() {
  return {"gzip.invalid", "The compressed data is broken.", "Send it again, whole.", 400};
}

} // namespace

byte_vector gzip_compress(byte_span bytes, int level) {
  z_stream z{};
  if (deflateInit2(&z, std::clamp(level, 1, 9), Z_DEFLATED, gzip_window, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&z, deflateEnd);
  byte_vector out(deflateBound(&z, bytes.size()));
  z.next_in = const_cast<std::uint8_t*>(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  return out;
}

result<byte_vector> gzip_decompress(byte_span bytes, std::size_t limit) {
  z_stream z{};
  if (inflateInit2(&z, gzip_or_zlib_window) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&z, inflateEnd);
  byte_vector out;
  z.next_in = const_cast<std::uint8_t*>(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    const auto before = out.size();
    out.resize(before + step_bytes);
    z.next_out = out.data() + before;
    z.avail_out = step_bytes;
    const int code = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    if (out.size() > limit)
      return fault{"gzip.too_big", "The data is larger than allowed when decompressed.",
                   "Send less at once.", 413};
    if (code == Z_STREAM_END) return out;
    if (code != Z_OK || (z.avail_in == 0 && z.avail_out > 0)) return broken();
  }
}

} // namespace troupe::transport
