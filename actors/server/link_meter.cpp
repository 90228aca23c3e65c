#include "actors/server/link_meter.hpp"

#include <algorithm>

namespace troupe::server {

using std::chrono::microseconds;

link_sample measure_link(microseconds took, time_point sent, time_point came, time_point there_came,
                         time_point there_went) {
  link_sample out;
  out.at = came;
  // The box's clock may be set between its two stamps: then its own time is not known.
  const auto there = std::clamp(there_went - there_came, microseconds(0), took);
  out.round_trip = took - there;
  out.clock_offset = ((there_came - sent) + (there_went - came)) / 2;
  return out;
}

void link_meter::add(const link_sample& sample) {
  if (samples_.size() == samples_bound) samples_.erase(samples_.begin());
  samples_.push_back(sample);
}

void link_meter::lost(time_point now) {
  std::erase_if(losses_, [now](time_point each) { return each + day <= now; });
  if (losses_.size() == losses_bound) losses_.erase(losses_.begin());
  losses_.push_back(now);
}

link_quality link_meter::quality(time_point now) const {
  link_quality out;
  out.watched_since = std::max(begun_, now - day);
  out.lost_links = static_cast<std::uint32_t>(std::count_if(
      losses_.begin(), losses_.end(), [now](time_point each) { return each + day > now; }));
  if (samples_.empty()) return out;
  out.measured = samples_.back().at;
  out.samples = static_cast<std::uint32_t>(samples_.size());
  std::vector<microseconds> trips;
  microseconds differences{};
  for (const auto& each : samples_) {
    if (!trips.empty()) differences += std::chrono::abs(each.round_trip - trips.back());
    trips.push_back(each.round_trip);
  }
  if (trips.size() > 1) out.jitter_us = (differences / (trips.size() - 1)).count();
  // The answer that was fastest says best what the box's clock shows.
  const auto best =
      std::min_element(samples_.begin(), samples_.end(),
                       [](const auto& a, const auto& b) { return a.round_trip <= b.round_trip; });
  out.clock_offset_us = best->clock_offset.count();
  out.clock_error_us = (best->round_trip.count() + 1) / 2;
  std::nth_element(trips.begin(), trips.begin() + static_cast<std::ptrdiff_t>(trips.size() / 2),
                   trips.end());
  out.round_trip_us = trips[trips.size() / 2].count();
  return out;
}

} // namespace troupe::server
