// links: troupe_transport
// Any frames: they mean the same whole and byte by byte, keep the size limit, and text is UTF-8.
#include "transport/websocket_frames.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::transport;

namespace {

constexpr std::size_t limit = 5000;

class listing : public frame_sink {
public:
  std::string found;
  void on_message(byte_span payload, bool text) override {
    if (payload.size() > limit || (text && !is_utf8(as_text(payload)))) std::abort();
    add(text ? 't' : 'b', as_text(payload));
  }
  void on_ping(byte_span payload) override { add('i', as_text(payload)); }
  void on_pong(byte_span payload) override { add('o', as_text(payload)); }
  void on_close_frame(std::uint16_t code, std::string_view reason) override {
    add('c', std::to_string(code) + std::string(reason));
  }
  void on_violation(std::uint16_t, std::string_view) override {
    add('v', {}); // which of two violations comes first depends on the pieces
  }
  bool wants_more() const override { return true; }

private:
  void add(char kind, std::string_view text) { (found += kind) += std::string(text) + '\n'; }
};

std::string read(std::string bytes, std::size_t step, bool deflate, websocket_role role) {
  frame_reader reader(role, limit, {.enabled = deflate});
  listing sink;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto size = std::min(step, bytes.size() - at);
    if (reader.feed({reinterpret_cast<std::uint8_t*>(bytes.data()) + at, size}, sink) != size)
      std::abort();
  }
  return sink.found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto role = data[0] & 2 ? websocket_role::client : websocket_role::server;
  const bool deflate = data[0] & 1;
  if (read(bytes, bytes.size() + 1, deflate, role) != read(bytes, 1, deflate, role)) std::abort();
  return 0;
}
