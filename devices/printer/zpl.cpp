#include "devices/printer/zpl.hpp"

#include "devices/printer/barcode_data.hpp"
#include "devices/printer/encode_operations.hpp"
#include "devices/printer/raster.hpp"
#include "devices/printer/zpl_graphic.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace troupe::printer::zpl {
namespace {

using printing::alignment;
using printing::barcode_kind;

/// Font 0 at this height fills a line of `line_dots`.
constexpr unsigned font_dots = 26;
/// The text of a barcode takes about this much below (or above) its bars.
constexpr unsigned barcode_text_dots = 30;
/// Rows that a module of a QR code label keeps free around it.
constexpr unsigned symbol_gap_dots = 12;
/// Labels are no shorter than this, so that the printer's own minimum is met.
constexpr unsigned least_label_dots = 8;

/// Field data with the characters that ZPL would read as commands in hexadecimal (`^FH`).
std::string field_data(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string data;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '^' || c == '~' || c == '_' || c == '\\' || byte < 0x20 || byte == 0x7F) {
      data += '_';
      data += digits[byte >> 4];
      data += digits[byte & 15];
    } else {
      data += c;
    }
  }
  return data;
}

/// The command that chooses the kind of the next field's bars; `height` in dots.
std::string barcode_command(const printing::barcode& barcode) {
  const auto height = std::to_string(std::max<int>(barcode.height_dots, 1));
  const bool above = barcode.text == printing::barcode_text::above;
  const std::string text = std::string(",") +
                           (barcode.text == printing::barcode_text::none ? 'N' : 'Y') + ',' +
                           (above ? 'Y' : 'N');
  switch (barcode.kind) {
  case barcode_kind::upc_a:
    return "^BUN," + height + text + ",Y";
  case barcode_kind::upc_e:
    return "^B9N," + height + text + ",Y";
  case barcode_kind::ean13:
    return "^BEN," + height + text;
  case barcode_kind::ean8:
    return "^B8N," + height + text;
  case barcode_kind::code39:
    return "^B3N,N," + height + text;
  case barcode_kind::itf:
    return "^B2N," + height + text + ",N";
  case barcode_kind::codabar:
    return "^BKN,N," + height + text;
  case barcode_kind::code93:
    return "^BAN," + height + text + ",N";
  case barcode_kind::code128:
    return "^BCN," + height + text + ",N,A";
  }
  return {};
}

/// Data as ZPL takes it: without the check digit that it adds itself.
std::string barcode_field(const printing::barcode& barcode) {
  const auto& data = barcode.data;
  switch (barcode.kind) {
  case barcode_kind::upc_a:
    return data.substr(0, 11);
  case barcode_kind::ean13:
    return data.substr(0, 12);
  case barcode_kind::ean8:
    return data.substr(0, 7);
  case barcode_kind::code128:
    return plain_code128(data);
  default:
    return data;
  }
}

class encoder {
public:
  encoder(const encode_options& options, byte_vector& out) : options_(options), out_(out) {}

  result<bool> operator()(const printing::picture& picture) {
    return place(rasterize(picture, options_), alignment::center);
  }
  result<bool> operator()(const printing::raster& raster) {
    return place(rasterize(raster), raster.align);
  }
  result<bool> operator()(const printing::qr_code& code) {
    return place(rasterize(code), code.align);
  }

  result<bool> operator()(const printing::text& text) {
    std::string_view left = text.content;
    while (!left.empty()) {
      const auto end = left.find('\n');
      place_line(left.substr(0, end), text);
      left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    }
    return true;
  }

  result<bool> operator()(const printing::feed& feed) {
    down_ += feed.lines * line_dots + feed.dots;
    return true;
  }

  result<bool> operator()(const printing::barcode& barcode) {
    if (auto fine = check_barcode(barcode); !fine) return fine;
    const bool text = barcode.text != printing::barcode_text::none;
    const bool above = barcode.text == printing::barcode_text::above;
    begin_field(0, above ? barcode_text_dots : 0);
    label_ += "^BY" + std::to_string(std::clamp<int>(barcode.module_dots, 1, 10)) +
              barcode_command(barcode) + "^FH^FD" + field_data(barcode_field(barcode)) + "^FS\n";
    down_ += std::max<unsigned>(barcode.height_dots, 1) + (text ? barcode_text_dots : 0) +
             symbol_gap_dots;
    return true;
  }

  result<bool> operator()(const printing::cut&) {
    end_label(true);
    return true;
  }

  result<bool> operator()(const printing::drawer_pulse&) {
    return fault{"printer.no_drawer", "A label printer cannot open a cash drawer.",
                 "Connect the drawer to a receipt printer.", 422};
  }

  result<bool> operator()(const printing::raw& raw) {
    end_label(false);
    const auto bytes = raw.bytes.view();
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return true;
  }

  /// Ends the label that is still open, if any.
  void end_label(bool cut) {
    if (!open_) return;
    append("^XA^CI28^PW" + std::to_string(options_.paper_width_dots) + "^LL" +
           std::to_string(std::max(down_, least_label_dots)) + "^LH0,0" + (cut ? "^MMC" : "") +
           "\n");
    append(label_);
    append("^XZ\n");
    label_.clear();
    down_ = 0;
    open_ = false;
  }

private:
  void append(std::string_view text) { out_.insert(out_.end(), text.begin(), text.end()); }

  void begin_field(unsigned across, unsigned lower = 0) {
    label_ += "^FO" + std::to_string(across) + "," + std::to_string(down_ + lower);
    open_ = true;
  }

  void place_line(std::string_view line, const printing::text& text) {
    constexpr std::string_view sides = "LCR";
    const unsigned height = std::clamp<unsigned>(text.height, 1, 8);
    const unsigned width = std::clamp<unsigned>(text.width, 1, 8);
    if (!line.empty()) {
      begin_field(0);
      label_ += "^A0N," + std::to_string(font_dots * height) + "," +
                std::to_string(font_dots * width) + "^FB" +
                std::to_string(options_.paper_width_dots) + ",1,0," +
                sides[static_cast<std::size_t>(text.align) % sides.size()] +
                (text.reverse ? ",0^FR" : "") + "^FH^FD" + field_data(line) + "^FS\n";
    }
    down_ += line_dots * height;
  }

  result<bool> place(result<bitmap> dots, alignment align) {
    if (!dots) return dots.error();
    const unsigned paper = options_.paper_width_dots;
    const unsigned free = dots->width < paper ? paper - dots->width : 0;
    begin_field(align == alignment::left ? 0 : align == alignment::center ? free / 2 : free);
    append_graphic(*dots, label_);
    label_ += "^FS\n";
    down_ += dots->height;
    return true;
  }

  const encode_options& options_;
  byte_vector& out_;
  std::string label_;
  unsigned down_ = 0; ///< dots from the upper edge of the label
  bool open_ = false; ///< whether the label holds anything
};

} // namespace

result<bool> encode(const printing::document& document, const encode_options& options,
                    byte_vector& out) {
  const auto before = out.size();
  encoder encode_one(options, out);
  auto done = encode_operations(
      document, [&](const auto& operation) { return encode_one(operation); }, out);
  if (!done) return done;
  encode_one.end_label(false);
  if (out.size() - before > max_encoded_bytes) {
    out.resize(before);
    return fault{"document.too_large", "The document is too large to print.", "Print it in parts.",
                 413};
  }
  return true;
}

} // namespace troupe::printer::zpl
