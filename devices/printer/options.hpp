#pragma once

#include <cstdint>

namespace troupe::printer {

/// How column mode (`ESC *`) prints pictures.
struct column_options {
  bool dense_down = true;   ///< 24 dots a strip, else 8
  bool dense_across = true; ///< the finer of the two horizontal densities
};

/// What the encoders need to know of a printer.
struct encode_options {
  /// Dots across the paper: 384 (58 mm) .. 832 (104 mm). Places labels and their text.
  std::uint16_t paper_width_dots = 576;
  /// Pictures wider than this are scaled down to it; 0 keeps their dots, as Odoo's box does.
  std::uint16_t max_width_dots = 0;
  /// Every picture is scaled to this percentage first, beside its own (`SCALE70` of a name).
  std::uint16_t scale_percent = 100;
  /// Rows of one `GS v 0` command: 1..255.
  std::uint16_t slice_rows = 255;
  column_options column;
};

/// Dots that Star, Epson and Zebra printers put on a millimetre at 203 dots an inch.
inline constexpr unsigned dots_a_millimetre = 8;
/// Dots of a line of text, and of `printing::feed::lines`.
inline constexpr unsigned line_dots = 30;

} // namespace troupe::printer
