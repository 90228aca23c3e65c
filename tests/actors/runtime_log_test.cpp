#include "actors/runtime/log.hpp"
#include "actors/runtime/log_format.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

class log_test : public ::testing::Test {
protected:
  log_test() { configure(quiet()); }
  ~log_test() override {
    for (const auto& each : log_levels())
      if (!each.logger.empty()) set_log_level(each.logger, {});
    configure_log({.to_stderr = false});
    std::filesystem::remove_all(folder);
  }
  log_options quiet() {
    return {.to_stderr = false, .now = [this] { return now; }};
  }
  void configure(log_options options) {
    EXPECT_TRUE(configure_log(std::move(options)));
    const auto lines = recent_log_lines();
    before = lines.empty() ? 0 : lines.back().number;
  }
  std::vector<log_line> lines() const { return recent_log_lines(before); }
  std::string last_text() const {
    const auto all = lines();
    return all.empty() ? "" : all.back().text;
  }
  static std::string content(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path make_folder() {
    folder = std::filesystem::path(testing::TempDir()) /
             ("log_" + std::to_string(::getpid()) + "_" +
              testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return folder;
  }

  time_point now{1'800'000'000s};
  std::uint64_t before = 0;
  std::filesystem::path folder;
};

TEST_F(log_test, puts_values_where_the_holes_are) {
  struct {
    std::string_view pattern;
    std::vector<log_value> values;
    std::string_view text;
  } const table[] = {
      {"plain", {}, "plain"},
      {"{} rows", {42}, "42 rows"},
      {"{}{}", {std::string_view("a"), true}, "atrue"},
      {"{} and {}", {1}, "1 and {}"},
      {"only", {1, 2}, "only 1 2"},
      {"{}", {-7}, "-7"},
      {"{}", {1.5}, "1.5"},
      {"{}", {std::uint64_t{18446744073709551615u}}, "18446744073709551615"},
      {"{} {}", {std::string_view("{}"), 2}, "{} 2"},
  };
  for (const auto& row : table)
    EXPECT_EQ(compose_text(row.pattern, row.values), row.text);
}

TEST_F(log_test, line_carries_logger_level_time_and_trace) {
  const logger log("test.line");
  const auto trace = new_trace();
  {
    const trace_scope scope(trace);
    log.warning("{} is slow", "printer");
  }
  const auto all = lines();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].text, "printer is slow");
  EXPECT_EQ(all[0].logger, "test.line");
  EXPECT_EQ(all[0].level, log_level::warning);
  EXPECT_EQ(all[0].at, now);
  EXPECT_EQ(all[0].trace, trace);
  const auto text = readable_line(all[0]);
  EXPECT_EQ(text, to_rfc3339(now) + " warning test.line  printer is slow  trace=" +
                      trace_id_text(trace) + " span=" + span_id_text(trace));
}

TEST_F(log_test, levels_are_inherited_by_dotted_prefix_and_change_while_running) {
  const logger parent("tree.box"), child("tree.box.printer"), other("tree.boxer");
  EXPECT_TRUE(child.enabled(log_level::info));
  EXPECT_FALSE(child.enabled(log_level::debug));
  set_log_level("tree.box", log_level::debug);
  EXPECT_TRUE(parent.enabled(log_level::debug));
  EXPECT_TRUE(child.enabled(log_level::debug));
  EXPECT_FALSE(other.enabled(log_level::debug));
  set_log_level("tree.box.printer", log_level::off);
  EXPECT_FALSE(child.enabled(log_level::error));
  set_log_level("", log_level::error);
  EXPECT_FALSE(other.enabled(log_level::warning));
  EXPECT_TRUE(parent.enabled(log_level::debug));
  set_log_level("tree.box", {});
  EXPECT_FALSE(parent.enabled(log_level::warning));

  std::vector<std::string> seen;
  for (const auto& each : log_levels())
    if (each.logger.rfind("tree", 0) == 0)
      seen.push_back(each.logger + " " + std::string(name_of(each.level)) +
                     (each.own ? " own" : ""));
  EXPECT_EQ(seen, (std::vector<std::string>{"tree.box error", "tree.box.printer off own",
                                            "tree.boxer error"}));
}

TEST_F(log_test, a_level_set_before_the_logger_exists_holds) {
  set_log_level("early.bird", log_level::trace);
  EXPECT_TRUE(logger("early.bird.song").enabled(log_level::trace));
}

TEST_F(log_test, reads_level_names) {
  EXPECT_EQ(log_level_from("WARN"), log_level::warning);
  EXPECT_EQ(log_level_from("critical"), log_level::error);
  EXPECT_EQ(log_level_from("Debug"), log_level::debug);
  EXPECT_EQ(log_level_from("loud"), std::nullopt);
}

TEST_F(log_test, json_lines_are_json_whatever_they_contain) {
  const auto file = make_folder() / "log";
  configure(
      {.json = true, .to_stderr = false, .file = file.string(), .now = [this] { return now; }});
  const logger log("test.json");
  const std::string nasty =
      "quote\" back\\ line\n bell\x07 broken\xff\xc0\xaf \xed\xa0\x80 ok\xe2\x82\xac";
  log.write(log_level::error, nasty,
            {{"count", 3}, {"ratio", 0.5}, {"name", nasty}, {"yes", true}});
  const auto parsed = nlohmann::json::parse(content(file));
  EXPECT_EQ(parsed["level"], "error");
  EXPECT_EQ(parsed["logger"], "test.json");
  EXPECT_EQ(parsed["time"], to_rfc3339(now));
  EXPECT_EQ(parsed["fields"]["count"], 3);
  EXPECT_EQ(parsed["fields"]["ratio"], 0.5);
  EXPECT_EQ(parsed["fields"]["yes"], true);
  EXPECT_NE(parsed["text"].get<std::string>().find("ok\xe2\x82\xac"), std::string::npos);
}

TEST_F(log_test, readable_lines_cannot_be_forged) {
  const auto file = make_folder() / "log";
  configure({.to_stderr = false, .file = file.string(), .now = [this] { return now; }});
  logger("test.forge").info("first\n{}", "2026 error box  all is lost\x1b[31m");
  const auto written = content(file);
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1);
  EXPECT_NE(written.find("first\\n2026"), std::string::npos);
  EXPECT_NE(written.find("\\x1b[31m"), std::string::npos);
}

