#include "sim/fault_plan.hpp"

#include <charconv>
#include <cstdio>
#include <numeric>

namespace troupe::sim {

static constexpr std::array<std::string_view, planned_kinds> kind_names = {
    "paper_out", "cover_open", "cut_connection", "delay", "dead", "offline"};

std::string_view to_string(planned_kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

/// SplitMix64: each number of the sequence is a mix of the seed and a counter.
static std::uint64_t mixed(std::uint64_t seed, std::uint64_t counter) {
  auto z = seed + (counter + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

std::optional<planned_fault> fault_plan::fault_of(std::uint64_t job) const {
  if (job >= jobs) return {};
  constexpr double unit = 1.0 / 9007199254740992.0; // 2^-53
  auto draw = static_cast<double>(mixed(seed, 2 * job) >> 11) * unit;
  for (std::size_t kind = 0; kind < planned_kinds; ++kind) {
    draw -= chance[kind];
    if (draw >= 0) continue;
    return planned_fault{static_cast<planned_kind>(kind), 1 + mixed(seed, 2 * job + 1) % within,
                         mended_after};
  }
  return {};
}

static fault bad(std::string_view item, std::string_view why) {
  return {"fault_plan.bad",
          "The fault plan's \"" + std::string(item) + "\" " + std::string(why) + ".",
          "Write it like seed=7,jobs=200,paper_out=0.02,delay=0.05,within=40000,mend_ms=500.", 422};
}

template <class Number>
static bool read_number(std::string_view text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

static std::optional<fault> read_item(std::string_view item, fault_plan& plan) {
  auto equals = item.find('=');
  if (equals == std::string_view::npos) return bad(item, "has no value");
  auto name = item.substr(0, equals), text = item.substr(equals + 1);
  for (std::size_t kind = 0; kind < planned_kinds; ++kind) {
    if (name != kind_names[kind]) continue;
    auto& chance = plan.chance[kind];
    if (!read_number(text, chance) || !(chance >= 0 && chance <= 1))
      return bad(item, "is not a chance from 0 to 1");
    return {};
  }
  std::uint64_t number = 0;
  constexpr std::uint64_t longest_mend_ms = 3'600'000;
  if (!read_number(text, number)) return bad(item, "is not a whole number");
  if (name == "seed")
    plan.seed = number;
  else if (name == "jobs")
    plan.jobs = number;
  else if (name == "within" && number > 0)
    plan.within = number;
  else if (name == "mend_ms" && number <= longest_mend_ms)
    plan.mended_after = std::chrono::milliseconds(number);
  else
    return bad(item, "is not known or out of range");
  return {};
}

result<fault_plan> parse_fault_plan(std::string_view text) {
  fault_plan plan;
  while (!text.empty()) {
    auto comma = text.find(',');
    if (auto error = read_item(text.substr(0, comma), plan)) return *error;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  if (std::accumulate(plan.chance.begin(), plan.chance.end(), 0.0) > 1.0)
    return bad("chances", "are together above 1");
  if (plan.jobs == 0) return bad("jobs", "is missing: say for how many jobs it holds");
  return plan;
}

std::string to_string(const fault_plan& plan) {
  auto text = "seed=" + std::to_string(plan.seed) + ",jobs=" + std::to_string(plan.jobs);
  for (std::size_t kind = 0; kind < planned_kinds; ++kind) {
    if (plan.chance[kind] == 0) continue;
    char number[32];
    std::snprintf(number, sizeof number, "=%g", plan.chance[kind]);
    text += "," + std::string(kind_names[kind]) + number;
  }
  return text + ",within=" + std::to_string(plan.within) +
         ",mend_ms=" + std::to_string(plan.mended_after.count());
}

} // namespace troupe::sim
