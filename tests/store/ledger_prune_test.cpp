#include "tests/store/store_fixture.hpp"

#include <sqlite3.h>

namespace troupe::store {
namespace {

using namespace std::chrono_literals;

class ledger_prune : public testing::Test {
protected:
  temporary_folder folder;
  std::unique_ptr<ledger> book = open_ledger(folder.path());
  time_point now = start_of_2026;

  pruned prune(const prune_limits& limits) {
    const auto done = in_group(*book, [&] { return book->prune(now, limits); });
    EXPECT_TRUE(done) << done.error().text;
    return done ? *done : pruned{};
  }
  // Time passes as it does for a box that prunes each ten minutes.
  void pass(std::chrono::hours span, const prune_limits& limits) {
    for (const auto end = now + span; now < end; now += prune_step)
      prune(limits);
    while (prune(limits).more) {
    }
  }
  action_id ended(action_state state, std::size_t bytes = 100) {
    const auto id = accept_one(*book, make_request("", bytes), now).id;
    end_as(*book, id, state, now);
    return id;
  }
  bool repeatable(const action_id& id) { return static_cast<bool>(book->load_request(id)); }
  bool there(const action_id& id) { return book->find(id)->has_value(); }
  void fill(int count, action_state state, std::size_t bytes) {
    ASSERT_FALSE(book->begin());
    for (int i = 0; i < count; ++i) {
      const auto made = book->accept(make_request("", bytes), now);
      ASSERT_TRUE(made && book->mark_sent(made->record.id, now) &&
                  book->finish(made->record.id, state, "", "", now));
    }
    ASSERT_FALSE(book->commit());
  }
};

TEST_F(ledger_prune, documents_go_first_by_age_and_unknown_ones_stay_longer) {
  const auto confirmed = ended(action_state::confirmed);
  const auto unknown = ended(action_state::unknown);
  const auto waiting = accept_one(*book, make_request("w"), now).id;
  const prune_limits limits{.payload_age = 24h, .age = 240h};
  pass(23h, limits);
  EXPECT_TRUE(repeatable(confirmed));
  pass(2h, limits);
  EXPECT_FALSE(repeatable(confirmed));
  EXPECT_EQ(book->load_request(confirmed).error().code, "action.payload_gone");
  EXPECT_TRUE(there(confirmed));
  EXPECT_FALSE((*book->find(confirmed))->repeatable);
  EXPECT_TRUE(repeatable(unknown));
  pass(4 * 24h, limits);
  EXPECT_FALSE(repeatable(unknown));
  pass(1000h, limits);
  EXPECT_TRUE(repeatable(waiting)) << "what waits is never pruned";
}

TEST_F(ledger_prune, by_size_the_oldest_documents_go_and_unknown_ones_last) {
  const auto unknown = ended(action_state::unknown, 10'000);
  const auto oldest = ended(action_state::confirmed, 10'000);
  const auto newest = ended(action_state::confirmed, 10'000);
  const auto waiting = accept_one(*book, make_request("w", 10'000), now).id;
  prune_limits limits;
  limits.payload_bytes = 35'000;
  EXPECT_EQ(prune(limits).payloads, 1u);
  EXPECT_FALSE(repeatable(oldest));
  EXPECT_TRUE(repeatable(newest));
  limits.payload_bytes = 25'000;
  EXPECT_EQ(prune(limits).payloads, 1u);
  EXPECT_FALSE(repeatable(newest));
  EXPECT_TRUE(repeatable(unknown));
  limits.payload_bytes = 0;
  EXPECT_EQ(prune(limits).payloads, 1u);
  EXPECT_FALSE(repeatable(unknown));
  EXPECT_TRUE(repeatable(waiting));
  EXPECT_EQ(book->size().payloads, 1u);
}

TEST_F(ledger_prune, records_go_by_number_in_bounded_steps_and_numbers_are_not_reused) {
  fill(600, action_state::confirmed, 10);
  const auto unknown = ended(action_state::unknown);
  const auto waiting = accept_one(*book, make_request("w"), now).id;
  prune_limits limits;
  limits.actions = 0;
  auto done = prune(limits);
  EXPECT_EQ(done.actions, prune_batch);
  EXPECT_TRUE(done.more);
  int calls = 1;
  while (prune(limits).more && calls < 10)
    ++calls;
  EXPECT_EQ(calls, 2);
  prune(limits);
  EXPECT_FALSE(there(unknown));
  EXPECT_TRUE(there(waiting));
  EXPECT_EQ(book->size().actions, 1u);
  in_group(*book, [&] { return book->cancel(waiting, "", now).operator bool(); });
  prune(limits);
  EXPECT_EQ(book->size().actions, 0u);
  book.reset();
  book = open_ledger(folder.path());
  EXPECT_EQ(accept_one(*book, make_request("x"), now).number, 603u);
}

TEST_F(ledger_prune, records_go_by_age_but_the_newest_stay) {
  fill(static_cast<int>(kept_whatever_age) + 50, action_state::confirmed, 10);
  const prune_limits limits{.payload_age = 24h, .age = 48h};
  pass(49h, limits);
  EXPECT_EQ(book->size().actions, kept_whatever_age);
  EXPECT_EQ(book->size().payloads, 0u);
}

TEST_F(ledger_prune, events_go_by_count_and_age_but_the_newest_stays) {
  ASSERT_FALSE(book->begin());
  ASSERT_TRUE(book->reserve_sequences(1000));
  for (std::uint64_t i = 1; i <= 1000; ++i)
    ASSERT_FALSE(book->append(make_event(i, "counter", now)));
  ASSERT_FALSE(book->commit());
  prune_limits limits;
  limits.events = 900;
  EXPECT_EQ(prune(limits).events, 100u);
  EXPECT_EQ(book->oldest_sequence(), 101u);
  limits.age = 24h;
  pass(25h, limits);
  EXPECT_EQ(book->size().events, kept_whatever_age);
  limits.events = 0;
  prune(limits);
  EXPECT_EQ(book->size().events, 1u);
  book.reset();
  book = open_ledger(folder.path());
  EXPECT_EQ(book->last_sequence(), 1000u);
  EXPECT_EQ(book->oldest_sequence(), 1000u);
}

TEST_F(ledger_prune, a_clock_that_jumps_years_ahead_wipes_nothing_at_once) {
  fill(300, action_state::confirmed, 10);
  const prune_limits limits{.payload_age = 24h, .age = 48h};
  prune(limits);
  now += 24h * 365 * 20;
  for (int minute = 0; minute < 60; ++minute, now += 1min)
    EXPECT_EQ(prune(limits).payloads, 0u);
  now = start_of_2026 + 1h;
  prune(limits);
  EXPECT_EQ(book->size().actions, 300u);
  EXPECT_EQ(book->size().payloads, 300u);
}

TEST_F(ledger_prune, a_jump_counts_no_more_over_restarts) {
  fill(300, action_state::confirmed, 10);
  const prune_limits limits{.payload_age = 24h, .age = 48h};
  now += 24h * 365 * 20;
  for (int start = 0; start < 20; ++start) {
    book.reset();
    book = open_ledger(folder.path());
    prune(limits);
  }
  EXPECT_EQ(book->size().payloads, 300u);
}

TEST_F(ledger_prune, a_clock_that_goes_back_makes_nothing_older) {
  fill(10, action_state::confirmed, 10);
  const prune_limits limits{.payload_age = 24h, .age = 48h};
  prune(limits);
  now = time_point{}; // a box without a clock chip starts in 1970
  pass(30h, limits);
  EXPECT_EQ(book->size().payloads, 10u);
  now = start_of_2026;
  pass(25h, limits);
  EXPECT_EQ(book->size().payloads, 0u) << "and ages on when the clock is right again";
}

TEST_F(ledger_prune, one_call_deletes_a_bounded_amount_of_documents) {
  fill(40, action_state::confirmed, 1u << 20);
  prune_limits limits;
  limits.payload_bytes = 0;
  const auto done = prune(limits);
  EXPECT_GE(done.payload_bytes, prune_byte_batch);
  EXPECT_LT(done.payload_bytes, prune_byte_batch + (2u << 20));
  EXPECT_TRUE(done.more);
}

TEST_F(ledger_prune, the_file_shrinks_again) {
  fill(40, action_state::confirmed, 1u << 20);
  ASSERT_FALSE(book->checkpoint());
  const auto full = book->size().file_bytes;
  EXPECT_GT(full, 40u << 20);
  prune_limits limits;
  limits.payload_bytes = 0;
  for (int i = 0; i < 100; ++i)
    prune(limits);
  ASSERT_FALSE(book->checkpoint());
  EXPECT_LT(book->size().file_bytes, std::uint64_t{8} << 20);
}

TEST_F(ledger_prune, a_hundred_thousand_actions_are_listed_and_pruned) {
  const auto first = ended(action_state::confirmed, 10);
  book.reset();
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "ledger.db").c_str(), &file), SQLITE_OK);
  constexpr const char* copies = R"sql(
    BEGIN;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE count(n) AS (VALUES (2) UNION ALL
      SELECT n + 1 FROM count WHERE n < 100000) SELECT n FROM count;
    INSERT INTO actions SELECT n, id || n, key, device, action,
      CASE n % 2 WHEN 0 THEN 'failed' ELSE 'confirmed' END, hold, touched, code, text, session,
      origin, trace, repeats, accepted, updated, payload_bytes, payload_kept, result, 0
      FROM actions, numbers;
    INSERT INTO payloads SELECT n, checksum, content FROM payloads, numbers;
    COMMIT)sql";
  char* problem = nullptr;
  ASSERT_EQ(sqlite3_exec(file, copies, nullptr, nullptr, &problem), SQLITE_OK) << problem;
  sqlite3_close(file);
  book = open_ledger(folder.path());
  EXPECT_TRUE(repeatable(first));
  EXPECT_EQ(book->size().actions, 100'000u);
  const auto newest = book->list({{}, {}, 0, 100});
  ASSERT_EQ(newest->size(), 100u);
  EXPECT_EQ(newest->front().number, 100'000u);
  EXPECT_EQ(book->list({device_id("counter"), action_state::failed, 50'000, 100})->size(), 100u);
  EXPECT_EQ(book->list({{}, action_state::unknown, 0, 100})->size(), 0u);
  prune_limits limits;
  limits.actions = 90'000;
  int calls = 1;
  while (prune(limits).more)
    ++calls;
  EXPECT_EQ(book->size().actions, 90'000u);
  EXPECT_LE(calls, 10'000 / static_cast<int>(prune_batch) + 2);
  book.reset();
  book = open_ledger(folder.path());
  EXPECT_EQ(book->size().actions, 90'000u);
}

} // namespace
} // namespace troupe::store
