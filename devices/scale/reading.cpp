#include "devices/scale/reading.hpp"

#include <cmath>
#include <cstdlib>

namespace troupe::scale {
namespace {

constexpr std::size_t most_digits = 15; // what a double holds exactly
constexpr std::uint8_t most_places = 9;

} // namespace

std::string decimal::text() const {
  auto out = std::to_string(std::llabs(digits));
  if (places > 0) {
    if (out.size() <= places) out.insert(0, places + 1 - out.size(), '0');
    out.insert(out.size() - places, 1, '.');
  }
  if (digits < 0) out.insert(0, 1, '-');
  return out;
}

double decimal::number() const {
  return static_cast<double>(digits) / std::pow(10.0, places);
}

std::optional<decimal> parse_decimal(std::string_view text) {
  decimal out;
  std::size_t count = 0;
  bool behind_point = false;
  for (const char c : text) {
    if (c == '.' || c == ',') {
      if (behind_point) return std::nullopt;
      behind_point = true;
    } else if (c >= '0' && c <= '9') {
      if (++count > most_digits || (behind_point && ++out.places > most_places))
        return std::nullopt;
      out.digits = out.digits * 10 + (c - '0');
    } else {
      return std::nullopt;
    }
  }
  if (count == 0) return std::nullopt;
  return out;
}

} // namespace troupe::scale
