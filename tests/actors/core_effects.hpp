#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <variant>
#include <vector>

namespace troupe::box {

/// What a pure core wanted, by virtual time.
template <class Core>
class core_effects : public ::testing::Test {
protected:
  void keep(typename Core::effects effects) {
    done.insert(done.end(), effects.begin(), effects.end());
  }
  /// All effects of this kind so far; they count as seen.
  template <class Effect>
  std::vector<Effect> take() {
    std::vector<Effect> found;
    for (auto& each : done)
      if (auto* wanted = std::get_if<Effect>(&each)) found.push_back(*wanted);
    std::erase_if(done, [](const auto& each) { return std::holds_alternative<Effect>(each); });
    return found;
  }
  /// Time passes, and the core is woken whenever it wants to be.
  void advance(Core& core, std::chrono::milliseconds by) {
    const auto end = now + by;
    while (const auto next = core.next_wake()) {
      if (*next > end) break;
      now = std::max(now, *next);
      keep(core.woke(now));
      if (core.next_wake() && *core.next_wake() <= now) break; // it would spin
    }
    now = end;
  }

  typename Core::time now{std::chrono::hours(1000)};
  typename Core::effects done;
};

} // namespace troupe::box
