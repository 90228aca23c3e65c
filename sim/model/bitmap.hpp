#pragma once

#include "messages/bytes.hpp"

#include <cstddef>

namespace troupe::sim {

/// Black and white dots: one bit a dot, 1 = black, most significant bit leftmost, rows padded to
/// whole bytes. The padding bits are always 0.
class bitmap {
public:
  bitmap() = default;
  bitmap(std::size_t width, std::size_t height);

  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }
  std::size_t stride() const { return stride_; } ///< bytes a row
  bool empty() const { return bits_.empty(); }
  byte_span bits() const { return bits_; }
  byte_span row(std::size_t y) const { return byte_span(bits_).subspan(y * stride_, stride_); }

  bool at(std::size_t x, std::size_t y) const {
    return x < width_ && y < height_ && (bits_[y * stride_ + x / 8] >> (7 - x % 8) & 1);
  }
  /// Blackens a dot; outside the bitmap it does nothing.
  void set(std::size_t x, std::size_t y) {
    if (x < width_ && y < height_)
      bits_[y * stride_ + x / 8] |= static_cast<std::uint8_t>(0x80 >> x % 8);
  }
  /// Blackens or, with `invert`, flips the dots of a rectangle, clipped to the bitmap.
  void fill(std::size_t x, std::size_t y, std::size_t width, std::size_t height,
            bool invert = false);
  /// Adds `count` dots of a packed row at (x, y), clipped to the bitmap.
  void draw_row(std::size_t x, std::size_t y, byte_span packed, std::size_t count);
  /// Adds another bitmap with its upper left corner at (x, y), clipped.
  void draw(std::size_t x, std::size_t y, const bitmap& other);
  /// Whitens everything.
  void clear();
  /// Adds a packed row at the bottom; shorter ones are filled with white, longer ones cut.
  void append_row(byte_span packed);
  void append_blank_rows(std::size_t count);

  bitmap turned_half() const;  ///< rotated by 180 degrees
  bitmap turned_right() const; ///< rotated by 90 degrees clockwise
  bitmap enlarged(std::size_t across, std::size_t down) const;
  bitmap part(std::size_t x, std::size_t y, std::size_t width, std::size_t height) const;

  friend bool operator==(const bitmap&, const bitmap&) = default;

private:
  void clear_padding(std::size_t y);

  std::size_t width_ = 0, height_ = 0, stride_ = 0;
  byte_vector bits_;
};

/// A picture sent column by column, each of `column_bytes` bytes with the uppermost dot in the most
/// significant bit. Missing data are white.
bitmap bitmap_from_columns(byte_span data, std::size_t columns, std::size_t column_bytes);

} // namespace troupe::sim
