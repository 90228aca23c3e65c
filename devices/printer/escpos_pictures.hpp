#pragma once

#include "devices/printer/bitmap.hpp"
#include "devices/printer/options.hpp"
#include "messages/bytes.hpp"

#include <cstdint>

namespace troupe::printer::escpos {

/// Appends `GS v 0` commands of at most `slice_rows` (1..255) rows each.
void append_raster(const bitmap& dots, std::uint16_t slice_rows, byte_vector& out);

/// Appends `ESC *` strips of 24 or 8 rows, with the line spacing (`ESC 3 16`) that leaves no gap
/// between them, and the standard spacing (`ESC 2`) afterwards.
void append_columns(const bitmap& dots, const column_options& options, byte_vector& out);

} // namespace troupe::printer::escpos
