#pragma once

#include "sim/fleet/dice.hpp"

#include <chrono>
#include <cstdint>

namespace troupe::sim {

/// What happens at a box.
enum class happening : std::uint8_t {
  print,     ///< a receipt of some lines
  paper_out, ///< the roll ends
  paper_in,  ///< somebody puts in a new one
};

struct life_options {
  std::uint64_t seed = 1;
  /// Between two happenings at one box.
  std::chrono::microseconds mean{std::chrono::minutes(5)};
  /// Receipts a roll lasts, roughly.
  std::uint32_t receipts_a_roll = 200;
  /// How long paper stays out, on average.
  std::chrono::microseconds paper_gap{std::chrono::minutes(2)};
};

struct next_happening {
  std::chrono::microseconds after{};
  happening what = happening::print;
  std::uint32_t size = 1; ///< lines of a receipt
};

/// The life of one box, from a seed: the same seed and number, the same life.
class box_life {
public:
  box_life(const life_options& options, std::uint64_t number);
  next_happening next();

private:
  life_options options_;
  dice dice_;
  std::uint32_t receipts_left_;
  bool out_ = false;
};

} // namespace troupe::sim
