#pragma once

#include "messages/printing.hpp"

#include <string>

namespace troupe::box {

/// What the slip with the code tells.
struct pairing_slip {
  std::string box_name;
  std::string code; ///< as shown: "BCDF-GHJK"
  std::string connect_url;
  std::string valid_until; ///< as people read it; empty: the box's clock is not to be trusted
};

/// The slip as a document, ending in a cut.
printing::document make_slip(const pairing_slip& told);
/// What tells of several boxes which one this is: its name, large.
printing::document make_name_slip(const std::string& box_name);

} // namespace troupe::box
