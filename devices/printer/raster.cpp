#include "devices/printer/raster.hpp"

#include "devices/printer/barcode_data.hpp"
#include "devices/printer/dither.hpp"
#include "devices/printer/picture.hpp"

#include <algorithm>
#include <memory>
#include <qrencode.h>
#include <string>

namespace troupe::printer {
namespace {

struct qr_closer {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

/// White modules around a QR code (ISO/IEC 18004 asks for 4).
constexpr unsigned quiet_modules = 4;

QRecLevel library_level(const printing::qr_code& code) {
  constexpr QRecLevel levels[]{QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};
  return levels[correction_level(code)];
}

void blacken(bitmap& dots, std::size_t left, std::size_t top, unsigned side) {
  for (std::size_t y = top; y < top + side; ++y)
    for (std::size_t x = left; x < left + side; ++x)
      dots.set_black(x, y);
}

} // namespace

result<bitmap> rasterize(const printing::picture& picture, const encode_options& options) {
  auto grey = decode_picture(picture.encoded.view());
  if (!grey) return grey.error();
  auto scaled = scale_percent(std::move(*grey), picture.scale_percent);
  if (scaled) scaled = scale_percent(*std::move(scaled), options.scale_percent);
  if (!scaled) return scaled.error();
  if (options.max_width_dots != 0 && scaled->width > options.max_width_dots) {
    const auto height = std::uint64_t{scaled->height} * options.max_width_dots / scaled->width;
    scaled = scale(*scaled, options.max_width_dots,
                   static_cast<std::uint32_t>(std::max<std::uint64_t>(height, 1)));
  }
  return dither(*scaled);
}

result<bitmap> rasterize(const printing::raster& raster) {
  const std::size_t expected = (std::size_t{raster.width} + 7) / 8 * raster.height;
  if (expected == 0 || raster.bits.size() != expected)
    return fault{"raster.bad_size",
                 "A raster of " + std::to_string(raster.width) + " x " +
                     std::to_string(raster.height) + " dots has " + std::to_string(expected) +
                     " bytes, not " + std::to_string(raster.bits.size()) + ".",
                 "Send as many bytes as width and height ask for.", 422};
  bitmap dots;
  dots.width = raster.width;
  dots.height = raster.height;
  const auto bits = raster.bits.view();
  dots.bits.assign(bits.begin(), bits.end());
  return dots;
}

result<bitmap> rasterize(const printing::qr_code& code) {
  if (auto fine = check_qr_code(code); !fine) return fine.error();
  const std::unique_ptr<QRcode, qr_closer> drawn(QRcode_encodeData(
      static_cast<int>(code.data.size()), reinterpret_cast<const unsigned char*>(code.data.data()),
      0, library_level(code)));
  if (!drawn)
    return fault{"barcode.bad_data", "The data is too long for a QR code of this error correction.",
                 "Shorten the data or choose a lower error correction.", 422};
  const unsigned side = std::clamp<unsigned>(code.module_dots, 1, 16);
  const auto modules = static_cast<unsigned>(drawn->width);
  bitmap dots((modules + 2 * quiet_modules) * side, (modules + 2 * quiet_modules) * side);
  for (unsigned y = 0; y < modules; ++y)
    for (unsigned x = 0; x < modules; ++x)
      if (drawn->data[y * modules + x] & 1)
        blacken(dots, (x + quiet_modules) * side, (y + quiet_modules) * side, side);
  return dots;
}

} // namespace troupe::printer
