#include "messages/codec.hpp"
#include "tests/store/store_fixture.hpp"

namespace troupe::store {
namespace {

using namespace std::chrono_literals;

/// Events that wait for a server that is away.
class ledger_buffer : public testing::Test {
protected:
  temporary_folder folder;
  std::unique_ptr<ledger> book = open_ledger(folder.path());
  time_point now = start_of_2026;
  std::uint64_t next = 1;

  void append(int count, const std::string& device) {
    ASSERT_FALSE(book->begin());
    ASSERT_TRUE(book->reserve_sequences(static_cast<std::uint32_t>(count)));
    for (int i = 0; i < count; ++i)
      ASSERT_FALSE(book->append(make_event(next++, device, now)));
    ASSERT_FALSE(book->commit());
  }
  void forwarded(std::optional<std::uint64_t> sequence) {
    ASSERT_FALSE(book->begin());
    ASSERT_FALSE(book->set_forwarded(sequence));
    ASSERT_FALSE(book->commit());
  }
  std::uint64_t prune(const prune_limits& limits) {
    std::uint64_t lost = 0;
    for (bool more = true; more;) {
      EXPECT_FALSE(book->begin());
      const auto done = book->prune(now, limits);
      EXPECT_FALSE(book->commit());
      if (!done) {
        ADD_FAILURE() << done.error().text;
        return lost;
      }
      more = done->more;
      lost += done->lost;
    }
    return lost;
  }
  std::size_t kept(const std::string& device) {
    std::size_t count = 0;
    for (std::uint64_t after = 0;;) {
      const auto found = book->read_events(after, 1000, device_id(device));
      if (!found || found->empty()) return count;
      count += found->size();
      after = found->back().sequence;
    }
  }
  value lost(const std::string& device) {
    const auto noted = book->get("link.lost." + device);
    if (!noted || !*noted) return {};
    return *from_json<value>(**noted);
  }
};

TEST_F(ledger_buffer, what_the_server_does_not_have_stays_beyond_the_common_limits) {
  forwarded(0);
  append(500, "counter");
  const prune_limits limits{.age = 1h, .events = 100, .buffer_events = 1000};
  now += 5h;
  EXPECT_EQ(prune(limits), 0u);
  EXPECT_EQ(kept("counter"), 500u);
  forwarded(450);
  prune(limits);
  EXPECT_EQ(kept("counter"), 100u) << "what the server has goes as it always did";
  EXPECT_EQ(book->last_sequence(), 500u);
  forwarded(std::nullopt);
  now += 5h;
  for (int i = 0; i < 100; ++i, now += 10min)
    prune(limits);
  EXPECT_EQ(kept("counter"), 100u) << "the newest hundred stay whatever their age";
}

TEST_F(ledger_buffer, a_chatty_device_pushes_out_only_its_own) {
  forwarded(0);
  append(50, "counter");
  append(2000, "scale");
  append(50, "kitchen");
  const prune_limits limits{.events = 100, .buffer_events = 1000};
  EXPECT_EQ(prune(limits), 1100u);
  EXPECT_EQ(kept("counter"), 50u);
  EXPECT_EQ(kept("kitchen"), 50u);
  EXPECT_EQ(kept("scale"), 900u);
  const auto noted = lost("scale");
  EXPECT_EQ(noted["lost"], value(1100));
  EXPECT_EQ(noted["after"], value(50));
  EXPECT_EQ(noted["before"], value(1151));
  EXPECT_TRUE(lost("counter").is_null());
  EXPECT_EQ(*book->count_events_after(0), 1000u);
}

TEST_F(ledger_buffer, what_waited_too_long_goes_and_is_noted) {
  forwarded(0);
  append(300, "counter");
  const prune_limits limits{.events = 100'000, .buffer_events = 1000, .buffer_age = 24h};
  EXPECT_EQ(prune(limits), 0u);
  std::uint64_t gone = 0;
  for (const auto end = now + 30h; now < end; now += prune_step)
    gone += prune(limits);
  EXPECT_EQ(gone, 256u) << "in batches, and the newest stay";
  EXPECT_EQ(lost("counter")["lost"], value(256));
}

TEST_F(ledger_buffer, what_happened_before_the_clock_was_set_is_not_too_old) {
  forwarded(0);
  append(10, "counter");
  prune({});
  forwarded(10);
  now = time_point(1h); // switched off and on: 1970
  append(300, "counter");
  now = start_of_2026 + 24h; // the network tells the time
  const prune_limits limits{.events = 100'000, .buffer_events = 250, .buffer_age = 720h};
  EXPECT_EQ(prune(limits), 50u) << "by count only";
  EXPECT_EQ(*book->count_events_after(10), 250u);
}

TEST_F(ledger_buffer, where_the_server_stands_survives_a_restart) {
  forwarded(77);
  book.reset();
  book = open_ledger(folder.path());
  EXPECT_EQ(book->forwarded(), 77u);
  forwarded(std::nullopt);
  book.reset();
  book = open_ledger(folder.path());
  EXPECT_EQ(book->forwarded(), std::nullopt);
}

} // namespace
} // namespace troupe::store
