#include "actors/server/pairing_desk_core.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

class pairing_core_test : public ::testing::Test {
protected:
  using time = pairing_desk_core::time;

  pairing_core_test()
      : desk([this] {
          std::string code = "BCDFGHJK";
          code[7] = code_letters[next_ % code_letters.size()];
          code[6] = code_letters[next_ / code_letters.size() % code_letters.size()];
          ++next_;
          return code;
        }) {}
  std::string code_of(const std::string& key, std::uint64_t visit = 1,
                      const std::string& instance = "i", std::chrono::seconds life = 2h) {
    auto given = desk.wait(key, instance, life, visit, now);
    EXPECT_TRUE(given) << given.error().text;
    return given ? given->code : "";
  }
  std::string take(const std::string& code, const char* person = "Anna",
                   const char* address = "10.0.0.1") {
    auto taken = desk.take(code, person, address, now);
    return taken ? taken->key : taken.error().code;
  }

  std::size_t next_ = 0;
  pairing_desk_core desk;
  time now{1h};
};

TEST(pairing_code, is_read_however_it_is_typed) {
  struct row {
    const char* typed;
    const char* read; ///< nullptr: none
  };
  const row rows[] = {
      {"BCDFGHJK", "BCDFGHJK"},
      {"bcdf-ghjk", "BCDFGHJK"},
      {"  bCdF ghJk\n", "BCDFGHJK"},
      {"b-c-d-f-g-h-j-k", "BCDFGHJK"},
      {"BCDF\xe2\x80\x93GHJK", "BCDFGHJK"}, // a dash as phones type it
      {"BCDF\xc2\xa0GHJK", "BCDFGHJK"},
      {"ZZZZZZZZ", "ZZZZZZZZ"},
      {"", nullptr},
      {"BCDFGHJ", nullptr},
      {"BCDFGHJKL", nullptr},
      {"BCDFGHJA", nullptr}, // a vowel
      {"BCDFGHJY", nullptr},
      {"BCDFGHJ1", nullptr},
      {"BCDF_GHJK", nullptr},
      {"BCDFGHJ\xc3\x9f", nullptr},
      {"BCDF\xe2\x80", nullptr},
      {"                                                                  BCDFGHJK", nullptr},
  };
  for (const auto& each : rows) {
    const auto read = read_code(each.typed);
    EXPECT_EQ(read.value_or("none"), each.read ? each.read : "none") << each.typed;
  }
}

TEST(pairing_code, is_made_of_all_letters_evenly) {
  std::set<char> letters;
  std::vector<std::uint8_t> random;
  for (int byte = 0; byte < 256; ++byte) {
    random.assign(8, static_cast<std::uint8_t>(byte));
    const auto code = code_from(random);
    EXPECT_EQ(code.empty(), byte >= 240) << byte;
    if (!code.empty()) letters.insert(code[0]);
  }
  EXPECT_EQ(letters.size(), code_letters.size());
  EXPECT_EQ(code_from({0, 1, 2}), "");
  EXPECT_EQ(code_letters.find_first_of("AEIOUY"), std::string_view::npos);
}

TEST_F(pairing_core_test, a_code_ends_at_exactly_two_hours) {
  const auto code = code_of("box");
  EXPECT_EQ(desk.next_end(), now + 2h);
  now += 2h - 1ns;
  EXPECT_TRUE(desk.expire(now).empty());
  EXPECT_EQ(take(code), "box");
  desk.settle("box", false);
  now += 1ns;
  EXPECT_EQ(take(code), "pairing.wrong");
  const auto ended = desk.expire(now);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].visit, 1u);
  EXPECT_EQ(desk.size(), 0u);
  EXPECT_FALSE(desk.next_end());
}

TEST_F(pairing_core_test, what_is_left_since_power_on_counts_and_never_more_than_two_hours) {
  EXPECT_EQ(desk.wait("a", "i", 10min, 1, now)->expires_in, 10min);
  EXPECT_EQ(desk.wait("b", "i", 48h, 2, now)->expires_in, 2h);
  EXPECT_EQ(desk.wait("c", "i", 0s, 3, now).error().code, "pairing.expired");
  EXPECT_EQ(desk.wait("c", "i", -5s, 3, now).error().code, "pairing.expired");
}

TEST_F(pairing_core_test, a_cut_connection_keeps_its_code_and_its_end) {
  const auto code = code_of("box", 1);
  desk.leave("box", 1);
  now += 30min;
  EXPECT_EQ(take(code), "pairing.gone");
  const auto again = desk.wait("box", "i", 90min, 2, now);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->code, code);
  EXPECT_EQ(again->expires_in, 90min);
  EXPECT_EQ(again->replaced, 0u);
  desk.leave("box", 1); // the old connection's end comes late
  EXPECT_EQ(take(code), "box");
}

