#include "devices/printer/escpos_symbols.hpp"

#include "devices/printer/barcode_data.hpp"

#include <algorithm>
#include <initializer_list>

namespace troupe::printer::escpos {
namespace {

void put(byte_vector& out, std::initializer_list<std::uint8_t> bytes) {
  out.insert(out.end(), bytes);
}

/// m of `GS k`, function B.
std::uint8_t kind_number(printing::barcode_kind kind) {
  using printing::barcode_kind;
  switch (kind) {
  case barcode_kind::upc_a:
    return 65;
  case barcode_kind::upc_e:
    return 66;
  case barcode_kind::ean13:
    return 67;
  case barcode_kind::ean8:
    return 68;
  case barcode_kind::code39:
    return 69;
  case barcode_kind::itf:
    return 70;
  case barcode_kind::codabar:
    return 71;
  case barcode_kind::code93:
    return 72;
  case barcode_kind::code128:
    return 73;
  }
  return 73;
}

} // namespace

result<bool> append_barcode(const printing::barcode& barcode, byte_vector& out) {
  if (auto fine = check_barcode(barcode); !fine) return fine;
  std::string data = barcode.data;
  if (barcode.kind == printing::barcode_kind::code128) {
    const auto read = read_code128(barcode.data);
    data = std::string{'{', read.set} + read.data;
  }
  if (data.size() > 255)
    return fault{"barcode.bad_data", "The data is too long for a barcode.", "Shorten the data.",
                 422};
  put(out, {0x1D, 0x68, std::max<std::uint8_t>(barcode.height_dots, 1)});
  put(out, {0x1D, 0x77, std::clamp<std::uint8_t>(barcode.module_dots, 2, 6)});
  put(out, {0x1D, 0x48, static_cast<std::uint8_t>(barcode.text)});
  put(out, {0x1D, 0x6B, kind_number(barcode.kind), static_cast<std::uint8_t>(data.size())});
  out.insert(out.end(), data.begin(), data.end());
  return true;
}

result<bool> append_qr_code(const printing::qr_code& code, byte_vector& out) {
  if (auto fine = check_qr_code(code); !fine) return fine;
  const auto level = static_cast<std::uint8_t>(0x30 + correction_level(code));
  const std::size_t stored = code.data.size() + 3;
  put(out, {0x1D, 0x28, 0x6B, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00});
  put(out, {0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43,
            std::clamp<std::uint8_t>(code.module_dots, 1, 16)});
  put(out, {0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x45, level});
  put(out, {0x1D, 0x28, 0x6B, static_cast<std::uint8_t>(stored),
            static_cast<std::uint8_t>(stored >> 8), 0x31, 0x50, 0x30});
  out.insert(out.end(), code.data.begin(), code.data.end());
  put(out, {0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x51, 0x30});
  return true;
}

} // namespace troupe::printer::escpos
