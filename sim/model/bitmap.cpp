#include "sim/model/bitmap.hpp"

#include <algorithm>

namespace troupe::sim {

bitmap::bitmap(std::size_t width, std::size_t height)
    : width_(width), height_(height), stride_((width + 7) / 8), bits_(stride_ * height) {}

void bitmap::fill(std::size_t x, std::size_t y, std::size_t width, std::size_t height,
                  bool invert) {
  auto right = std::min(width_, x + width), bottom = std::min(height_, y + height);
  for (; y < bottom; ++y)
    for (auto dot = x; dot < right; ++dot) {
      auto mask = static_cast<std::uint8_t>(0x80 >> dot % 8);
      auto& cell = bits_[y * stride_ + dot / 8];
      cell = static_cast<std::uint8_t>(invert ? cell ^ mask : cell | mask);
    }
}

void bitmap::clear_padding(std::size_t y) {
  if (width_ % 8)
    bits_[(y + 1) * stride_ - 1] &= static_cast<std::uint8_t>(0xFF << (8 - width_ % 8));
}

void bitmap::draw_row(std::size_t x, std::size_t y, byte_span packed, std::size_t count) {
  if (y >= height_ || x >= width_) return;
  count = std::min({count, packed.size() * 8, width_ - x});
  auto* target = bits_.data() + y * stride_ + x / 8;
  auto* end = bits_.data() + (y + 1) * stride_;
  const auto* source = packed.data();
  auto shift = x % 8, whole = count / 8;
  auto rest = static_cast<std::uint8_t>(count % 8 ? source[whole] & 0xFF << (8 - count % 8) : 0);
  if (shift == 0) {
    for (std::size_t i = 0; i < whole; ++i)
      target[i] |= source[i];
    if (rest) target[whole] |= rest;
    return;
  }
  unsigned carried = 0; // dots pushed out of the byte to the left
  for (std::size_t i = 0; i < whole; ++i) {
    target[i] |= static_cast<std::uint8_t>(carried | source[i] >> shift);
    carried = static_cast<std::uint8_t>(source[i] << (8 - shift));
  }
  if (target + whole < end) target[whole] |= static_cast<std::uint8_t>(carried | rest >> shift);
  if (target + whole + 1 < end) target[whole + 1] |= static_cast<std::uint8_t>(rest << (8 - shift));
}

void bitmap::draw(std::size_t x, std::size_t y, const bitmap& other) {
  for (std::size_t i = 0; i < other.height_; ++i)
    draw_row(x, y + i, other.row(i), other.width_);
}

void bitmap::clear() {
  std::fill(bits_.begin(), bits_.end(), std::uint8_t{0});
}

void bitmap::append_row(byte_span packed) {
  append_blank_rows(1);
  std::copy_n(packed.begin(), std::min(packed.size(), stride_), bits_.end() - stride_);
  clear_padding(height_ - 1);
}

void bitmap::append_blank_rows(std::size_t count) {
  height_ += count;
  bits_.resize(height_ * stride_);
}

bitmap bitmap::turned_half() const {
  bitmap turned(width_, height_);
  for (std::size_t y = 0; y < height_; ++y)
    for (std::size_t x = 0; x < width_; ++x)
      if (at(x, y)) turned.set(width_ - 1 - x, height_ - 1 - y);
  return turned;
}

bitmap bitmap::turned_right() const {
  bitmap turned(height_, width_);
  for (std::size_t y = 0; y < height_; ++y)
    for (std::size_t x = 0; x < width_; ++x)
      if (at(x, y)) turned.set(height_ - 1 - y, x);
  return turned;
}

bitmap bitmap::enlarged(std::size_t across, std::size_t down) const {
  if (across == 1 && down == 1) return *this;
  bitmap large(width_ * across, height_ * down);
  for (std::size_t y = 0; y < height_; ++y)
    for (std::size_t x = 0; x < width_; ++x)
      if (at(x, y)) large.fill(x * across, y * down, across, down);
  return large;
}

bitmap bitmap::part(std::size_t x, std::size_t y, std::size_t width, std::size_t height) const {
  bitmap copy(width, height);
  for (std::size_t i = 0; i < height && y + i < height_; ++i) {
    if (x % 8 == 0 && x < width_) {
      copy.draw_row(0, i, row(y + i).subspan(x / 8), width);
      continue;
    }
    for (std::size_t dot = 0; dot < width; ++dot)
      if (at(x + dot, y + i)) copy.set(dot, i);
  }
  return copy;
}

/// Swaps rows and columns of 8 x 8 dots, a byte a row, the first in the highest byte.
static std::uint64_t transposed(std::uint64_t dots) {
  auto swap = [&](std::uint64_t mask, int distance) {
    auto different = (dots ^ (dots >> distance)) & mask;
    dots ^= different ^ (different << distance);
  };
  swap(0x00AA00AA00AA00AA, 7);
  swap(0x0000CCCC0000CCCC, 14);
  swap(0x00000000F0F0F0F0, 28);
  return dots;
}

bitmap bitmap_from_columns(byte_span data, std::size_t columns, std::size_t column_bytes) {
  if (column_bytes == 0) return {};
  bitmap picture(columns, column_bytes * 8);
  for (std::size_t x = 0; x < columns && x * column_bytes < data.size(); x += 8)
    for (std::size_t part = 0; part < column_bytes; ++part) {
      std::uint64_t block = 0;
      for (std::size_t column = x; column < x + 8; ++column) {
        auto at = column * column_bytes + part;
        block = block << 8 | (column < columns && at < data.size() ? data[at] : 0u);
      }
      block = transposed(block);
      for (std::size_t row = 8; row-- > 0; block >>= 8) {
        const auto dots = static_cast<std::uint8_t>(block);
        picture.draw_row(x, part * 8 + row, byte_span(&dots, 1), 8);
      }
    }
  return picture;
}

} // namespace troupe::sim