TEST_F(pairing_core_test, a_newer_connection_replaces_the_older) {
  const auto code = code_of("box", 1);
  const auto again = desk.wait("box", "i", 2h, 2, now);
  EXPECT_EQ(again->replaced, 1u);
  EXPECT_EQ(again->code, code);
  EXPECT_EQ(desk.take(code, "Anna", "x", now)->visit, 2u);
}

TEST_F(pairing_core_test, a_restarted_box_gets_a_new_code_and_the_old_one_is_void) {
  const auto old = code_of("box", 1, "before");
  const auto fresh = code_of("box", 2, "after");
  EXPECT_NE(old, fresh);
  EXPECT_EQ(take(old), "pairing.wrong");
  EXPECT_EQ(take(fresh), "box");
  EXPECT_EQ(desk.size(), 1u);
}

TEST_F(pairing_core_test, two_owners_with_one_code_get_one_box) {
  const auto code = code_of("box");
  EXPECT_EQ(take(code, "Anna", "10.0.0.1"), "box");
  EXPECT_EQ(take(code, "Ben", "10.0.0.2"), "pairing.wrong") << "while Anna's is being written";
  desk.settle("box", true);
  EXPECT_EQ(take(code, "Ben", "10.0.0.2"), "pairing.wrong");
  EXPECT_EQ(desk.size(), 0u);
}

TEST_F(pairing_core_test, a_claim_that_could_not_be_written_may_be_tried_again) {
  const auto code = code_of("box");
  EXPECT_EQ(take(code), "box");
  desk.settle("box", false);
  EXPECT_EQ(take(code), "box");
}

TEST_F(pairing_core_test, guessers_are_slowed_then_locked_by_address_and_by_account) {
  const auto code = code_of("box");
  for (int tried = 0; tried < 5; ++tried)
    EXPECT_EQ(take("ZZZZZZZZ"), "pairing.wrong");
  EXPECT_EQ(take(code), "pairing.slow") << "even the right one";
  EXPECT_EQ(take(code, "Ben", "10.0.0.1"), "pairing.slow") << "the same address";
  EXPECT_EQ(take(code, "Anna", "10.0.0.2"), "pairing.slow") << "the same account";
  EXPECT_EQ(take("ZZZZZZZZ", "Ben", "10.0.0.2"), "pairing.wrong") << "another of both";
  now += 2s;
  EXPECT_EQ(take("ZZZZZZZZ"), "pairing.wrong");
  now += 2s;
  EXPECT_EQ(take(code), "pairing.slow") << "the wait doubles";
  for (int tried = 0; tried < 12; ++tried) {
    now += 15min;
    take("ZZZZZZZZ");
  }
  now += 14min;
  EXPECT_EQ(take(code), "pairing.slow");
  now += 1min;
  EXPECT_EQ(take(code), "pairing.wrong") << "its two hours are over";
}

TEST_F(pairing_core_test, what_is_no_code_costs_no_try_and_tells_nothing) {
  for (int tried = 0; tried < 100; ++tried)
    EXPECT_EQ(take("hello"), "pairing.bad_form");
  EXPECT_EQ(take(code_of("box")), "box");
}

TEST_F(pairing_core_test, right_codes_do_not_buy_guesses) {
  int right = 0;
  std::string last;
  for (int tried = 0; tried < 20; ++tried) {
    last = take("ZZZZZZZZ");
    const auto key = "box" + std::to_string(tried);
    if (take(code_of(key)) == key) ++right;
    desk.settle(key, true);
  }
  EXPECT_EQ(last, "pairing.slow");
  EXPECT_LE(right, 5);
}

TEST_F(pairing_core_test, more_boxes_than_it_takes_come_later) {
  pairing_desk_core full([this] {
    std::vector<std::uint8_t> bytes(8);
    auto left = ++next_;
    for (auto& each : bytes) {
      each = static_cast<std::uint8_t>(left % 20);
      left /= 20;
    }
    return code_from(bytes);
  });
  for (std::size_t at = 0; at < waiting_codes_bound; ++at)
    ASSERT_TRUE(full.wait(std::to_string(at), "i", 2h, at + 1, now));
  EXPECT_EQ(full.wait("one more", "i", 2h, 0, now).error().code, "link.busy");
  EXPECT_TRUE(full.wait("7", "i", 2h, 77777, now)) << "who waits already is not one more";
  EXPECT_EQ(full.expire(now + 2h).size(), waiting_codes_bound);
  EXPECT_EQ(full.size(), 0u);
}

TEST_F(pairing_core_test, no_code_is_given_twice) {
  pairing_desk_core stuck([] { return std::string("BCDFGHJK"); });
  ASSERT_TRUE(stuck.wait("a", "i", 2h, 1, now));
  EXPECT_EQ(stuck.wait("b", "i", 2h, 2, now).error().code, "link.busy");
}

} // namespace
} // namespace troupe::server
