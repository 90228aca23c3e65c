#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// A number that only grows.
class counter {
public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down.
class gauge {
public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

/// How values spread over fixed bounds; the last bucket takes the rest.
class histogram {
public:
  explicit histogram(std::span<const double> bounds);
  void observe(double value);
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }
  const std::vector<double>& bounds() const { return bounds_; }
  std::uint64_t bucket(std::size_t index) const {
    return buckets_[index].load(std::memory_order_relaxed);
  }

private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<double> sum_{0};
};

/// Bounds for waits in seconds, 100 us to 10 s.
std::span<const double> seconds_bounds();

/// The metrics of a program. Get the object once and keep the reference; using it costs one relaxed
/// atomic addition. Names and labels follow Prometheus' rules.
class metrics {
public:
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  /// A family keeps at most so many label sets; the next ones share one with the value "other".
  static constexpr std::size_t label_sets = 64;

  metrics();
  ~metrics();
  counter& count(std::string_view name, std::string_view help, labels labels = {});
  gauge& measure(std::string_view name, std::string_view help, labels labels = {});
  histogram& spread(std::string_view name, std::string_view help, labels labels = {},
                    std::span<const double> bounds = seconds_bounds());
  /// Prometheus text format 0.0.4.
  std::string exposition() const;

private:
  struct family;
  struct member;
  member& find(std::string_view name, std::string_view help, int kind, labels labels);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<family>> families_;
};

} // namespace troupe::runtime
