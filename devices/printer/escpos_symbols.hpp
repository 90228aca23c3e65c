#pragma once

#include "messages/bytes.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

namespace troupe::printer::escpos {

/// Appends height, module width, place of the text and `GS k` (function B). Fault:
/// barcode.bad_data.
result<bool> append_barcode(const printing::barcode& barcode, byte_vector& out);

/// Appends the `GS ( k` commands of a QR code, model 2. Fault: barcode.bad_data.
result<bool> append_qr_code(const printing::qr_code& code, byte_vector& out);

} // namespace troupe::printer::escpos
