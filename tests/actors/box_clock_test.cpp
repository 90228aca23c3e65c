#include "tests/actors/box_fixture.hpp"

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// Somebody sets the clock, or a box without a battery gets the time from the network.
class box_clock_test : public box_test {
protected:
  static constexpr std::chrono::hours years(int count) { return 24h * 365 * count; }
  action_id print_one() {
    const auto accepted = ask<action_accepted>(directory, print(device_id("counter")));
    EXPECT_TRUE(accepted) << accepted.error().text;
    advance(1s);
    return accepted ? accepted->record.id : action_id{};
  }
  std::vector<event_ptr> events_after(std::uint64_t sequence) {
    auto [handle, got] = collector<event_arrived>();
    EXPECT_TRUE(ask<std::uint64_t>(events, subscribe_events{handle, sequence, {}}));
    advance(1s);
    std::vector<event_ptr> out;
    for (const auto& each : *got)
      out.push_back(each.content);
    return out;
  }
};

TEST_F(box_clock_test, prints_go_on_and_keep_their_order_over_jumps_of_years) {
  add("Counter", "tcp://p1");
  std::vector<action_id> all;
  for (const auto jump : {years(0), years(-20), years(50), years(-60), years(30)}) {
    turn_wall_clock(jump);
    all.push_back(print_one());
    advance(10min); // the ledger looks for what is old meanwhile
  }
  const auto page = ask<action_page>(ledger, list_actions{});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->actions.size(), all.size());
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto& kept = page->actions[all.size() - 1 - at]; // newest first
    EXPECT_EQ(kept.id, all[at]);
    EXPECT_EQ(kept.state, action_state::confirmed);
  }
}

TEST_F(box_clock_test, events_rise_in_number_and_time_when_the_clock_goes_back) {
  add("Counter", "tcp://p1");
  print_one();
  turn_wall_clock(years(-10));
  print_one();
  std::uint64_t number = 0;
  time_point time{};
  std::size_t confirmed = 0;
  for (const auto& each : events_after(0)) {
    EXPECT_GT(each->content.sequence, number);
    EXPECT_GT(each->content.time, time);
    number = each->content.sequence;
    time = each->content.time;
    confirmed += each->content.type == "action.confirmed" ? 1 : 0;
  }
  EXPECT_EQ(confirmed, 2u);
}

TEST_F(box_clock_test, a_key_stays_used_when_the_clock_jumps_ahead) {
  add("Counter", "tcp://p1");
  const auto first = ask<action_accepted>(directory, print(device_id("counter"), "order-1"));
  ASSERT_TRUE(first);
  advance(1s);
  turn_wall_clock(years(30));
  advance(10min);
  const auto again = ask<action_accepted>(directory, print(device_id("counter"), "order-1"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->record.id, first->record.id);
}

TEST_F(box_clock_test, what_waits_for_paper_prints_after_a_jump_and_a_restart) {
  wire_to("tcp://p1")->status = {0x1A, 0x32, 0x12, 0x72}; // no paper
  add("Counter", "tcp://p1");
  const auto waits = ask<action_accepted>(directory, print(device_id("counter")));
  ASSERT_TRUE(waits);
  turn_wall_clock(years(-30));
  crash_and_restart();
  wire_to("tcp://p1")->status = {0x12, 0x12, 0x12, 0x12};
  advance(1min);
  EXPECT_EQ(record(waits->record.id).state, action_state::confirmed);
}

} // namespace
} // namespace troupe::box
