#pragma once

#include "messages/bytes.hpp"
#include "sim/model/escpos_printer.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace troupe::sim::test {

/// Bytes from numbers and texts: `bytes(0x1b, "a", 1)`.
template <class... Parts>
byte_vector bytes(const Parts&... parts) {
  byte_vector all;
  auto add = [&](const auto& part) {
    using type = std::decay_t<decltype(part)>;
    if constexpr (std::is_integral_v<type>) {
      all.push_back(static_cast<std::uint8_t>(part));
    } else if constexpr (std::is_same_v<type, byte_vector>) {
      all.insert(all.end(), part.begin(), part.end());
    } else {
      std::string_view text(part);
      all.insert(all.end(), text.begin(), text.end());
    }
  };
  (add(parts), ...);
  return all;
}

constexpr int esc = 0x1B, gs = 0x1D, fs = 0x1C, dle = 0x10, lf = 0x0A;

inline std::vector<receipt> receipts(const effects& all) {
  std::vector<receipt> found;
  for (const auto& effect : all)
    if (auto* done = std::get_if<receipt_done>(&effect)) found.push_back(done->receipt);
  return found;
}

inline byte_vector replies(const effects& all) {
  byte_vector found;
  for (const auto& effect : all)
    if (auto* answer = std::get_if<reply>(&effect))
      found.insert(found.end(), answer->bytes.begin(), answer->bytes.end());
  return found;
}

template <class Kind>
std::size_t count(const effects& all) {
  std::size_t found = 0;
  for (const auto& effect : all)
    found += std::holds_alternative<Kind>(effect) ? 1 : 0;
  return found;
}

/// Feeds the bytes, cuts, and gives the receipt.
inline receipt print(escpos_printer& printer, const byte_vector& content) {
  auto done = receipts(printer.feed(bytes(content, gs, "V", 0)));
  return done.empty() ? receipt{} : done.back();
}
inline receipt print(const byte_vector& content) {
  escpos_printer printer;
  return print(printer, content);
}

/// First and last row or column with a black dot; {1, 0} on white paper.
struct extent {
  std::size_t left = 1, right = 0, top = 1, bottom = 0;
};
inline extent black_extent(const receipt& paper) {
  extent found;
  bool any = false;
  for (std::size_t y = 0; y < paper.height; ++y)
    for (std::size_t x = 0; x < paper.width; ++x)
      if (paper.black(x, y)) {
        if (!any) found = {x, x, y, y};
        any = true;
        found.left = std::min(found.left, x);
        found.right = std::max(found.right, x);
        found.bottom = y;
      }
  return found;
}

/// A raster of `GS v 0`: rows of bytes.
inline byte_vector raster(std::size_t row_bytes, const byte_vector& rows, int mode = 0) {
  auto height = rows.size() / row_bytes;
  return bytes(gs, "v0", mode, row_bytes % 256, row_bytes / 256, height % 256, height / 256, rows);
}

} // namespace troupe::sim::test
