#pragma once

#include "devices/printer/bitmap.hpp"

#include <string>

namespace troupe::printer::zpl {

/// Appends `^GFA` with the dots in hexadecimal, in ZPL's own compression: counted repeats (G..Y,
/// g..z), `,` for a row that goes on white, `!` for one that goes on black, `:` for the row above.
void append_graphic(const bitmap& dots, std::string& out);

} // namespace troupe::printer::zpl
