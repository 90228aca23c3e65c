#pragma once

#include "messages/describe.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::runtime {

/// What happens to the one more that does not fit.
enum class limit_policy : std::uint8_t { refuse, coalesce, drop_oldest };
constexpr auto names_of(limit_policy) {
  return std::array{enum_name<limit_policy>{limit_policy::refuse, "refuse"},
                    enum_name<limit_policy>{limit_policy::coalesce, "coalesce"},
                    enum_name<limit_policy>{limit_policy::drop_oldest, "drop_oldest"}};
}

/// A bound, how full it is, and how often it was hit. Cheap; usable from any thread.
class limit {
public:
  limit(std::string name, std::string unit, std::uint64_t bound, limit_policy policy)
      : name_(std::move(name)), unit_(std::move(unit)), policy_(policy), bound_(bound) {}

  const std::string& name() const { return name_; }
  const std::string& unit() const { return unit_; }
  limit_policy policy() const { return policy_; }
  std::uint64_t bound() const { return bound_.load(std::memory_order_relaxed); }
  std::uint64_t fill() const { return fill_.load(std::memory_order_relaxed); }
  std::uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }

  void set_bound(std::uint64_t bound) { bound_.store(bound, std::memory_order_relaxed); }
  /// Takes `amount` if it fits; otherwise counts a hit and takes nothing.
  bool try_take(std::uint64_t amount = 1);
  void give_back(std::uint64_t amount = 1);
  /// For owners that count by themselves.
  void set_fill(std::uint64_t fill) { fill_.store(fill, std::memory_order_relaxed); }
  void count_hit() { hits_.fetch_add(1, std::memory_order_relaxed); }

private:
  std::string name_;
  std::string unit_;
  limit_policy policy_;
  std::atomic<std::uint64_t> bound_;
  std::atomic<std::uint64_t> fill_{0};
  std::atomic<std::uint64_t> hits_{0};
};

struct limit_snapshot {
  std::string name;
  std::string unit;
  limit_policy policy = limit_policy::refuse;
  std::uint64_t bound = 0;
  std::uint64_t fill = 0;
  std::uint64_t hits = 0;

  static constexpr auto fields = describe<limit_snapshot>(
      "limit", field("name", &limit_snapshot::name), field("unit", &limit_snapshot::unit),
      field("policy", &limit_snapshot::policy), field("bound", &limit_snapshot::bound),
      field("fill", &limit_snapshot::fill), field("hits", &limit_snapshot::hits));
};

/// The register of all limits of a program, shown at `/api/v1/limits` and as metrics.
class limits {
public:
  /// Declares a limit; the reference stays valid as long as the register. A name declared before
  /// gives the existing one with the new bound (an actor that was restarted declares again).
  limit& declare(std::string_view name, std::string_view unit, std::uint64_t bound,
                 limit_policy policy);
  std::vector<limit_snapshot> snapshot() const; ///< sorted by name
  /// Prometheus text: `troupe_limit_bound`, `troupe_limit_fill`, `troupe_limit_hits_total`.
  std::string exposition() const;

private:
  mutable std::mutex mutex_;
  std::deque<limit> entries_;
};

} // namespace troupe::runtime
