#include "apps/troupe/waterfall.hpp"
#include "messages/codec.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <sstream>

namespace troupe::apps {
namespace {

using namespace std::chrono_literals;

class waterfall_test : public ::testing::Test {
protected:
  waterfall_test() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  waterfall_span make(const char* place, const char* name, std::uint8_t id, std::uint8_t parent,
                      std::chrono::microseconds start, std::chrono::microseconds duration) {
    span made;
    made.context.trace[0] = 1;
    made.context.span[7] = id;
    made.parent[7] = parent;
    made.name = name;
    made.start = begin + start;
    made.duration = duration;
    return {place, made};
  }
  waterfall_line line(const char* place, const char* text, std::chrono::microseconds at) {
    return {place, log_record{begin + at, "info", "box.printer", text, {}}};
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string each; std::getline(in, each);)
      lines.push_back(each);
    return lines;
  }
  const time_point begin = *from_rfc3339("2026-11-25T19:30:00.500Z");
};

TEST_F(waterfall_test, spans_stand_under_their_parents_with_bars_in_proportion) {
  // Given out of order on purpose.
  const auto text = waterfall("ab",
                              {make("Kitchen", "print", 3, 2, 5ms, 5ms),
                               make("server", "http POST", 1, 0, 0ms, 10ms),
                               make("Kitchen", "command", 2, 1, 2ms, 8ms)},
                              {line("Kitchen", "printed", 9ms), line("server", "sent", 1ms)}, 80);
  const auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 9u) << text;
  EXPECT_EQ(lines[0], "Trace ab");
  EXPECT_EQ(lines[1], "2026-11-25 19:30:00.500, 3 spans, 10.0 ms");
  EXPECT_TRUE(lines[3].starts_with("server   http POST")) << text;
  EXPECT_TRUE(lines[4].starts_with("Kitchen    command")) << text;
  EXPECT_TRUE(lines[5].starts_with("Kitchen      print")) << text;
  const auto bar = [](const std::string& of) { return of.substr(of.find('|')); };
  const auto blanks = [&](const std::string& of) { return bar(of).find("█") - 1; };
  const auto width = [](const std::string& of) {
    std::size_t n = 0;
    for (auto at = of.find("█"); at != std::string::npos; at = of.find("█", at + 1))
      ++n;
    return n;
  };
  const auto whole = width(lines[3]);
  EXPECT_EQ(blanks(lines[4]), whole * 2 / 10);
  EXPECT_EQ(blanks(lines[5]), whole / 2);
  EXPECT_EQ(width(lines[5]), whole - whole / 2);
  EXPECT_TRUE(lines[5].ends_with("| 5.00 ms")) << text;
  EXPECT_EQ(lines[7], "+1.00 ms    server         info    box.printer: sent");
  EXPECT_EQ(lines[8], "+9.00 ms    Kitchen        info    box.printer: printed");
}

TEST_F(waterfall_test, odd_traces_lose_no_span) {
  // A parent that is not here, two that are each other's parents, one that is its own.
  auto text =
      waterfall("ab",
                {make("box", "orphan", 1, 99, 0ms, 1ms), make("box", "left", 2, 3, 0ms, 1ms),
                 make("box", "right", 3, 2, 0ms, 1ms), make("box", "self", 4, 4, 0ms, 0ms)},
                {}, 80);
  for (const char* name : {"orphan", "left", "right", "self"})
    EXPECT_NE(text.find(name), std::string::npos) << name << "\n" << text;
  EXPECT_EQ(lines_of(text).size(), 7u) << text;
}

TEST_F(waterfall_test, failures_and_notes_are_shown) {
  auto failed = make("box", "print", 1, 0, 0ms, 1ms);
  failed.content.failed = true;
  failed.content.note = "no paper\x1b";
  const auto text = waterfall("ab", {failed}, {}, 60);
  EXPECT_NE(text.find("✗ print"), std::string::npos);
  EXPECT_NE(text.find("no paper?"), std::string::npos) << text;
}

TEST_F(waterfall_test, clocks_that_differ_are_told) {
  const auto server = make("server", "http", 1, 0, 1s, 10ms);
  EXPECT_NE(waterfall("ab", {server, make("box", "command", 2, 1, 0s, 5ms)}, {}, 80).find("clocks"),
            std::string::npos);
  EXPECT_EQ(waterfall("ab", {server, make("box", "command", 2, 1, 1s, 5ms)}, {}, 80).find("clocks"),
            std::string::npos);
}

TEST_F(waterfall_test, nothing_and_lines_alone_are_shown_too) {
  EXPECT_EQ(waterfall("ab", {}, {}, 80), "Trace ab\nNothing is kept of it.\n");
  EXPECT_NE(waterfall("ab", {}, {line("box", "alone", 3ms)}, 80).find("+0.00 ms"),
            std::string::npos);
  EXPECT_FALSE(waterfall("ab",
                         {make("a place with a rather long name", "and a name that is longer", 1, 0,
                               0ms, 0ms)},
                         {}, 1)
                   .empty());
}

TEST(written_traces, are_read_as_the_server_writes_them) {
  const auto written = from_json<value>(
      R"({"name":"http POST","place":"server","span":"00f067aa0ba902b7","parent":"","failed":true,
          "start":"2026-11-25T19:30:00.5Z","duration_us":1500,"note":"no paper"})");
  const auto read = read_span(*written);
  ASSERT_TRUE(read);
  EXPECT_EQ(span_id_text(read->context), "00f067aa0ba902b7");
  EXPECT_EQ(read->parent, decltype(read->parent){});
  EXPECT_EQ(read->duration, 1500us);
  EXPECT_TRUE(read->failed);
  EXPECT_FALSE(read_span(value(value::object{{"name", "no start"}})));
  const auto line = read_line(*from_json<value>(
      R"({"time":"2026-11-25T19:30:00.5Z","level":"info","logger":"box","text":"done",
          "trace":"4bf92f3577b34da6a3ce929d0e0e4736"})"));
  ASSERT_TRUE(line);
  EXPECT_EQ(line->text, "done");
  EXPECT_FALSE(read_line(value()));
}

} // namespace
} // namespace troupe::apps
