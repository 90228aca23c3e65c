#pragma once

#include "messages/describe.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a scale says: pure, from bytes to values.
namespace troupe::scale {

/// A number exactly as the scale said it: its digits, and how many of them stand behind the point.
struct decimal {
  std::int64_t digits = 0; ///< with the sign
  std::uint8_t places = 0; ///< 0..9
  /// "-0.452"; the places are always written.
  std::string text() const;
  /// The nearest binary number, for those who cannot take digits.
  double number() const;
  bool operator==(const decimal&) const = default;
};

/// Digits with at most one point or comma; at most 15 digits, 9 of them behind the point.
std::optional<decimal> parse_decimal(std::string_view text);

/// What an answer means. Only `weight` is a weight that somebody may be charged for.
enum class outcome : std::uint8_t {
  weight,
  moving,     ///< not settled; `value` may hold what the display shows
  over,       ///< more than it can weigh
  under,      ///< below zero; `value` may hold how much
  zero_error, ///< it could not find its zero, or reports a defect
  status,     ///< it says how it is, and that nothing is wrong; but no weight
  refused,    ///< it does not know the question
  unreadable  ///< nothing that this protocol says
};
constexpr auto names_of(outcome) {
  using o = outcome;
  return std::array{enum_name{o::weight, "weight"},
                    enum_name{o::moving, "moving"},
                    enum_name{o::over, "over"},
                    enum_name{o::under, "under"},
                    enum_name{o::zero_error, "zero_error"},
                    enum_name{o::status, "status"},
                    enum_name{o::refused, "refused"},
                    enum_name{o::unreadable, "unreadable"}};
}

/// One answer of a scale.
struct reading {
  outcome what = outcome::unreadable;
  std::optional<decimal> value; ///< always with `weight`
  std::string unit;             ///< "kg", "g", "lb", "oz"; empty when there is no value
  bool net = false;             ///< a tare is taken off
  bool at_zero = false;
  bool operator==(const reading&) const = default;
};

} // namespace troupe::scale
