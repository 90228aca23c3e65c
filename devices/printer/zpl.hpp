#pragma once

#include "devices/printer/options.hpp"
#include "messages/bytes.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

/// Zebra's ZPL II, the language of label printers (ZPL II Programming Guide).
namespace troupe::printer::zpl {

/// Appends a document in ZPL: raw bytes untouched, everything else placed one below the other on a
/// label as wide as `paper_width_dots`, which ends at each cut and at the end. Nothing is appended
/// on a fault: picture.*, raster.bad_size, barcode.bad_data, and printer.no_drawer, since label
/// printers drive none.
result<bool> encode(const printing::document& document, const encode_options& options,
                    byte_vector& out);

} // namespace troupe::printer::zpl
