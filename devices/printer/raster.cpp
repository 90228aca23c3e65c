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

/// The last picture's memory of this thread, used again (if small): to ask the system for it anew
/// takes as long as a third of the decoding.
class kept_picture {
public:
  kept_picture() = default;
  kept_picture(const kept_picture&) = delete;
  kept_picture& operator=(const kept_picture&) = delete;
  ~kept_picture() {
    constexpr std::size_t most_kept_bytes = 1024 * 1024;
    if (picture().dots.capacity() > most_kept_bytes) picture() = {};
  }
  static grey_image& picture() {
    thread_local grey_image kept;
    return kept;
  }
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
  const kept_picture kept;
  if (auto done = decode_picture_into(picture.encoded.view(), kept.picture()); !done)
    return done.error();
  const grey_image* current = &kept.picture();
  grey_image scaled;
  for (std::uint32_t percent : {picture.scale_percent, options.scale_percent}) {
    if (percent == 100) continue;
    auto next = scale_percent(*current, percent);
    if (!next) return next.error();
    scaled = *std::move(next);
    current = &scaled;
  }
  const std::uint32_t widest = options.max_width_dots;
  if (widest != 0 && current->width > widest) {
    const auto height = std::uint64_t{current->height} * widest / current->width;
    scaled =
        scale(*current, widest, static_cast<std::uint32_t>(std::max<std::uint64_t>(height, 1)));
    current = &scaled;
  }
  return dither(*current);
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
