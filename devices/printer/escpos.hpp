#pragma once

#include "devices/printer/options.hpp"
#include "messages/bytes.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

#include <cstdint>
#include <initializer_list>

/// Epson ESC/POS, the language of most receipt printers. Byte values: Epson's ESC/POS command
/// reference; those of pictures, cut and drawer are the ones that Odoo's box sends.
namespace troupe::printer::escpos {

/// Which command prints pictures: `GS v 0`, or `ESC *` for printers (most of them impact printers,
/// such as the TM-U220) that do not know it.
enum class picture_mode : std::uint8_t { raster, column };

/// Appends a whole document in ESC/POS. Nothing is appended on a fault: those of the pictures and
/// barcodes (picture.*, raster.bad_size, barcode.bad_data).
result<bool> encode(const printing::document& document, picture_mode mode,
                    const encode_options& options, byte_vector& out);

} // namespace troupe::printer::escpos
