#include "actors/server/event_history.hpp"

#include <gtest/gtest.h>

namespace troupe::server {
namespace {

made_event event_numbered(std::uint64_t number) {
  auto made = std::make_shared<numbered_event>();
  made->content.sequence = number;
  made->content.box = box_id("b1");
  made->content.content.type = "test";
  return made;
}

event_run add(event_history& history, std::uint64_t last) {
  std::vector<made_event> fresh;
  for (auto at = history.newest() + 1; at <= last; ++at)
    fresh.push_back(event_numbered(at));
  return history.add(fresh, false);
}

/// The numbers of a run must be all that it says it covers.
void expect_run(const std::optional<event_run>& run, std::uint64_t after, std::uint64_t last) {
  ASSERT_TRUE(run);
  EXPECT_EQ(run->after, after);
  EXPECT_EQ(run->last, last);
  ASSERT_EQ(run->events->size(), last - after);
  for (const auto& each : *run->events) {
    EXPECT_EQ(each->content.sequence, ++after);
    EXPECT_TRUE(each->json);
  }
}

TEST(event_history, what_is_new_is_one_run) {
  event_history history(2000);
  history.start(7);
  const auto run = add(history, 10);
  EXPECT_EQ(run.after, 7u);
  EXPECT_EQ(run.last, 10u);
  EXPECT_EQ(run.events->size(), 3u);
  EXPECT_EQ(history.newest(), 10u);
  EXPECT_EQ(history.before_memory(), 7u);
}

TEST(event_history, readers_who_are_behind_share_whole_blocks) {
  event_history history(2000);
  add(history, 1200);
  expect_run(history.behind(0), 0, 500);
  expect_run(history.behind(499), 0, 500);
  EXPECT_EQ(history.behind(0)->events, history.behind(499)->events);
  expect_run(history.behind(500), 500, 1000);
  expect_run(history.behind(1001), 1001, 1200);
  expect_run(history.behind(1199), 1199, 1200);
}

TEST(event_history, what_left_the_memory_comes_from_the_disk) {
  event_history history(600);
  add(history, 1300);
  EXPECT_EQ(history.in_memory(), 600u);
  EXPECT_FALSE(history.behind(0));
  EXPECT_FALSE(history.behind(699));
  expect_run(history.behind(700), 700, 1000); // its block begins on the disk
  expect_run(history.behind(1000), 1000, 1300);

  const auto read = std::make_shared<const std::vector<event_ptr>>();
  history.keep({0, 500, read});
  ASSERT_TRUE(history.behind(3));
  EXPECT_EQ(history.behind(3)->events, read);
  history.keep({500, 800, read});
  EXPECT_FALSE(history.behind(501)) << "a block that grew when it was read is not kept";
  history.forget_blocks();
  EXPECT_FALSE(history.behind(3));
}

TEST(event_history, only_the_blocks_that_were_wanted_last_stay) {
  event_history history(0);
  history.start(100'000);
  const auto read = std::make_shared<const std::vector<event_ptr>>();
  const auto block = [](std::uint64_t at) { return at * event_history::block_events; };
  for (std::uint64_t at = 0; at < event_history::blocks_kept; ++at)
    history.keep({block(at), block(at + 1), read});
  EXPECT_TRUE(history.behind(block(0)));
  history.keep({block(100), block(101), read});
  EXPECT_TRUE(history.behind(block(0)));
  EXPECT_FALSE(history.behind(block(1)));
}

} // namespace
} // namespace troupe::server
