#pragma once

#include "messages/fleet.hpp"

#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

/// Whose pages may use the box: what other actors ask of who keeps that (the homepage).
namespace troupe::box {

enum class origin_change : std::uint8_t { allow, refuse, forget };
constexpr auto names_of(origin_change) {
  using c = origin_change;
  return std::array{enum_name<c>{c::allow, "allow"}, enum_name<c>{c::refuse, "refuse"},
                    enum_name<c>{c::forget, "forget"}};
}
/// Answered when it is on disk. Faults "origin.invalid" (422), "origin.configured",
/// "origin.too_many" (409), "origin.unknown" (404: nothing to forget), "origin.not_kept" (503).
struct decide_origin {
  static constexpr bool local_message = true;
  std::string origin;
  origin_change change = origin_change::refuse;
  std::string by; ///< for the log
};
struct get_origin_standings {
  static constexpr bool local_message = true;
};
struct origin_standings {
  static constexpr bool local_message = true;
  std::vector<report_origin> all;
};
using origins_actor =
    caf::typed_actor<caf::replies_to<decide_origin>::with<bool>,
                     caf::replies_to<get_origin_standings>::with<origin_standings>>;

} // namespace troupe::box
