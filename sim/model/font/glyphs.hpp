#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace troupe::sim {

/// Dots across and down of a character cell.
constexpr int font_a_width = 12, font_a_height = 24;
constexpr int font_b_width = 9, font_b_height = 17;

/// One character in both of the printer's fonts. A row is one integer; its leftmost dot is the
/// highest of the cell's 12 or 9 bits.
struct glyph {
  char16_t code_point;
  std::array<std::uint16_t, font_a_height> a;
  std::array<std::uint16_t, font_b_height> b;
};

/// The whole character generator, ascending by code point (`glyphs.cpp`, made by `generate.py`).
std::span<const glyph> all_glyphs();

/// The glyph of a character; an empty square for one the font lacks.
const glyph& find_glyph(char16_t code_point);

} // namespace troupe::sim
