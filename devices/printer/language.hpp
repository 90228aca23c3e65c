#pragma once

#include "devices/printer/options.hpp"
#include "messages/bytes.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::printer {

/// What a printer understands.
enum class language : std::uint8_t {
  escpos,        ///< Epson ESC/POS, pictures by `GS v 0`
  escpos_column, ///< the same, pictures by `ESC *` (TM-U220, TM-U230, TM-P60, TM-P60II)
  star,          ///< Star Line Mode
  zpl,           ///< Zebra labels
  raw            ///< only bytes that the sender made for it
};

/// "escpos", "escpos_column", "star", "zpl", "raw": as written in settings and in device facts.
std::string_view name_of(language language);
std::optional<language> language_named(std::string_view name);

/// Turns a document into the bytes to send: the one entry for whoever drives a printer. A pure
/// function; pictures make it take milliseconds. Faults: picture.* (see `decode_picture`),
/// raster.bad_size, barcode.bad_data, document.too_large, document.empty,
/// document.needs_language (`raw` takes raw bytes alone), printer.no_drawer.
result<byte_vector> encode(language language, const printing::document& document,
                           const encode_options& options = {});

} // namespace troupe::printer