TEST_F(log_test, files_are_rotated_and_bounded) {
  const auto file = make_folder() / "log";
  configure({.to_stderr = false,
             .file = file.string(),
             .file_bytes = 2000,
             .files = 2,
             .repeats = 1'000'000,
             .now = [this] { return now; }});
  const logger log("test.rotate");
  for (int i = 0; i < 200; ++i)
    log.info("line {} of many", i);
  std::size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator(file.parent_path())) {
    EXPECT_LE(each.file_size(), 2100u);
    ++files;
  }
  EXPECT_EQ(files, 3u);
}

TEST_F(log_test, an_impossible_file_is_reported_and_the_rest_works) {
  EXPECT_FALSE(configure_log({.to_stderr = false, .file = "/proc/no/such/file"}));
  logger("test.impossible").info("still here");
  EXPECT_EQ(last_text(), "still here");
}

TEST_F(log_test, keeps_a_bounded_number_of_lines) {
  auto options = quiet();
  options.lines_in_memory = 10;
  options.repeats = 1000;
  configure(options);
  const logger log("test.ring");
  for (int i = 0; i < 50; ++i)
    log.info("line {}", i);
  const auto all = recent_log_lines();
  ASSERT_EQ(all.size(), 10u);
  EXPECT_EQ(all.front().text, "line 40");
  EXPECT_EQ(recent_log_lines(all[7].number).size(), 2u);
  EXPECT_EQ(recent_log_lines(0, 3).front().text, "line 47");
}

TEST_F(log_test, holds_repeated_lines_back_and_says_how_many) {
  const logger log("test.repeat");
  for (int i = 0; i < 100; ++i)
    log.warning("port {} is gone", i);
  log.warning("something else");
  EXPECT_EQ(lines().size(), 21u);
  now += 11s;
  log.info("later");
  const auto all = lines();
  ASSERT_EQ(all.size(), 23u);
  EXPECT_EQ(all[21].text, "Left out 80 more like: port {} is gone");
  EXPECT_EQ(all[21].level, log_level::warning);
  log.warning("port {} is gone", 100);
  EXPECT_EQ(last_text(), "port 100 is gone");
}

TEST_F(log_test, flush_reports_what_was_held_back) {
  const logger log("test.flush");
  for (int i = 0; i < 25; ++i)
    log.info("again");
  flush_log();
  EXPECT_EQ(last_text(), "Left out 5 more like: again");
}

TEST_F(log_test, a_clock_set_back_does_not_silence_a_line) {
  const logger log("test.back");
  for (int i = 0; i < 25; ++i)
    log.info("tick");
  now -= 24h;
  log.info("tick");
  EXPECT_EQ(lines().size(), 21u);
  EXPECT_EQ(lines().back().left_out, 5u);
}

TEST_F(log_test, subscribers_get_lines_until_they_leave_and_not_their_own) {
  const logger log("test.subscribe");
  std::vector<std::string> got;
  {
    const auto subscription = subscribe_log([&](const log_line& line) {
      got.push_back(line.text);
      log.info("about {}", line.text);
    });
    log.info("one");
    log.debug("not enabled");
  }
  log.info("two");
  EXPECT_EQ(got, std::vector<std::string>{"one"});
  EXPECT_EQ(lines().size(), 3u);
}

TEST_F(log_test, many_threads_write_whole_lines) {
  const auto file = make_folder() / "log";
  auto options = quiet();
  options.file = file.string();
  options.repeats = 1'000'000;
  configure(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      const logger log("test.threads");
      for (int i = 0; i < 250; ++i)
        log.info("thread {} line {}", t, i);
    });
  for (auto& each : threads)
    each.join();
  const auto written = content(file);
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1000);
}

} // namespace
} // namespace troupe::runtime
