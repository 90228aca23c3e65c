#include "devices/printer/escpos_pictures.hpp"

#include <algorithm>
#include <initializer_list>

namespace troupe::printer::escpos {
namespace {

std::uint8_t low(std::size_t number) {
  return static_cast<std::uint8_t>(number);
}
std::uint8_t high(std::size_t number) {
  return static_cast<std::uint8_t>(number >> 8);
}

void put(byte_vector& out, std::initializer_list<std::uint8_t> bytes) {
  out.insert(out.end(), bytes);
}

/// Turns eight rows of a strip: one byte a column, the upper row in the most significant bit.
void append_column_byte(const bitmap& dots, std::size_t x, std::size_t top, byte_vector& out) {
  unsigned byte = 0;
  for (std::size_t y = top; y < top + 8; ++y)
    byte = byte << 1 | (y < dots.height && dots.black(x, y));
  out.push_back(static_cast<std::uint8_t>(byte));
}

} // namespace

void append_raster(const bitmap& dots, std::uint16_t slice_rows, byte_vector& out) {
  const std::size_t rows = std::clamp<std::size_t>(slice_rows, 1, 255);
  const std::size_t stride = dots.stride();
  out.reserve(out.size() + dots.bits.size() + (dots.height / rows + 1) * 8);
  for (std::size_t top = 0; top < dots.height; top += rows) {
    const std::size_t height = std::min<std::size_t>(rows, dots.height - top);
    put(out, {0x1D, 0x76, 0x30, 0x00, low(stride), high(stride), low(height), high(height)});
    out.insert(out.end(), dots.row(top), dots.row(top) + height * stride);
  }
}

void append_columns(const bitmap& dots, const column_options& options, byte_vector& out) {
  const std::size_t strip = options.dense_down ? 24 : 8;
  const auto mode =
      static_cast<std::uint8_t>((options.dense_across ? 1 : 0) + (options.dense_down ? 32 : 0));
  put(out, {0x1B, 0x33, 0x10});
  for (std::size_t top = 0; top < dots.height; top += strip) {
    put(out, {0x1B, 0x2A, mode, low(dots.width), high(dots.width)});
    for (std::size_t x = 0; x < dots.width; ++x)
      for (std::size_t byte = 0; byte < strip; byte += 8)
        append_column_byte(dots, x, top + byte, out);
    put(out, {0x0A});
  }
  put(out, {0x1B, 0x32});
}

} // namespace troupe::printer::escpos
