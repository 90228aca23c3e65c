#include "sim/model/symbols.hpp"

#include <algorithm>
#include <memory>
#include <qrencode.h>

namespace troupe::sim {

std::string_view to_string(barcode_kind kind) {
  switch (kind) {
  case barcode_kind::upc_a:
    return "UPC-A";
  case barcode_kind::upc_e:
    return "UPC-E";
  case barcode_kind::ean13:
    return "EAN13";
  case barcode_kind::ean8:
    return "EAN8";
  case barcode_kind::code39:
    return "CODE39";
  case barcode_kind::itf:
    return "ITF";
  case barcode_kind::codabar:
    return "CODABAR";
  case barcode_kind::code93:
    return "CODE93";
  case barcode_kind::code128:
    return "CODE128";
  }
  return "?";
}

bitmap draw_barcode(const barcode_pattern& pattern, std::size_t module, std::size_t height) {
  auto dots = [&](char width) {
    if (width == 'W') return (5 * module + 1) / 2; // Epson: 5, 8, 10, 13, 15 dots for 2 to 6
    return static_cast<std::size_t>(width - '0') * module;
  };
  std::size_t total = 0;
  for (auto width : pattern.widths)
    total += dots(width);
  bitmap bars(total, height);
  std::size_t x = 0;
  bool black = true;
  for (auto width : pattern.widths) {
    if (black) bars.fill(x, 0, dots(width), height);
    x += dots(width);
    black = !black;
  }
  return bars;
}

result<bitmap> draw_qr_code(std::string_view data, std::size_t module, char level) {
  auto correction = level == 'H'   ? QR_ECLEVEL_H
                    : level == 'Q' ? QR_ECLEVEL_Q
                    : level == 'M' ? QR_ECLEVEL_M
                                   : QR_ECLEVEL_L;
  std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(data.size()),
                        reinterpret_cast<const unsigned char*>(data.data()), 0, correction),
      QRcode_free);
  if (!code)
    return fault{"qr.data", "The data do not fit a QR code.", "Send 1 to 2953 bytes.", 422};
  auto side = static_cast<std::size_t>(code->width);
  bitmap squares(side, side);
  for (std::size_t i = 0; i < side * side; ++i)
    if (code->data[i] & 1) squares.set(i % side, i / side);
  return squares.enlarged(module, module);
}

} // namespace troupe::sim
