#pragma once

#include "transport/json.hpp"

#include <string_view>

namespace troupe::web {

/// A QR code as pages draw it: rows of "1" (dark) and "0", the quiet zone included. Correction
/// level M. Empty when the content is too long for one.
transport::json_value qr_rows(std::string_view content);

} // namespace troupe::web
