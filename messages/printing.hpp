#pragma once

#include "messages/bytes.hpp"
#include "messages/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What may be printed, independent of the printer's language. Dialects (Odoo, ePOS) make it;
/// `devices/printer` turns it into bytes.
namespace troupe::printing {

enum class alignment : std::uint8_t { left, center, right };
constexpr auto names_of(alignment) {
  return std::array{enum_name{alignment::left, "left"}, enum_name{alignment::center, "center"},
                    enum_name{alignment::right, "right"}};
}

/// A picture as JPEG or PNG, scaled to `scale_percent` (1..400) of its dots before printing.
struct picture {
  shared_bytes encoded;
  std::uint16_t scale_percent = 100;
  static constexpr auto fields = describe<picture>("picture", field("encoded", &picture::encoded),
                                                   field("scale_percent", &picture::scale_percent));
};

/// One bit a dot, 1 = black, rows padded to whole bytes, most significant bit first.
/// `bits.size()` is `(width + 7) / 8 * height`.
struct raster {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  alignment align = alignment::left;
  shared_bytes bits;
  static constexpr auto fields =
      describe<raster>("raster", field("width", &raster::width), field("height", &raster::height),
                       field("align", &raster::align), field("bits", &raster::bits));
};

/// Text in UTF-8; a line ends with "\n". The printer picks code pages itself.
struct text {
  std::string content;
  alignment align = alignment::left;
  std::uint8_t width = 1;  ///< 1..8 times
  std::uint8_t height = 1; ///< 1..8 times
  bool bold = false;
  bool underline = false;
  bool reverse = false; ///< white on black
  static constexpr auto fields = describe<text>(
      "text", field("content", &text::content), field("align", &text::align),
      field("width", &text::width), field("height", &text::height), field("bold", &text::bold),
      field("underline", &text::underline), field("reverse", &text::reverse));
};

/// Blank paper: lines of 30 dots, then dots.
struct feed {
  std::uint16_t lines = 0;
  std::uint16_t dots = 0;
  static constexpr auto fields =
      describe<feed>("feed", field("lines", &feed::lines), field("dots", &feed::dots));
};

enum class barcode_kind : std::uint8_t {
  upc_a,
  upc_e,
  ean13,
  ean8,
  code39,
  itf,
  codabar,
  code93,
  code128
};
constexpr auto names_of(barcode_kind) {
  using k = barcode_kind;
  return std::array{enum_name{k::upc_a, "upc_a"},     enum_name{k::upc_e, "upc_e"},
                    enum_name{k::ean13, "ean13"},     enum_name{k::ean8, "ean8"},
                    enum_name{k::code39, "code39"},   enum_name{k::itf, "itf"},
                    enum_name{k::codabar, "codabar"}, enum_name{k::code93, "code93"},
                    enum_name{k::code128, "code128"}};
}
enum class barcode_text : std::uint8_t { none, above, below, both };
constexpr auto names_of(barcode_text) {
  using t = barcode_text;
  return std::array{enum_name{t::none, "none"}, enum_name{t::above, "above"},
                    enum_name{t::below, "below"}, enum_name{t::both, "both"}};
}

struct barcode {
  barcode_kind kind = barcode_kind::code128;
  std::string data;
  std::uint8_t module_dots = 3;   ///< 2..6
  std::uint8_t height_dots = 162; ///< 1..255
  barcode_text text = barcode_text::none;
  alignment align = alignment::left;
  static constexpr auto fields = describe<barcode>(
      "barcode", field("symbology", &barcode::kind), field("data", &barcode::data),
      field("module_dots", &barcode::module_dots), field("height_dots", &barcode::height_dots),
      field("text", &barcode::text), field("align", &barcode::align));
};

/// A QR code, model 2. `error_correction` is one of L, M, Q, H.
struct qr_code {
  std::string data;
  std::uint8_t module_dots = 3; ///< 1..16
  std::string error_correction = "L";
  alignment align = alignment::left;
  static constexpr auto fields = describe<qr_code>(
      "qr_code", field("data", &qr_code::data), field("module_dots", &qr_code::module_dots),
      field("error_correction", &qr_code::error_correction), field("align", &qr_code::align));
};

enum class cut_kind : std::uint8_t { feed_and_cut, cut_here };
constexpr auto names_of(cut_kind) {
  return std::array{enum_name{cut_kind::feed_and_cut, "feed_and_cut"},
                    enum_name{cut_kind::cut_here, "cut_here"}};
}
struct cut {
  cut_kind kind = cut_kind::feed_and_cut;
  static constexpr auto fields = describe<cut>("cut", field("how", &cut::kind));
};

/// A pulse on one drawer connector, or on both in turn when `connector` is empty.
struct drawer_pulse {
  std::optional<std::uint8_t> connector; ///< 0 (pin 2) or 1 (pin 5)
  std::uint16_t on_ms = 50;              ///< 2..510
  static constexpr auto fields =
      describe<drawer_pulse>("drawer_pulse", field("connector", &drawer_pulse::connector),
                             field("on_ms", &drawer_pulse::on_ms));
};

/// Bytes in the printer's own language (ESC/POS, ZPL, Star), passed through untouched.
struct raw {
  shared_bytes bytes;
  static constexpr auto fields = describe<raw>("raw", field("bytes", &raw::bytes));
};

using operation =
    std::variant<picture, raster, text, feed, barcode, qr_code, cut, drawer_pulse, raw>;

/// What one action prints, in order.
struct document {
  std::vector<operation> operations;
  static constexpr auto fields =
      describe<document>("document", field("operations", &document::operations));
};

} // namespace troupe::printing
