#include "transport/websocket_deflate.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <zlib.h>

namespace troupe::transport {

namespace {

/// What every message ends with before the sender takes it away.
constexpr std::array<std::uint8_t, 4> tail = {0x00, 0x00, 0xff, 0xff};
constexpr std::size_t step_bytes = 16 * 1024;
/// zlib's memory for packing: 2^(level + 9) bytes, 16 KiB, beside the window.
constexpr int memory_level = 5;
/// Quick rather than small: pages and links are on local networks.
constexpr int pack_level = 4;

} // namespace

struct message_inflater::stream {
  z_stream z{};
  stream() {
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~stream() { inflateEnd(&z); }
};

message_inflater::message_inflater(bool reset_each_message)
    : stream_(std::make_unique<stream>()), reset_each_message_(reset_each_message) {}
message_inflater::~message_inflater() = default;

inflate_outcome message_inflater::feed(byte_span part, bool last, std::size_t limit,
                                       byte_vector& out) {
  auto outcome = run(part, limit, out);
  if (outcome == inflate_outcome::ok && last) outcome = run(tail, limit, out);
  if (last && reset_each_message_) inflateReset(&stream_->z);
  return outcome;
}

inflate_outcome message_inflater::run(byte_span part, std::size_t limit, byte_vector& out) {
  auto& z = stream_->z;
  z.next_in = const_cast<std::uint8_t*>(part.data());
  z.avail_in = static_cast<uInt>(part.size());
  std::array<std::uint8_t, step_bytes> step;
  while (true) {
    z.next_out = step.data();
    z.avail_out = step.size();
    const int code = inflate(&z, Z_SYNC_FLUSH);
    out.insert(out.end(), step.data(), z.next_out);
    if (out.size() > limit) return inflate_outcome::too_big;
    if (code == Z_STREAM_END) { // a final block inside a message: allowed, the next starts anew
      inflateReset(&z);
      if (z.avail_in == 0) return inflate_outcome::ok;
      continue;
    }
    if (code != Z_OK && code != Z_BUF_ERROR) return inflate_outcome::broken;
    if (z.avail_out > 0) return z.avail_in == 0 ? inflate_outcome::ok : inflate_outcome::broken;
  }
}

struct message_deflater::stream {
  z_stream z{};
  explicit stream(int window_bits) {
    if (deflateInit2(&z, pack_level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
  }
  ~stream() { deflateEnd(&z); }
};

message_deflater::message_deflater(int window_bits, bool reset_each_message)
    : stream_(std::make_unique<stream>(window_bits)), reset_each_message_(reset_each_message) {}
message_deflater::~message_deflater() = default;

std::string message_deflater::pack(byte_span message) {
  if (message.empty()) return std::string(1, '\0'); // one empty block (section 7.2.3.6)
  auto& z = stream_->z;
  std::string out;
  z.next_in = const_cast<std::uint8_t*>(message.data());
  z.avail_in = static_cast<uInt>(message.size());
  std::array<std::uint8_t, step_bytes> step;
  do {
    z.next_out = step.data();
    z.avail_out = step.size();
    deflate(&z, Z_SYNC_FLUSH);
    out.append(step.data(), z.next_out);
  } while (z.avail_out == 0);
  out.resize(out.size() - tail.size());
  if (reset_each_message_) deflateReset(&z);
  return out;
}

} // namespace troupe::transport
