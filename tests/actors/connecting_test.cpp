#include "actors/box/uplink_core.hpp"
#include "tests/actors/link_fixture.hpp"

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

TEST_F(link_test, the_steps_of_connecting_are_known_one_by_one) {
  EXPECT_EQ(state_of_link().stage, connect_stage::none);
  pair();
  EXPECT_EQ(state_of_link().stage, connect_stage::taken);
  EXPECT_TRUE(state_of_link().first_time);
  challenge();
  EXPECT_EQ(state_of_link().stage, connect_stage::linked);
  welcome(last_of[hello->epoch]);
  const auto done = state_of_link();
  EXPECT_EQ(done.stage, connect_stage::done);
  EXPECT_EQ(done.devices_told, links.present()->take<link::snapshot>()->devices.size());
  EXPECT_FALSE(done.first_time);
  EXPECT_EQ(done.completed, wall_now());
  cut();
  const auto again = state_of_link();
  EXPECT_EQ(again.stage, connect_stage::taken);
  EXPECT_FALSE(again.first_time) << "it was linked before";
  link_up();
  EXPECT_EQ(state_of_link().completed, done.completed) << "only the first time counts";
}

TEST_F(link_test, a_step_that_fails_stays_until_the_next_attempt) {
  pair();
  challenge();
  link::welcome forged;
  forged.proof = shared_bytes::copy_of("no signature");
  links.present()->give(forged);
  settle();
  const auto failed = state_of_link();
  EXPECT_EQ(failed.stage, connect_stage::linked);
  EXPECT_EQ(failed.state, link_state::refused);
  EXPECT_FALSE(failed.text.empty());
  EXPECT_FALSE(failed.remedy.empty());
  EXPECT_TRUE(failed.first_time);
  wait_for_call();
  EXPECT_EQ(state_of_link().stage, connect_stage::taken);
  link_up();
  EXPECT_EQ(state_of_link().stage, connect_stage::done);
}

TEST_F(link_test, a_new_server_is_a_new_beginning) {
  pair_and_link();
  ASSERT_EQ(send("DELETE", "/api/v1/pairing", signed_in())->status(), 200);
  EXPECT_EQ(state_of_link().stage, connect_stage::none);
  EXPECT_FALSE(state_of_link().completed);
  EXPECT_FALSE(state_of_link().first_time);
}

TEST_F(link_test, the_time_is_told_when_asked_for) {
  pair_and_link();
  turn_wall_clock(26h);
  links.present()->give(link::ask_time{7});
  settle();
  const auto told = links.present()->take<link::time_told>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->number, 7u);
  EXPECT_EQ(told->came, wall_now());
  EXPECT_GE(told->went, told->came);
}

} // namespace
} // namespace troupe::box
