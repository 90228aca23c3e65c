#pragma once

#include "messages/fleet.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

/// How well a box is reached, from its answers to questions for its time. Pure.
namespace troupe::server {

/// One question and its answer, as NTP has it: the round trip is what passed here without what
/// passed on the box; the offset is right when both ways took equally long, and wrong by half the
/// round trip at most.
struct link_sample {
  time_point at{};                          ///< when the answer came, by the server's clock
  std::chrono::microseconds round_trip{};   ///< never negative
  std::chrono::microseconds clock_offset{}; ///< how much the box's clock is ahead
};
/// `took` is from question to answer by a watch that does not jump; `sent` and `came` are the same
/// moments by the server's clock, `there_came` and `there_went` by the box's.
link_sample measure_link(std::chrono::microseconds took, time_point sent, time_point came,
                         time_point there_came, time_point there_went);

class link_meter {
public:
  /// Answers that are looked at: the newest.
  static constexpr std::size_t samples_bound = 16;
  /// Ends of a link that are remembered, for a day; the oldest go.
  static constexpr std::size_t losses_bound = 256;
  static constexpr std::chrono::hours day{24};

  /// From now on losses are seen.
  void begin(time_point now) { begun_ = now; }
  void add(const link_sample& sample);
  void lost(time_point now);
  link_quality quality(time_point now) const;

private:
  time_point begun_{};
  std::vector<link_sample> samples_; ///< oldest first
  std::vector<time_point> losses_;   ///< oldest first
};

} // namespace troupe::server
