#pragma once

#include "devices/printer/options.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::printer {

/// What the name of a printer says of it, as Odoo's box reads it
/// (`TM-U220__IMC_LDV_LDH_SCALE70__`).
struct name_options {
  bool column_mode = false;          ///< `IMC`: print pictures with `ESC *`
  column_options column;             ///< `LDV`, `LDH`: low density down, across
  std::uint16_t scale_percent = 100; ///< `SCALE<percent>`, 1..400
  std::string_view plain_name;       ///< the name without the options; lives as long as the name

  /// The same options with these applied.
  encode_options applied_to(encode_options options) const;
};

/// Reads the part between double underscores that starts with `IMC`; the last `__` may be missing.
/// Words it does not know, and scales out of range, are passed over. Upper and lower case are the
/// same.
name_options read_name_options(std::string_view name);

} // namespace troupe::printer
