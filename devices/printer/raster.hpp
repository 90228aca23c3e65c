#pragma once

#include "devices/printer/bitmap.hpp"
#include "devices/printer/options.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

namespace troupe::printer {

/// A picture as dots: decoded, scaled by its own and the options' percentage and to the greatest
/// width, dithered. Faults as `decode_picture`.
result<bitmap> rasterize(const printing::picture& picture, const encode_options& options);

/// Given dots as a bitmap. Faults: raster.bad_size when the bits do not fill the size exactly.
result<bitmap> rasterize(const printing::raster& raster);

/// A QR code drawn here, for printers that cannot. Fault: barcode.bad_data.
result<bitmap> rasterize(const printing::qr_code& code);

} // namespace troupe::printer
