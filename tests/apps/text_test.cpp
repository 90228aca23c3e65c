#include "apps/troupe/text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace troupe::apps {
namespace {

using namespace std::chrono_literals;

TEST(terminal_text, strangers_cannot_steer_the_terminal) {
  EXPECT_EQ(printable("Kitchen"), "Kitchen");
  EXPECT_EQ(printable("Küche 厨房 🍜"), "Küche 厨房 🍜");
  EXPECT_EQ(printable("\x1b[31mred\x07"), "?[31mred?");
  EXPECT_EQ(printable("a\nb\tc"), "a b c");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "b"),
            "a?b");                                          // CSI as one character
  EXPECT_EQ(printable("a\xe2\x80\xaetxt.exe"), "a?txt.exe"); // writing turned round
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a?b");
  EXPECT_EQ(printable("\xef\xbf\xbd"), "\xef\xbf\xbd"); // a real U+FFFD stays
}

TEST(terminal_text, columns_are_counted_as_terminals_do) {
  EXPECT_EQ(columns_of("abc"), 3u);
  EXPECT_EQ(columns_of("é"), 1u);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1u); // e and a combining accent
  EXPECT_EQ(columns_of("厨房"), 4u);
}

TEST(terminal_text, is_shortened_between_characters) {
  EXPECT_EQ(shortened("Kitchen", 7), "Kitchen");
  EXPECT_EQ(shortened("Kitchen", 6), "Kitch…");
  EXPECT_EQ(shortened("厨房厨房", 6), "厨房…");
  EXPECT_EQ(padded("厨", 4), "厨  ");
}

TEST(terminal_text, tables_line_up) {
  text_table table({"NAME", "ID"});
  table.add({"Küche", "b1"});
  table.add({"厨房\x1b", "b2"});
  EXPECT_EQ(table.text(), "NAME   ID\n"
                          "Küche  b1\n"
                          "厨房?  b2\n");
}

TEST(terminal_text, times_are_for_people) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const auto at = *from_rfc3339("2026-11-25T19:30:01.042999Z");
  EXPECT_EQ(local_time(at), "2026-11-25 19:30:01");
  EXPECT_EQ(local_time(at, true), "2026-11-25 19:30:01.042");
  EXPECT_EQ(local_time({}), "-");
  EXPECT_EQ(rough(-5s), "0 s");
  EXPECT_EQ(rough(59s), "59 s");
  EXPECT_EQ(rough(119s), "1 min");
  EXPECT_EQ(rough(3h), "3 h");
  EXPECT_EQ(rough(49h), "2 days");
  EXPECT_EQ(precise(420us), "0.42 ms");
  EXPECT_EQ(precise(12'440us), "12.4 ms");
  EXPECT_EQ(precise(1'200'000us), "1.20 s");
}

} // namespace
} // namespace troupe::apps
