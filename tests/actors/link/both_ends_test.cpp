#include "tests/actors/link/both_ends.hpp"

#include <map>
#include <random>
#include <set>

namespace troupe::link {
namespace {

using namespace std::chrono_literals;

class both_ends_test : public both_ends {
protected:
  /// Numbered from 1; told to the box's event hub.
  void tick(int count) {
    for (; count > 0; --count) {
      box::publish_event message;
      message.content.type = "test.tick";
      message.content.device = device_id("counter");
      message.content.data = value(++published);
      caf::anon_send(events, std::move(message));
    }
  }
  /// What was published is on the box's disk.
  void reach_disk() { advance(100ms); }
  std::vector<int> received() {
    std::vector<int> numbers;
    for (const auto& each : history("test.tick"))
      numbers.push_back(static_cast<int>(*each->content.content.data.as_integer()));
    return numbers;
  }
  void carry_some(unsigned frames) {
    for (; frames > 0 && wire() != nullptr; --frames) {
      pick(2) == 0 ? wire()->carry_up() : wire()->carry_down();
      settle();
    }
  }
  unsigned pick(unsigned below) { return static_cast<unsigned>(chance() % below); }

  int published = 0;
  std::minstd_rand chance{20261126};
};

TEST_F(both_ends_test, paired_by_its_code_linked_and_an_event_arrives) {
  pair();
  tick(3);
  reach_disk();
  carry_all();
  EXPECT_EQ(received(), (std::vector<int>{1, 2, 3}));
  const auto shown = ask<server::fleet_box_ptr>(fleet, server::get_box{box_id("b0")});
  ASSERT_TRUE(shown);
  EXPECT_TRUE((*shown)->online);
}

/// Cuts at any moment, noticed by both ends or by the box alone, and now and then the end of the
/// box's or the server's program. What was on the box's disk is on the server's, once, in order;
/// what was not may be there or not.
TEST_F(both_ends_test, a_thousand_cuts_and_restarts_of_either_side_lose_and_repeat_nothing) {
  constexpr int all = 100'000, cuts = 1000;
  pair();
  std::set<int> perhaps;
  int on_disk = 0;
  for (int cut = 0; cut < cuts; ++cut) {
    for (auto turn = 1 + pick(3); turn > 0; --turn) {
      tick(std::min<int>(static_cast<int>(pick(110)), all - published));
      if (pick(2) == 0) {
        reach_disk();
        on_disk = published;
      }
      carry_some(pick(16));
    }
    if (pick(3) == 0) carry_all();
    if (cut % 40 == 7) {
      for (int lost = on_disk + 1; lost <= published; ++lost)
        perhaps.insert(lost);
      restart_box();
      on_disk = published;
    } else if (cut % 40 == 27) {
      restart_server();
    } else if (auto* one = wire()) {
      pick(4) == 0 ? one->cut_silently() : one->cut();
    }
    ASSERT_NO_FATAL_FAILURE([&] {
      // Not always: the next cut may come while the two still greet each other.
      if (pick(3) != 0) return link_up();
      advance(2s);
      carry_some(pick(8));
    }());
  }
  while (published < all) {
    tick(std::min(500, all - published));
    reach_disk();
    carry_all();
  }
  ASSERT_NO_FATAL_FAILURE(link_up());
  for (int i = 0; i < 20; ++i) {
    carry_all();
    advance(1s);
  }
  int next = 1;
  for (const int number : received()) {
    ASSERT_GE(number, next) << "repeated, or out of order";
    for (; next < number; ++next)
      ASSERT_TRUE(perhaps.contains(next)) << next << " is missing";
    ++next;
  }
  EXPECT_EQ(next, all + 1);
}

} // namespace
} // namespace troupe::link
