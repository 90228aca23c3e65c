#include "tests/store/store_fixture.hpp"

#include <sqlite3.h>

namespace troupe::store {
namespace {

class ledger_events : public testing::Test {
protected:
  temporary_folder folder;
  std::unique_ptr<ledger> book = open_ledger(folder.path());
  void reopen() {
    book.reset();
    book = open_ledger(folder.path());
  }
  std::uint64_t reserve(std::uint32_t count) {
    const auto first = in_group(*book, [&] { return book->reserve_sequences(count); });
    return first ? *first : 0;
  }
  void append(std::uint64_t sequence, std::string device = "counter") {
    const auto problem =
        in_group(*book, [&] { return book->append(make_event(sequence, std::move(device))); });
    EXPECT_FALSE(problem) << problem->text;
  }
};

TEST_F(ledger_events, are_read_in_order_behind_a_number_by_device_and_by_limit) {
  reserve(100);
  for (std::uint64_t i = 1; i <= 20; ++i)
    append(i * 2, i % 4 == 0 ? "kitchen" : "counter");
  reopen();
  EXPECT_EQ(book->last_sequence(), 40u);
  EXPECT_EQ(book->oldest_sequence(), 2u);
  const auto behind = book->read_events(33, 100);
  ASSERT_EQ(behind->size(), 4u);
  EXPECT_EQ(behind->front().sequence, 34u);
  EXPECT_EQ(behind->back().sequence, 40u);
  EXPECT_EQ(behind->front().data, make_event(34).data);
  EXPECT_EQ(book->read_events(0, 100, device_id("kitchen"))->size(), 5u);
  EXPECT_EQ(book->read_events(0, 3)->size(), 3u);
  EXPECT_EQ(book->read_events(40, 3)->size(), 0u);
  EXPECT_EQ(book->read_events(UINT64_MAX, 3)->size(), 0u);
}

TEST_F(ledger_events, a_state_without_its_event_is_told_after_a_restart) {
  reserve(100);
  const auto told = accept_one(*book, make_request("told"));
  const auto half = accept_one(*book, make_request("half"));
  const auto untold = accept_one(*book, make_request("untold"));
  std::uint64_t sequence = 0;
  const auto tell = [&](const action_record& record, const char* type) {
    auto happened = make_event(++sequence);
    happened.action = record.id;
    happened.type = type;
    EXPECT_FALSE(in_group(*book, [&] { return book->append(happened); }));
  };
  tell(told, "action.accepted");
  tell(half, "action.accepted");
  end_as(*book, half.id, action_state::confirmed);
  tell(half, "action.confirmed");
  tell(half, "action.unheard_of"); // no state: changes nothing
  end_as(*book, untold.id, action_state::failed);
  reopen();
  const auto states = book->untold();
  ASSERT_TRUE(states) << states.error().text;
  std::vector<std::pair<action_id, action_state>> found;
  for (const auto& each : *states)
    found.emplace_back(each.id, each.state);
  EXPECT_EQ(found,
            (std::vector<std::pair<action_id, action_state>>{{half.id, action_state::sent},
                                                             {untold.id, action_state::accepted},
                                                             {untold.id, action_state::sent},
                                                             {untold.id, action_state::failed}}));
}

TEST_F(ledger_events, sequences_rise_and_must_be_reserved) {
  EXPECT_EQ(book->last_sequence(), 0u);
  EXPECT_EQ(reserve(10), 1u);
  append(5);
  ASSERT_FALSE(book->begin());
  for (const std::uint64_t bad : {0, 4, 5, 11})
    EXPECT_EQ(book->append(make_event(bad))->code, "event.bad_sequence") << bad;
  EXPECT_FALSE(book->append(make_event(6)));
  ASSERT_FALSE(book->commit());
}

TEST_F(ledger_events, a_sequence_is_never_reused_even_when_its_event_was_not_kept) {
  EXPECT_EQ(reserve(1000), 1u);
  append(3);
  ASSERT_FALSE(book->begin());
  EXPECT_FALSE(book->append(make_event(4)));
  book->rollback();
  EXPECT_EQ(book->last_sequence(), 3u);
  reopen();
  EXPECT_EQ(reserve(1000), 1001u);
  EXPECT_EQ(reserve(1), 2001u);
}

TEST_F(ledger_events, a_reservation_that_was_rolled_back_reserves_nothing) {
  ASSERT_FALSE(book->begin());
  EXPECT_EQ(*book->reserve_sequences(10), 1u);
  book->rollback();
  EXPECT_EQ(reserve(10), 1u);
}

TEST_F(ledger_events, an_unreadable_event_is_left_out) {
  reserve(10);
  for (std::uint64_t i = 1; i <= 3; ++i)
    append(i);
  book.reset();
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "ledger.db").c_str(), &file), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(file, "UPDATE events SET content = x'c1' WHERE sequence = 2", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(file);
  book = open_ledger(folder.path());
  const auto read = book->read_events(0, 2);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->back().sequence, 3u);
}

TEST_F(ledger_events, settings_are_kept_replaced_listed_and_removed) {
  in_group(*book, [&] {
    EXPECT_FALSE(book->put("device/a", R"({"name":"Küche"})"));
    EXPECT_FALSE(book->put("device/b", "[1]"));
    EXPECT_FALSE(book->put("device", "1"));
    EXPECT_FALSE(book->put("devicf", "2"));
    EXPECT_FALSE(book->put("device/b", "[2]"));
    return true;
  });
  reopen();
  EXPECT_EQ(*book->get("device/a"), R"({"name":"Küche"})");
  EXPECT_FALSE(*book->get("device/c"));
  const auto devices = book->all("device/");
  ASSERT_EQ(devices->size(), 2u);
  EXPECT_EQ((*devices)[1], (std::pair<std::string, std::string>("device/b", "[2]")));
  EXPECT_EQ(book->all()->size(), 4u);
  in_group(*book, [&] { return book->remove("device/a"); });
  EXPECT_FALSE(*book->get("device/a"));
}

TEST_F(ledger_events, a_setting_must_be_json_and_within_bounds) {
  ASSERT_FALSE(book->begin());
  EXPECT_EQ(book->put("a", "{")->code, "setting.bad_json");
  EXPECT_EQ(book->put("", "1")->code, "setting.too_large");
  EXPECT_EQ(book->put(std::string(ledger::setting_name_limit + 1, 'n'), "1")->code,
            "setting.too_large");
  EXPECT_EQ(book->put("a", '"' + std::string(ledger::setting_text_limit, 't') + '"')->code,
            "setting.too_large");
  EXPECT_FALSE(book->put("a", "null"));
  ASSERT_FALSE(book->commit());
  EXPECT_EQ(*book->get("a"), "null");
}

} // namespace
} // namespace troupe::store
