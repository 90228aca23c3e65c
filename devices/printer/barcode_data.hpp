#pragma once

#include "messages/printing.hpp"
#include "messages/result.hpp"

#include <cstddef>
#include <string>

namespace troupe::printer {

/// Characters of one barcode, as one byte counts them in GS k.
inline constexpr std::size_t max_barcode_characters = 253;
/// Bytes of one QR code: the most that version 40 holds at level L (ISO/IEC 18004).
inline constexpr std::size_t max_qr_bytes = 7089;

/// Holds the data of a barcode against what its kind can carry. Fault: barcode.bad_data.
result<bool> check_barcode(const printing::barcode& barcode);
/// Holds the data of a QR code against its size. Fault: barcode.bad_data.
result<bool> check_qr_code(const printing::qr_code& code);

/// The level of error correction as a number: L = 0 (and anything unknown), M = 1, Q = 2, H = 3.
std::uint8_t correction_level(const printing::qr_code& code);

/// Epson's way to write Code 128: `{A`, `{B`, `{C` choose the set, `{1`..`{4` are the functions,
/// `{{` is a brace. Data that starts with a set is taken as written so; other data is plain text.
struct code128 {
  char set = 'B';   ///< the set it starts with
  std::string data; ///< still with `{` escapes; in set C one byte holds two digits
};
code128 read_code128(std::string_view data);
/// The same as plain text: functions left out, pairs of set C as digits.
std::string plain_code128(std::string_view data);

} // namespace troupe::printer
