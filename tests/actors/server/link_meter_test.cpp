#include "actors/server/link_meter.hpp"

#include <gtest/gtest.h>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

const time_point noon{std::chrono::seconds(1'800'000'000)};

link_sample trip(microseconds round, microseconds offset, time_point at = noon) {
  link_sample made;
  made.at = at;
  made.round_trip = round;
  made.clock_offset = offset;
  return made;
}

TEST(link_meter, a_sample_is_what_ntp_makes_of_four_stamps) {
  struct row {
    microseconds there;  ///< on the way to the box
    microseconds rest;   ///< on the box
    microseconds back;   ///< on the way to the server
    microseconds ahead;  ///< the box's clock
    microseconds offset; ///< as measured
  };
  for (const auto& each : {row{10ms, 0ms, 10ms, 0ms, 0ms}, row{10ms, 5ms, 10ms, 0ms, 0ms},
                           row{10ms, 5ms, 10ms, 26h, 26h}, row{10ms, 5ms, 10ms, -26h, -26h},
                           row{30ms, 0ms, 10ms, 1s, 1s + 10ms}, row{1ms, 0ms, 9ms, 1s, 996ms}}) {
    const auto came = noon + each.there + each.rest + each.back;
    const auto there_came = noon + each.there + each.ahead;
    const auto measured = measure_link(each.there + each.rest + each.back, noon, came, there_came,
                                       there_came + each.rest);
    EXPECT_EQ(measured.round_trip, each.there + each.back);
    EXPECT_EQ(measured.clock_offset, each.offset);
    EXPECT_LE(std::chrono::abs(measured.clock_offset - each.ahead), measured.round_trip / 2);
  }
}

TEST(link_meter, a_clock_that_is_set_meanwhile_makes_no_negative_trip) {
  const auto back = measure_link(20ms, noon, noon + 20ms, noon + 1h, noon);
  EXPECT_EQ(back.round_trip, 20ms);
  const auto forth = measure_link(20ms, noon, noon + 20ms, noon, noon + 1h);
  EXPECT_EQ(forth.round_trip, 0ms);
}

TEST(link_meter, nothing_is_known_before_the_first_answer) {
  link_meter meter;
  meter.begin(noon);
  const auto quality = meter.quality(noon + 1h);
  EXPECT_EQ(quality.measured, time_point{});
  EXPECT_EQ(quality.samples, 0u);
  EXPECT_EQ(quality.watched_since, noon);
}

TEST(link_meter, tells_the_middle_the_jitter_and_the_best_answers_clock) {
  link_meter meter;
  for (const auto round : {10ms, 12ms, 50ms, 11ms})
    meter.add(trip(round, round == 10ms ? microseconds(1s) : microseconds(2s), noon + round));
  const auto quality = meter.quality(noon + 1min);
  EXPECT_EQ(quality.samples, 4u);
  EXPECT_EQ(quality.measured, noon + 11ms);
  EXPECT_EQ(quality.round_trip_us, 12'000);
  EXPECT_EQ(quality.jitter_us, (2'000 + 38'000 + 39'000) / 3);
  EXPECT_EQ(quality.clock_offset_us, 1'000'000);
  EXPECT_EQ(quality.clock_error_us, 5'000);
}

TEST(link_meter, old_answers_and_old_losses_are_left_behind) {
  link_meter meter;
  meter.begin(noon);
  for (std::size_t i = 0; i < link_meter::samples_bound; ++i)
    meter.add(trip(1ms, 5s));
  for (std::size_t i = 0; i < link_meter::samples_bound; ++i)
    meter.add(trip(3ms, 0s));
  EXPECT_EQ(meter.quality(noon).samples, link_meter::samples_bound);
  EXPECT_EQ(meter.quality(noon).clock_offset_us, 0);
  meter.lost(noon);
  meter.lost(noon + 10h);
  EXPECT_EQ(meter.quality(noon + 10h).lost_links, 2u);
  EXPECT_EQ(meter.quality(noon + 25h).lost_links, 1u);
  EXPECT_EQ(meter.quality(noon + 25h).watched_since, noon + 1h);
  EXPECT_EQ(meter.quality(noon + 35h).lost_links, 0u);
  for (std::size_t i = 0; i < 2 * link_meter::losses_bound; ++i)
    meter.lost(noon + 40h);
  EXPECT_EQ(meter.quality(noon + 40h).lost_links, link_meter::losses_bound);
}

} // namespace
} // namespace troupe::server
