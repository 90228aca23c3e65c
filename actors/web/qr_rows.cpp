#include "actors/web/qr_rows.hpp"

#include <memory>
#include <qrencode.h>
#include <string>
#include <utility>

namespace troupe::web {
namespace {

/// White modules around a QR code (ISO/IEC 18004 asks for 4).
constexpr std::size_t quiet_modules = 4;

struct free_code {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

} // namespace

transport::json_value qr_rows(std::string_view content) {
  auto rows = transport::json_value::array();
  const std::unique_ptr<QRcode, free_code> code(
      QRcode_encodeData(static_cast<int>(content.size()),
                        reinterpret_cast<const unsigned char*>(content.data()), 0, QR_ECLEVEL_M));
  if (!code) return rows;
  const auto modules = static_cast<std::size_t>(code->width);
  const auto side = modules + 2 * quiet_modules;
  for (std::size_t y = 0; y < side; ++y) {
    std::string row(side, '0');
    const auto inside = y >= quiet_modules && y < quiet_modules + modules;
    for (std::size_t x = 0; inside && x < modules; ++x)
      if (code->data[(y - quiet_modules) * modules + x] & 1) row[x + quiet_modules] = '1';
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace troupe::web
