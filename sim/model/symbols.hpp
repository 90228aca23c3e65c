#pragma once

#include "messages/result.hpp"
#include "sim/model/bitmap.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::sim {

/// The one-dimensional codes of `GS k`, numbered as in its function B (m = 65 ...).
enum class barcode_kind : std::uint8_t {
  upc_a = 65,
  upc_e,
  ean13,
  ean8,
  code39,
  itf,
  codabar,
  code93,
  code128
};
std::string_view to_string(barcode_kind kind);

/// A barcode as the widths of its bars and gaps in turn, beginning with a bar, each '1' to '4'
/// times the module; wide elements of two-width codes are 'W'.
struct barcode_pattern {
  std::string widths;
  std::string readable; ///< what is written beside it, check digit included
};

/// Translates the data of `GS k` to bars. A fault when the data do not suit the code: the real
/// printers print nothing then.
result<barcode_pattern> encode_barcode(barcode_kind kind, std::string_view data);

/// Draws the bars: `module` dots the narrowest element (wide ones 2.5 times), `height` dots high.
bitmap draw_barcode(const barcode_pattern& pattern, std::size_t module, std::size_t height);

/// A QR code of model 2 with `module` dots a square and no margin. `level` is one of L, M, Q, H.
result<bitmap> draw_qr_code(std::string_view data, std::size_t module, char level);

} // namespace troupe::sim
