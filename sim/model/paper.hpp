#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "sim/model/bitmap.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::sim {

/// How a receipt came off the roll: by the cutter, or by hand.
enum class cut_kind : std::uint8_t { full, partial, torn };
std::string_view to_string(cut_kind kind);

/// Most text kept of one receipt, in bytes of UTF-8; the rest is left out.
constexpr std::size_t receipt_text_bytes = 16 * 1024;

/// Longest strip before it tears by itself, in rows (8 m at 8 dots a millimetre).
constexpr std::size_t strip_rows = 65536;

/// A finished piece of paper.
struct receipt {
  std::uint64_t number = 0; ///< counts from 1 on this printer
  cut_kind cut = cut_kind::full;
  std::size_t width = 0;  ///< dots
  std::size_t height = 0; ///< rows
  shared_bytes bits;      ///< packed rows as in `bitmap`
  std::string text;       ///< what was printed as text; pictures and codes in square brackets

  bool black(std::size_t x, std::size_t y) const;
  /// FNV-1a of width and dots, so that equal paper has equal hashes.
  std::uint64_t hash() const;
};

/// A 1-bit greyscale PNG of packed rows (black dots black), or a fault when there are none.
result<byte_vector> encode_png(std::size_t width, std::size_t height, byte_span bits);

/// The piece of paper that hangs out of a printer and is not cut yet.
class strip {
public:
  explicit strip(std::size_t width) : dots_(width, 0) {}

  std::size_t width() const { return dots_.width(); }
  std::size_t height() const { return dots_.height(); }
  const bitmap& dots() const { return dots_; }
  const std::string& text() const { return text_; }
  std::uint64_t number() const { return number_; } ///< of the receipt this will be
  bool full() const { return height() >= strip_rows; }

  void print_row(byte_span packed) { dots_.append_row(packed); }
  void feed(std::size_t rows) { dots_.append_blank_rows(rows); }
  /// Adds to the plain text, in UTF-8.
  void add_text(std::string_view text);
  /// Takes the strip off as a receipt and starts the next.
  receipt cut(cut_kind kind);

private:
  bitmap dots_;
  std::string text_;
  std::uint64_t number_ = 1;
};

} // namespace troupe::sim
