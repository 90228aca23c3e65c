#include "sim/fleet/life.hpp"

namespace troupe::sim {
namespace {

constexpr std::uint32_t most_lines = 12;

} // namespace

box_life::box_life(const life_options& options, std::uint64_t number)
    : options_(options), dice_(dice(options.seed).part(number)),
      receipts_left_(1 + static_cast<std::uint32_t>(dice_.below(2ull * options.receipts_a_roll))) {}

next_happening box_life::next() {
  if (out_) {
    out_ = false;
    receipts_left_ = 1 + static_cast<std::uint32_t>(dice_.below(2ull * options_.receipts_a_roll));
    return {dice_.wait(options_.paper_gap), happening::paper_in, 1};
  }
  if (receipts_left_ == 0) {
    out_ = true;
    return {dice_.wait(options_.mean / 10), happening::paper_out, 1};
  }
  next_happening chosen{dice_.wait(options_.mean), happening::print, 1};
  --receipts_left_;
  chosen.size = 1 + static_cast<std::uint32_t>(dice_.below(most_lines));
  return chosen;
}

} // namespace troupe::sim
