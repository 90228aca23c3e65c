#pragma once

#include <algorithm>
#include <chrono>

namespace troupe::box {

/// How long to wait before the next attempt: 1 s, doubling up to 30 s, half of it by chance, so
/// that a fleet does not come back in one moment. Pure.
class back_off {
public:
  static constexpr std::chrono::milliseconds shortest{1'000};
  static constexpr std::chrono::milliseconds longest{30'000};

  /// `chance` is between 0 and 1.
  std::chrono::milliseconds next(double chance) {
    const auto base = next_;
    next_ = std::min(longest, next_ * 2);
    return with_chance(base, chance);
  }
  void reset() { next_ = shortest; }
  /// Between half of `base` and all of it.
  static std::chrono::milliseconds with_chance(std::chrono::milliseconds base, double chance) {
    return base / 2 + std::chrono::milliseconds(static_cast<std::int64_t>(
                          static_cast<double>(base.count() / 2) * std::clamp(chance, 0.0, 1.0)));
  }

private:
  std::chrono::milliseconds next_ = shortest;
};

} // namespace troupe::box
