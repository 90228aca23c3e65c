#include "actors/box/kiosk.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using core = kiosk_core;
using effect = core::effect;

kiosk_facts machine(bool screen = true, const char* browser = "cog", bool root = false,
                    bool user = false) {
  kiosk_facts out;
  if (screen) out.screens = {"card0-HDMI-A-1"};
  out.browser = browser;
  out.root = root;
  out.has_user = user;
  return out;
}

TEST(kiosk_core, it_shows_the_page_where_a_screen_a_browser_and_a_user_are) {
  struct row {
    const char* what;
    kiosk_wish wish;
    kiosk_facts facts;
    kiosk_state state;
  };
  const row rows[] = {
      {"all there", kiosk_wish::automatic, machine(), kiosk_state::showing},
      {"no screen", kiosk_wish::automatic, machine(false), kiosk_state::no_screen},
      {"no screen, but told to", kiosk_wish::on, machine(false), kiosk_state::showing},
      {"no browser", kiosk_wish::automatic, machine(true, ""), kiosk_state::no_browser},
      {"root", kiosk_wish::automatic, machine(true, "cog", true), kiosk_state::as_root},
      {"root with a user", kiosk_wish::on, machine(true, "cog", true, true), kiosk_state::showing},
      {"switched off", kiosk_wish::off, machine(), kiosk_state::off},
  };
  for (const auto& each : rows) {
    core kiosk(each.wish);
    const auto done = kiosk.facts(each.facts, {});
    EXPECT_EQ(kiosk.state(), each.state) << each.what;
    EXPECT_EQ(done, each.state == kiosk_state::showing ? effect::start : effect::none) << each.what;
    EXPECT_FALSE(kiosk.text().empty()) << each.what;
  }
}

TEST(kiosk_core, a_browser_that_does_not_stay_is_started_again_more_and_more_slowly) {
  core::time now{};
  core kiosk(kiosk_wish::automatic);
  kiosk.facts(machine(), now);
  auto pause = 2s;
  for (int i = 0; i < 12; ++i) {
    kiosk.ended("it ended with code 1", now);
    EXPECT_EQ(kiosk.state(), kiosk_state::waiting);
    ASSERT_TRUE(kiosk.next_wake());
    EXPECT_EQ(*kiosk.next_wake() - now, pause);
    EXPECT_EQ(kiosk.woke(now + pause - 1ms), effect::none);
    now += pause;
    EXPECT_EQ(kiosk.woke(now), effect::start);
    pause = std::min<std::chrono::seconds>(pause * 2, 300s);
  }
  now += 2min;
  kiosk.ended("it ended with code 0", now);
  EXPECT_EQ(*kiosk.next_wake() - now, 2s) << "it had stayed for long";
}

TEST(kiosk_core, a_screen_that_goes_takes_the_browser_along) {
  core kiosk(kiosk_wish::automatic);
  EXPECT_EQ(kiosk.facts(machine(), {}), effect::start);
  EXPECT_EQ(kiosk.facts(machine(), {}), effect::none) << "nothing changed";
  EXPECT_EQ(kiosk.facts(machine(false), {}), effect::stop);
  EXPECT_EQ(kiosk.ended("it was ended by signal 15", {}), effect::none);
  EXPECT_FALSE(kiosk.next_wake());
  EXPECT_EQ(kiosk.facts(machine(), {}), effect::start);
}

TEST(kiosk, screens_are_read_where_the_kernel_tells_of_them) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("troupe-drm-" + std::to_string(::getpid()));
  const auto make = [&](const char* connector, const char* status) {
    std::filesystem::create_directories(folder / connector);
    std::ofstream(folder / connector / "status") << status << "\n";
  };
  EXPECT_TRUE(attached_screens(folder).empty()) << "no such folder";
  make("card0-HDMI-A-2", "connected");
  make("card0-HDMI-A-1", "disconnected");
  make("card1-DSI-1", "connected");
  std::filesystem::create_directories(folder / "card0");
  std::ofstream(folder / "version") << "drm\n";
  EXPECT_EQ(attached_screens(folder), (std::vector<std::string>{"card0-HDMI-A-2", "card1-DSI-1"}));
  std::filesystem::remove_all(folder);
}

TEST(kiosk, the_browser_is_what_is_there) {
  const auto chosen = [](std::set<std::string> there, bool display,
                         std::vector<std::string> wished = {}) {
    auto command = browser_command(wished, display, "/state/kiosk",
                                   [&](const std::string& each) { return there.contains(each); });
    return command.empty() ? std::string() : command.front();
  };
  EXPECT_EQ(chosen({}, true), "");
  EXPECT_EQ(chosen({"cog", "chromium", "cage"}, false), "cog");
  EXPECT_EQ(chosen({"chromium"}, true), "chromium");
  EXPECT_EQ(chosen({"chromium-browser"}, true), "chromium-browser");
  EXPECT_EQ(chosen({"chromium"}, false), "") << "it draws on no bare screen";
  EXPECT_EQ(chosen({"chromium", "cage"}, false), "cage");
  EXPECT_EQ(chosen({"cog"}, true, {"/opt/browser", "--full"}), "");
  EXPECT_EQ(chosen({"/opt/browser"}, true, {"/opt/browser", "--full"}), "/opt/browser");
}

} // namespace
} // namespace troupe::box
