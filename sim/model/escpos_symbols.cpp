// Barcodes and two-dimensional codes.
#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

static bitmap draw_text(std::string_view text, bool font_b) {
  text_style style;
  style.font_b = font_b;
  std::size_t width = font_b ? 9 : 12, height = font_b ? 17 : 24;
  bitmap drawn(width * text.size(), height);
  for (std::size_t i = 0; i < text.size(); ++i)
    drawn.draw(i * width, 0, draw_character(static_cast<unsigned char>(text[i]), style));
  return drawn;
}

static bitmap stack(const std::vector<bitmap>& parts) {
  std::size_t width = 0, height = 0;
  for (const auto& part : parts) {
    width = std::max(width, part.width());
    height += part.height();
  }
  bitmap stacked(width, height);
  std::size_t y = 0;
  for (const auto& part : parts) {
    stacked.draw((width - part.width()) / 2, y, part);
    y += part.height();
  }
  return stacked;
}

void escpos_printer::print_barcode(byte_span data) {
  auto kind = static_cast<barcode_kind>(parameter(0) <= 6 ? parameter(0) + 65 : parameter(0));
  auto pattern = encode_barcode(kind, as_text(data));
  // The real ones print nothing when the data do not suit or the bars do not fit.
  if (!pattern) return note_unknown(header_);
  auto bars = draw_barcode(*pattern, set_.barcode_module, set_.barcode_height);
  if (bars.width() > set_.area.width) return note_unknown(header_);
  flush_line();
  close_picture();
  std::vector<bitmap> parts;
  auto text = draw_text(pattern->readable, set_.readable_font_b);
  if (set_.readable & 1) parts.push_back(text);
  parts.push_back(bars);
  if (set_.readable & 2) parts.push_back(text);
  output_aligned(stack(parts));
  picture_width_ = picture_height_ = 0; // told as a barcode instead
  add_text("[" + std::string(to_string(kind)) + " " + printable(as_bytes(pattern->readable)) +
           "]\n");
}

/// `GS ( k`: cn fn parameters. Symbol 49 is QR; others are taken and not drawn.
void escpos_printer::execute_symbol(byte_span data) {
  constexpr std::uint8_t qr = 49;
  constexpr std::size_t most_data = 7089; // digits in the largest QR code
  if (data.size() < 2) return;
  auto function = data[1];
  if (data[0] != qr) {
    if (function == 81) note_unknown(header_);
    return;
  }
  switch (function) {
  case 65:
    break; // model 1 is drawn as model 2
  case 67:
    if (data.size() > 2) set_.qr_module = std::clamp<std::size_t>(data[2], 1, 16);
    break;
  case 69:
    if (data.size() > 2 && data[2] >= 48 && data[2] <= 51) set_.qr_level = "LMQH"[data[2] - 48];
    break;
  case 80: {
    auto content = data.subspan(std::min<std::size_t>(3, data.size()));
    content = content.first(std::min(content.size(), most_data));
    symbol_data_.assign(content.begin(), content.end());
    break;
  }
  case 81:
    print_qr_code();
    break;
  default:
    note_unknown(header_);
  }
}

void escpos_printer::print_qr_code() {
  if (symbol_data_.empty()) return;
  auto code = draw_qr_code(as_text(symbol_data_), set_.qr_module, set_.qr_level);
  if (!code || code->width() > set_.area.width) return note_unknown(header_);
  flush_line();
  close_picture();
  output_aligned(*code);
  picture_width_ = picture_height_ = 0; // told as a code instead
  add_text("[QR " + printable(symbol_data_) + "]\n");
}

} // namespace troupe::sim
