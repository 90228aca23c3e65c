#include "actors/runtime/limits.hpp"

#include <algorithm>

namespace troupe::runtime {

bool limit::try_take(std::uint64_t amount) {
  auto fill = fill_.load(std::memory_order_relaxed);
  const auto most = bound();
  do {
    if (amount > most || fill > most - amount) {
      count_hit();
      return false;
    }
  } while (!fill_.compare_exchange_weak(fill, fill + amount, std::memory_order_relaxed));
  return true;
}

void limit::give_back(std::uint64_t amount) {
  auto fill = fill_.load(std::memory_order_relaxed);
  while (!fill_.compare_exchange_weak(fill, fill - std::min(fill, amount),
                                      std::memory_order_relaxed)) {
  }
}

limit& limits::declare(std::string_view name, std::string_view unit, std::uint64_t bound,
                       limit_policy policy) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const limit& each) { return each.name() == name; });
  if (found != entries_.end()) {
    found->set_bound(bound);
    return *found;
  }
  return entries_.emplace_back(std::string(name), std::string(unit), bound, policy);
}

std::vector<limit_snapshot> limits::snapshot() const {
  std::vector<limit_snapshot> out;
  {
    const std::lock_guard lock(mutex_);
    out.reserve(entries_.size());
    for (const auto& each : entries_)
      out.push_back(
          {each.name(), each.unit(), each.policy(), each.bound(), each.fill(), each.hits()});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

std::string limits::exposition() const {
  const auto all = snapshot();
  std::string out;
  const auto family = [&](std::string_view name, std::string_view kind, std::string_view help,
                          std::uint64_t limit_snapshot::*value) {
    out.append("# HELP ").append(name).append(" ").append(help);
    out.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
    for (const auto& each : all) {
      out.append(name).append("{limit=\"").append(each.name).append("\",unit=\"");
      out.append(each.unit).append("\"} ").append(std::to_string(each.*value)).append("\n");
    }
  };
  if (all.empty()) return out;
  family("troupe_limit_bound", "gauge", "The most that fits.", &limit_snapshot::bound);
  family("troupe_limit_fill", "gauge", "How much is taken now.", &limit_snapshot::fill);
  family("troupe_limit_hits_total", "counter", "How often it was full.", &limit_snapshot::hits);
  return out;
}

} // namespace troupe::runtime
