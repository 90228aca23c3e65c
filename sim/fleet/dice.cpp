#include "sim/fleet/dice.hpp"

#include <cmath>

namespace troupe::sim {

std::uint64_t dice::next() {
  state_ += 0x9e3779b97f4a7c15ull;
  auto mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
  return mixed ^ (mixed >> 31);
}

std::chrono::microseconds dice::wait(std::chrono::microseconds mean) {
  const double share = (static_cast<double>(next() >> 11) + 0.5) * 0x1.0p-53; // between 0 and 1
  return std::chrono::microseconds(
      static_cast<std::int64_t>(-std::log(share) * static_cast<double>(mean.count())));
}

dice dice::part(std::uint64_t number) const {
  dice seed(state_ ^ (number + 1) * 0xd1342543de82ef95ull);
  return dice(seed.next());
}

} // namespace troupe::sim
