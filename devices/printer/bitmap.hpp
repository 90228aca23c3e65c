#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>

/// What a print head wants: pictures in shades of grey, and pictures in dots.
namespace troupe::printer {

/// Shades of grey, one byte a dot, rows without padding; 0 = black, 255 = white.
struct grey_image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  byte_vector dots; ///< width * height bytes

  const std::uint8_t* row(std::size_t y) const { return dots.data() + y * width; }
};

/// One bit a dot, 1 = black, most significant bit first, rows padded with 0 to whole bytes.
struct bitmap {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  byte_vector bits; ///< stride() * height bytes

  bitmap() = default;
  /// An all white bitmap.
  bitmap(std::uint32_t width, std::uint32_t height)
      : width(width), height(height), bits(stride() * height) {}

  std::size_t stride() const { return (std::size_t{width} + 7) / 8; }
  const std::uint8_t* row(std::size_t y) const { return bits.data() + y * stride(); }
  bool black(std::size_t x, std::size_t y) const { return row(y)[x / 8] >> (7 - x % 8) & 1; }
  void set_black(std::size_t x, std::size_t y) {
    bits[y * stride() + x / 8] |= static_cast<std::uint8_t>(0x80 >> (x % 8));
  }
};

} // namespace troupe::printer
