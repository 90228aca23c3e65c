#include "security/page_token.hpp"

#include <gtest/gtest.h>

namespace troupe::security {
namespace {

using std::chrono::seconds;

class page_token_test : public ::testing::Test {
protected:
  static constexpr time_point start{seconds(1'800'000'000)};

  page_token token() const {
    return {"0011",        "box-1", "https://till.example", {"print", "events"},
            {"printer-1"}, start,   start + seconds(60)};
  }
  std::string text() const { return page_token_text(token(), key); }
  std::string code_of(std::string_view line, time_point now = start,
                      std::string_view box = "box-1") const {
    const auto read = read_page_token(line, key.public_key().view(), box, now);
    return read ? "" : read.error().code;
  }

  const signing_key key = signing_key::make();
};

TEST_F(page_token_test, what_was_written_is_read) {
  const auto read = read_page_token(text(), key.public_key().view(), "box-1", start);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->id, "0011");
  EXPECT_EQ(read->origin, "https://till.example");
  EXPECT_EQ(read->actions, token().actions);
  EXPECT_EQ(read->devices, token().devices);
  EXPECT_EQ(read->issued, start);
  EXPECT_EQ(read->expires, start + seconds(60));
}

TEST_F(page_token_test, is_refused_outside_its_time_at_another_box_and_by_another_server) {
  EXPECT_EQ(code_of(text(), start - seconds(30)), "");
  EXPECT_EQ(code_of(text(), start - seconds(31)), "page_token.early");
  EXPECT_EQ(code_of(text(), start + seconds(59)), "");
  EXPECT_EQ(code_of(text(), start + seconds(60)), "page_token.expired");
  EXPECT_EQ(code_of(text(), start, "box-2"), "page_token.foreign");
  EXPECT_EQ(code_of(page_token_text(token(), signing_key::make())), "page_token.forged");
}

TEST_F(page_token_test, no_changed_or_cut_text_is_taken) {
  const auto line = text();
  for (std::size_t at = 0; at < line.size(); ++at) {
    EXPECT_NE(code_of(line.substr(0, at)), "") << at;
    auto changed = line;
    changed[at] = changed[at] == 'A' ? 'Q' : 'A';
    const auto read = read_page_token(changed, key.public_key().view(), "box-1", start);
    EXPECT_FALSE(read && changed.substr(0, line.size() - 1) != line.substr(0, line.size() - 1))
        << at;
  }
  EXPECT_EQ(code_of(line + std::string(longest_page_token, 'A')), "page_token.malformed");
}

TEST_F(page_token_test, none_lives_longer_than_an_hour) {
  auto long_lived = token();
  long_lived.expires = start + longest_page_token_life + seconds(1);
  EXPECT_EQ(code_of(page_token_text(long_lived, key)), "page_token.malformed");
}

TEST_F(page_token_test, covers_its_actions_and_devices_only) {
  auto some = token();
  EXPECT_TRUE(covers(some, "print", "printer-1"));
  EXPECT_FALSE(covers(some, "drawer", "printer-1"));
  EXPECT_FALSE(covers(some, "print", "printer-2"));
  EXPECT_FALSE(covers(some, "print", ""));
  some.devices = {"*"};
  EXPECT_TRUE(covers(some, "print", "printer-2"));
}

TEST_F(page_token_test, is_used_once_and_never_forgotten_while_valid) {
  used_page_tokens used;
  EXPECT_TRUE(used.use(token(), start));
  const auto again = used.use(token(), start);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "page_token.used");
  for (std::size_t i = 1; i < used_page_tokens::bound; ++i) {
    auto other = token();
    other.id = "n" + std::to_string(i);
    EXPECT_TRUE(used.use(other, start));
  }
  auto more = token();
  more.id = "one more";
  ASSERT_FALSE(used.use(more, start));
  EXPECT_EQ(used.use(more, start).error().code, "page_token.too_many");
  more.issued = start + seconds(60);
  more.expires = start + seconds(120);
  EXPECT_TRUE(used.use(more, start + seconds(60)));
  EXPECT_EQ(used.size(), 1u);
}

} // namespace
} // namespace troupe::security
