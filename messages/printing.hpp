#pragma once

#include "messages/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What may be printed, independent of the printer's language. Dialects (Odoo, ePOS) make it;
/// `devices/printer` turns it into bytes.
namespace troupe::printing {

enum class alignment : std::uint8_t { left, center, right };

/// A picture as JPEG or PNG, scaled to `scale_percent` (1..400) of its dots before printing.
struct picture {
  shared_bytes encoded;
  std::uint16_t scale_percent = 100;
};

/// One bit a dot, 1 = black, rows padded to whole bytes, most significant bit first.
/// `bits.size()` is `(width + 7) / 8 * height`.
struct raster {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  alignment align = alignment::left;
  shared_bytes bits;
};

/// Text in UTF-8; a line ends with "\n". The printer picks code pages itself.
struct text {
  std::string content;
  alignment align = alignment::left;
  std::uint8_t width = 1;   ///< 1..8 times
  std::uint8_t height = 1;  ///< 1..8 times
  bool bold = false;
  bool underline = false;
  bool reverse = false;     ///< white on black
};

struct feed { std::uint16_t lines = 0; std::uint16_t dots = 0; };  ///< lines of 30 dots, then dots

enum class barcode_kind : std::uint8_t {
  upc_a, upc_e, ean13, ean8, code39, itf, codabar, code93, code128
};
enum class barcode_text : std::uint8_t { none, above, below, both };

struct barcode {
  barcode_kind kind = barcode_kind::code128;
  std::string data;
  std::uint8_t module_dots = 3;     ///< 2..6
  std::uint8_t height_dots = 162;   ///< 1..255
  barcode_text text = barcode_text::none;
  alignment align = alignment::left;
};

/// A QR code, model 2. `error_correction` is one of L, M, Q, H.
struct qr_code {
  std::string data;
  std::uint8_t module_dots = 3;  ///< 1..16
  char error_correction = 'L';
  alignment align = alignment::left;
};

enum class cut_kind : std::uint8_t { feed_and_cut, cut_here };
struct cut { cut_kind kind = cut_kind::feed_and_cut; };

/// A pulse on one drawer connector, or on both in turn when `connector` is empty.
struct drawer_pulse {
  std::optional<std::uint8_t> connector;  ///< 0 (pin 2) or 1 (pin 5)
  std::uint16_t on_ms = 50;               ///< 2..510
};

/// Bytes in the printer's own language (ESC/POS, ZPL, Star), passed through untouched.
struct raw { shared_bytes bytes; };

using operation =
    std::variant<picture, raster, text, feed, barcode, qr_code, cut, drawer_pulse, raw>;

/// What one action prints, in order.
struct document {
  std::vector<operation> operations;
};

} // namespace troupe::printing
