#include "tests/actors/link/both_ends.hpp"

namespace troupe::link {
namespace {

using namespace std::chrono_literals;

class connecting_both_ends : public both_ends {
protected:
  fleet_box card() {
    const auto box = ask<server::fleet_box_ptr>(fleet, server::get_box{box_id("b0")});
    EXPECT_TRUE(box) << box.error().text;
    return box ? **box : fleet_box{};
  }
};

TEST_F(connecting_both_ends, both_sides_are_through_with_all_steps) {
  ASSERT_NO_FATAL_FAILURE(pair());
  carry_all();
  EXPECT_EQ(card().stage, connect_stage::done);
  const auto info = ask<box::link_info>(uplink, box::get_link{});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->stage, connect_stage::done);
  EXPECT_EQ(info->devices_told, card().devices.size());
  EXPECT_TRUE(info->completed);
  advance(6s); // pictures of boxes are written together, some seconds later
  carry_all();
  restart_server();
  EXPECT_EQ(card().stage, connect_stage::done) << "it told its devices before";
  restart_box();
  ASSERT_NO_FATAL_FAILURE(link_up());
  const auto later = ask<box::link_info>(uplink, box::get_link{});
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->first_time);
  EXPECT_FALSE(later->completed);
}

TEST_F(connecting_both_ends, the_server_measures_the_link) {
  ASSERT_NO_FATAL_FAILURE(pair());
  for (int i = 0; i < 5; ++i) {
    carry_all();
    advance(1s);
  }
  carry_all();
  const auto quality = ask<link_quality>(fleet, server::get_link_quality{box_id("b0")});
  ASSERT_TRUE(quality);
  EXPECT_GE(quality->samples, 4u);
  EXPECT_EQ(quality->clock_offset_us, 0) << "both look at one clock here";
  EXPECT_LE(quality->round_trip_us, 2'000'000) << "frames go when the test carries them";
}

} // namespace
} // namespace troupe::link
