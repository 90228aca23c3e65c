#pragma once

#include "sim/model/bitmap.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::sim {

enum class justification : std::uint8_t { left, center, right };

/// How the next characters look.
struct text_style {
  bool font_b = false;
  bool bold = false;
  std::uint8_t underline = 0; ///< thickness in dots, 0..2
  bool reverse = false;       ///< white on black
  bool turned = false;        ///< each character rotated by 90 degrees clockwise
  std::uint8_t across = 1;    ///< 1..8 times
  std::uint8_t down = 1;      ///< 1..8 times
  std::uint8_t spacing = 0;   ///< dots to the right of each character, before enlarging
};

/// Where lines stand on the paper, in dots.
struct text_area {
  std::size_t left = 0;
  std::size_t width = 576;
  justification align = justification::left;
  bool upside_down = false;
};

/// Sets characters and column pictures into one line. All stand on the bottom of the line, as with
/// the real printers.
class line_composer {
public:
  /// Highest line: a character of 24 dots, eight times.
  static constexpr std::size_t highest = 192;

  explicit line_composer(std::size_t paper_width) : dots_(paper_width, highest) {}

  bool empty() const { return !used_; }
  std::size_t position() const { return x_; } ///< dots from the left of the text area
  std::size_t height() const { return height_; }
  /// Moves to a dot of the text area; beyond its end it does nothing.
  void move_to(std::size_t x, const text_area& area);
  /// Sets a character; false when the line is full, so that a new one has to be begun first.
  bool add(char16_t character, const text_style& style, const text_area& area);
  /// Sets a picture of at most `highest` rows; what does not fit at the right is lost.
  void add_picture(const bitmap& picture, const text_area& area);
  /// The line as rows across the whole paper, and a fresh start.
  bitmap take(const text_area& area);
  void discard();

private:
  void draw_cell(char16_t character, const text_style& style, std::size_t width,
                 std::size_t height);

  bitmap dots_; // drawn at x 0 with the bottom in the last row; moved when taken
  std::size_t x_ = 0;
  std::size_t end_ = 0; // rightmost dot in use
  std::size_t height_ = 0;
  bool used_ = false;
};

/// The cell of a character in dots, before underline and reverse.
bitmap draw_character(char16_t character, const text_style& style);

/// Adds a code point to a text in UTF-8.
void append_utf8(std::string& text, char16_t code_point);

} // namespace troupe::sim
