#pragma once

#include "devices/printer/options.hpp"
#include "messages/bytes.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

/// Star Line Mode, the language of Star's receipt printers, with pictures in Star raster mode.
/// Byte values: Star Line Mode Command Specifications; those of pictures, cut and drawer are the
/// ones that Odoo's box sends.
namespace troupe::printer::star {

/// Appends a whole document in Star Line Mode. Nothing is appended on a fault: picture.*,
/// raster.bad_size, barcode.bad_data. A barcode's text can only stand below (or not at all), text
/// grows at most 6 times, and a drawer's own pulse time is counted in steps of 10 ms.
result<bool> encode(const printing::document& document, const encode_options& options,
                    byte_vector& out);

} // namespace troupe::printer::star
