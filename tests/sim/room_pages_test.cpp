#include "sim/room_pages.hpp"
#include "transport/json.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

using transport::json_value;

/// A page that takes messages while it has room.
struct page_session : transport::websocket_session {
  void handle(callbacks) override {}
  bool send_text(transport::outgoing_message message) override {
    if (room == 0) return false;
    --room;
    got.push_back(json_value::parse(as_text(message.bytes)));
    return true;
  }
  bool send_binary(transport::outgoing_message) override { return false; }
  void close(std::uint16_t code, std::string_view) override { closed = code; }
  void probe(std::chrono::milliseconds) override {}
  void cut() override {}
  void pause_reading() override {}
  void resume_reading() override {}
  bool is_open() const override { return closed == 0; }
  std::size_t queued_bytes() const override { return 0; }
  std::string_view subprotocol() const override { return {}; }
  std::string_view remote_address() const override { return {}; }

  std::size_t room = 1000;
  std::uint16_t closed = 0;
  std::vector<json_value> got;
};

class room_pages_test : public testing::Test {
protected:
  std::shared_ptr<page_session> open(std::size_t strip_rows = 0) {
    auto session = std::make_shared<page_session>();
    pages.add(session);
    printer_snapshot seen;
    seen.id = "counter";
    pages.welcome(session, seen, {1, 8, strip_rows, byte_vector(strip_rows)});
    session->got.clear();
    return session;
  }
  void rows(std::size_t first, std::size_t count, std::uint64_t receipt = 1) {
    pages.gather("counter", {receipt, first, count, byte_vector(count, 0xAA)});
  }
  room_pages pages;
};

TEST_F(room_pages_test, gathers_rows_and_sends_them_in_messages_of_bounded_size) {
  auto page = open();
  rows(0, 100);
  rows(100, 600);
  EXPECT_TRUE(page->got.empty());
  pages.flush_all();
  ASSERT_EQ(page->got.size(), 2u);
  EXPECT_EQ(page->got[0]["count"], rows_a_message);
  EXPECT_EQ(page->got[1]["first"], rows_a_message);
  EXPECT_EQ(page->got[1]["count"], 700 - rows_a_message);
  EXPECT_EQ(page->got[0]["width"], 8);
  EXPECT_FALSE(pages.anything_gathered());
}

TEST_F(room_pages_test, a_page_without_room_gets_a_gap_for_what_it_missed) {
  auto page = open();
  rows(0, 10);
  pages.flush_all();
  page->room = 0;
  rows(10, 10);
  pages.flush_all();
  rows(20, 5);
  pages.flush_all();
  page->room = 100;
  rows(25, 5);
  pages.flush_all();
  ASSERT_EQ(page->got.size(), 3u);
  EXPECT_EQ(page->got[1]["type"], "gap");
  EXPECT_EQ(page->got[1]["first"], 10);
  EXPECT_EQ(page->got[1]["count"], 15);
  EXPECT_EQ(page->got[2]["first"], 25);
}

TEST_F(room_pages_test, more_rows_than_are_gathered_become_a_gap_too) {
  auto page = open();
  rows(0, gathered_rows);
  rows(gathered_rows, 50);
  rows(gathered_rows + 50, 50);
  pages.flush_all();
  rows(gathered_rows + 100, 10);
  pages.flush_all();
  ASSERT_EQ(page->got.size(), gathered_rows / rows_a_message + 2);
  const auto& gap = page->got[page->got.size() - 2];
  EXPECT_EQ(gap["type"], "gap");
  EXPECT_EQ(gap["first"], gathered_rows);
  EXPECT_EQ(gap["count"], 100);
}

TEST_F(room_pages_test, a_new_receipt_forgets_the_gap_of_the_last) {
  auto page = open();
  page->room = 0;
  rows(0, 10);
  pages.flush_all();
  page->room = 100;
  rows(0, 10, 2);
  pages.flush_all();
  ASSERT_EQ(page->got.size(), 1u);
  EXPECT_EQ(page->got[0]["receipt"], "counter-2");
}

TEST_F(room_pages_test, a_page_too_slow_for_a_cut_has_to_come_again) {
  auto page = open(), quick = open();
  page->room = 0;
  pages.tell("counter", R"({"type":"cut"})");
  EXPECT_EQ(page->closed, 1013);
  EXPECT_EQ(quick->closed, 0);
  EXPECT_EQ(quick->got.size(), 1u);
}

TEST_F(room_pages_test, a_new_page_gets_the_last_rows_of_a_long_strip) {
  auto session = std::make_shared<page_session>();
  pages.add(session);
  printer_snapshot seen;
  seen.id = "counter";
  pages.welcome(session, seen, {7, 8, first_rows + 100, byte_vector(first_rows + 100)});
  ASSERT_EQ(session->got.size(), 2 + first_rows / rows_a_message);
  EXPECT_EQ(session->got[0]["type"], "state");
  EXPECT_EQ(session->got[1]["type"], "gap");
  EXPECT_EQ(session->got[1]["count"], 100);
  EXPECT_EQ(session->got[2]["first"], 100);
}

TEST_F(room_pages_test, rows_of_the_strip_do_not_come_twice) {
  auto first = open();
  rows(0, 10);
  auto second = open(10);
  pages.flush_all();
  EXPECT_EQ(first->got.size(), 1u);
  EXPECT_TRUE(second->got.empty());
}

} // namespace troupe::sim
