#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::sim {

/// Numbers from a seed, the same on every machine (SplitMix64); the standard's distributions are
/// not.
class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// The wait for the next of things that happen by chance once in `mean` (Poisson).
  std::chrono::microseconds wait(std::chrono::microseconds mean);
  /// Dice of their own for part `number`, so that what one part does changes no other.
  dice part(std::uint64_t number) const;

private:
  std::uint64_t state_;
};

} // namespace troupe::sim
