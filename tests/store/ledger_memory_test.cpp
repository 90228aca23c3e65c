#include "tests/store/store_fixture.hpp"

namespace troupe::store {
namespace {

TEST(ledger_in_memory, does_what_one_on_disk_does) {
  auto opened = ledger::in_memory();
  ASSERT_TRUE(opened) << opened.error().text;
  auto& book = **opened;
  const auto first = accept_one(book, make_request("key"));
  in_group(book, [&] {
    const auto again = book.accept(make_request("key"), start_of_2026);
    EXPECT_TRUE(again && again->duplicate && again->record.id == first.id);
    return true;
  });
  in_group(book, [&] {
    EXPECT_TRUE(book.mark_sent(first.id, start_of_2026));
    EXPECT_TRUE(book.finish(first.id, action_state::confirmed, "", "", start_of_2026));
    EXPECT_EQ(*book.reserve_sequences(10), 1u);
    EXPECT_FALSE(book.append(make_event(1)));
    EXPECT_FALSE(book.put("box.name", "\"Kitchen\""));
    return true;
  });
  EXPECT_EQ((*book.find(first.id))->state, action_state::confirmed);
  EXPECT_EQ(book.read_events(0, 10)->size(), 1u);
  EXPECT_EQ(**book.get("box.name"), "\"Kitchen\"");
  EXPECT_EQ(book.size().file_bytes, 0u);
  in_group(book, [&] {
    EXPECT_TRUE(book.prune(start_of_2026 + std::chrono::hours(24 * 365), {}));
    return true;
  });
}

TEST(ledger_in_memory, is_nobody_elses) {
  auto one = ledger::in_memory();
  auto other = ledger::in_memory();
  ASSERT_TRUE(one && other);
  accept_one(**one, make_request("key"));
  EXPECT_TRUE((*other)->list({})->empty());
}

} // namespace
} // namespace troupe::store
