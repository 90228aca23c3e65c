#pragma once

#include "transport/websocket_frames.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// Frames built and read by hand, independent of the code under test where it matters.
namespace troupe::test {

/// One frame as a client sends it; every bit may be chosen.
inline std::string client_frame(std::uint8_t first_byte, std::string_view payload,
                                bool masked = true) {
  std::string frame(1, static_cast<char>(first_byte));
  const std::uint8_t mask_bit = masked ? 0x80 : 0;
  const auto put = [&](std::size_t byte) { frame += static_cast<char>(byte); };
  if (payload.size() < 126) {
    put(mask_bit | payload.size());
  } else if (payload.size() < 65536) {
    put(mask_bit | 126u), put(payload.size() >> 8), put(payload.size() & 255);
  } else {
    put(mask_bit | 127u);
    for (int shift = 56; shift >= 0; shift -= 8)
      put(payload.size() >> shift & 255);
  }
  if (!masked) return frame += payload;
  const char mask[] = {0x12, '\x9a', 0x5c, '\xf3'};
  frame.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ mask[i % 4]);
  return frame;
}

inline std::string close_payload(std::uint16_t code, std::string_view reason = {}) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 255)};
  return payload += reason;
}

struct server_frame {
  std::uint8_t first_byte = 0;
  std::string payload;
};

/// Takes whole unmasked frames off `bytes`.
inline std::vector<server_frame> take_frames(std::string& bytes) {
  std::vector<server_frame> frames;
  while (bytes.size() >= 2) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    std::size_t length = at(1) & 0x7f, head = 2;
    if (length >= 126) {
      const std::size_t more = length == 126 ? 2 : 8;
      if (bytes.size() < 2 + more) break;
      length = 0;
      for (std::size_t i = 0; i < more; ++i)
        length = length << 8 | at(2 + i);
      head += more;
    }
    if (bytes.size() < head + length) break;
    frames.push_back({at(0), bytes.substr(head, length)});
    bytes.erase(0, head + length);
  }
  return frames;
}

} // namespace troupe::test
