#pragma once

#include "messages/printing.hpp"

#include <string>
#include <vector>

namespace troupe::printer {

/// What a status ticket tells; empty fields are left out.
struct ticket {
  std::string box_name;
  std::string identifier; ///< serial number of the box
  std::string version;
  std::string printer_name;
  std::string time;                   ///< as people read it
  std::vector<std::string> addresses; ///< IP addresses of the box
  std::string homepage;               ///< URL, printed as text and QR code
  std::string setup_code;
  std::string pairing_code;
};

/// The status ticket as a document, ending in a cut: shows that the printer prints, in which width
/// and letters, and where the box is found.
printing::document make_ticket(const ticket& told);

} // namespace troupe::printer
