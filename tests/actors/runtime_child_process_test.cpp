#include "actors/runtime/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

class child_process_test : public ::testing::Test {
protected:
  bool serve_until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!so()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop.restart();
      loop.run_for(10ms);
    }
    return true;
  }
  auto start(std::vector<std::string> command, std::vector<std::string> environment = {}) {
    return child_process::start(loop, {std::move(command), std::move(environment), ""},
                                [this](std::string text) { how = std::move(text); });
  }
  /// Neither there nor a zombie of ours.
  static bool is_gone(int process) {
    if (::kill(process, 0) != 0) return errno == ESRCH;
    std::ifstream in("/proc/" + std::to_string(process) + "/stat");
    std::string number, name, state;
    return !(in >> number >> name >> state) || state == "Z";
  }
  boost::asio::io_context loop;
  std::optional<std::string> how;
};

TEST_F(child_process_test, tells_how_a_program_ended) {
  const auto good = start({"sh", "-c", "exit 0"});
  ASSERT_TRUE(good) << good.error().text;
  ASSERT_TRUE(serve_until([&] { return how.has_value(); }));
  EXPECT_EQ(*how, "it ended with code 0");
  how.reset();
  const auto bad =
      start({"sh", "-c", "test \"$TROUPE_WORD\" = yes && exit 7"}, {"TROUPE_WORD=yes"});
  ASSERT_TRUE(serve_until([&] { return how.has_value(); }));
  EXPECT_EQ(*how, "it ended with code 7");
  how.reset();
  const auto killed = start({"sh", "-c", "kill -9 $$"});
  ASSERT_TRUE(serve_until([&] { return how.has_value(); }));
  EXPECT_EQ(*how, "it was ended by signal 9");
}

TEST_F(child_process_test, says_what_keeps_a_program_from_starting) {
  EXPECT_EQ(start({}).error().code, "process.no_program");
  EXPECT_EQ(start({"no-such-program-anywhere"}).error().code, "process.no_program");
  EXPECT_EQ(start({"/dev/null"}).error().code, "process.no_program") << "no program";
  EXPECT_EQ(find_program("no-such-program-anywhere"), "");
  EXPECT_NE(find_program("sh"), "");
}

TEST_F(child_process_test, takes_its_own_children_along) {
  auto made = start({"sh", "-c", "trap '' TERM; sleep 1000 & wait"});
  ASSERT_TRUE(made) << made.error().text;
  auto child = *std::move(made);
  const int number = child->number();
  EXPECT_FALSE(is_gone(number));
  child.reset(); // it does not listen: it is made to end
  EXPECT_TRUE(serve_until([&] { return is_gone(number) && ::kill(-number, 0) != 0; }));
  EXPECT_FALSE(how) << "nobody is told of what was wanted";
}

TEST_F(child_process_test, ends_with_the_loop) {
  int number = 0;
  {
    boost::asio::io_context short_lived;
    auto made = child_process::start(short_lived, {{"sleep", "1000"}, {}, ""}, [](std::string) {});
    ASSERT_TRUE(made);
    number = (*made)->number();
  }
  EXPECT_TRUE(serve_until([&] { return is_gone(number); }));
}

} // namespace
} // namespace troupe::runtime
