#include "sim/scale_port.hpp"
#include "sim/scale_terminal.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <termios.h>
#include <unistd.h>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const std::string stx(1, '\x02');

TEST(scale_model, a_weight_swings_settles_and_is_said_only_when_it_stands) {
  scale_model scale;
  EXPECT_EQ(scale.hear("W", 0ms), stx + "00.000\r");
  scale.put(452, 1000ms);
  EXPECT_EQ(scale.hear("W", 1010ms), stx + "?A\r");
  EXPECT_TRUE(scale.show(1100ms).moving);
  EXPECT_EQ(scale.hear("W", 1800ms), stx + "00.452\r");
}

TEST(scale_model, what_came_to_rest_does_not_move_again) {
  scale_model scale;
  scale.put(20'000, 0ms);
  scale.put(1250, 3000ms);
  bool rests = false;
  for (auto now = 3000ms; now < 5000ms; now += 1ms) {
    const bool moving = scale.show(now).moving;
    EXPECT_FALSE(rests && moving) << now.count();
    rests = rests || !moving;
  }
  EXPECT_TRUE(rests);
}

TEST(scale_model, limits_zero_and_tare_are_as_on_a_real_one) {
  scale_model scale;
  scale.put(15'009, 0ms);
  EXPECT_EQ(scale.hear("W", 2000ms), stx + "15.009\r") << "nine divisions above capacity";
  scale.put(15'010, 2000ms);
  EXPECT_EQ(scale.hear("W", 4000ms), stx + "?B\r");
  scale.put(500, 4000ms);
  EXPECT_FALSE(scale.press_zero(6000ms)) << "too much to be taken as zero";
  EXPECT_TRUE(scale.press_tare(6000ms));
  EXPECT_EQ(scale.hear("W", 6000ms), stx + "00.000N\r");
  scale.put(400, 6000ms);
  EXPECT_EQ(scale.hear("W", 8000ms), stx + "?d\r") << "below zero, net";
  scale.put(40, 8000ms);
  EXPECT_EQ(scale.hear("Z", 10'000ms), stx + "?P\r");
  EXPECT_EQ(scale.hear("W", 10'000ms), stx + "00.000\r");
}

TEST(scale_model, switched_on_with_a_load_it_finds_no_zero) {
  scale_model scale;
  scale.put(1000, 0ms);
  scale.restart(5000ms);
  EXPECT_TRUE(scale.show(7000ms).error);
  EXPECT_EQ(scale.hear("W", 7000ms), stx + "?H\r");
  scale.put(0, 7000ms);
  scale.restart(9000ms);
  EXPECT_EQ(scale.hear("W", 11'000ms), stx + "00.000\r");
}

TEST(scale_model, echo_is_only_between_E_and_F) {
  scale_model scale;
  EXPECT_EQ(scale.hear("Ehello", 0ms), stx + "E\rhello");
  EXPECT_EQ(scale.hear("W", 0ms), "W");
  EXPECT_EQ(scale.hear("F", 0ms), stx + "F\r");
  EXPECT_EQ(scale.hear("W", 0ms), stx + "00.000\r");
}

TEST(scale_model, the_other_protocols_say_the_same_in_their_words) {
  scale_options options;
  options.language = scale_language::adam_mdw;
  scale_model mdw(options);
  mdw.put(1234, 0ms);
  EXPECT_EQ(mdw.hear("W\r", 2000ms), "\n    1.234kg\r\n0p1\r\x03");
  mdw.put(99'000, 2000ms);
  EXPECT_EQ(mdw.hear("W\r", 4000ms), "\n^^^^^^^^^kg\r\n0r1\r\x03");
  EXPECT_EQ(mdw.hear("Q\r", 4000ms), "\n?\r\x03");
  options.language = scale_language::adam;
  scale_model line(options);
  line.put(1234, 0ms);
  EXPECT_EQ(line.hear("G\r\n", 2000ms), "+  1.234 kg\r\n");
  line.put(-200, 2000ms);
  EXPECT_EQ(line.hear("G\r\n", 4000ms), "-  0.200 kg\r\n");
}

TEST(scale_model, noise_drift_and_faults_come_from_the_seed) {
  scale_model one, two;
  for (auto* each : {&one, &two})
    each->set_noise(5);
  bool differs = false;
  for (auto now = 0ms; now < 5000ms; now += 50ms) {
    EXPECT_EQ(one.show(now), two.show(now));
    differs |= one.show(now).grams != one.show(now + 50ms).grams;
  }
  EXPECT_TRUE(differs);
  scale_model drifting;
  drifting.set_drift(60, 0ms);
  EXPECT_NEAR(drifting.show(60'000ms).grams, 60, 1);
  scale_model shaking;
  shaking.set_fault(scale_fault::shaking, true, 0ms);
  EXPECT_EQ(shaking.hear("W", 60'000ms), stx + "?A\r");
  shaking.set_fault(scale_fault::silent, true, 0ms);
  EXPECT_EQ(shaking.hear("W", 60'000ms), "");
}

TEST(scale_port, speaks_at_the_pace_of_the_line_and_ends_when_unplugged) {
  manual_time time;
  auto device = scale_device::make({.name = "till"}, time.source());
  auto port = make_scale_port(device);
  std::string heard;
  std::optional<fault> closed;
  bool opened = false;
  port::byte_port::events events;
  events.opened = [&] { opened = true; };
  events.received = [&](byte_span bytes) { heard += as_text(bytes); };
  events.closed = [&](fault why) { closed = std::move(why); };
  port->open(std::move(events));
  EXPECT_FALSE(opened) << "never from inside open";
  time.settle();
  ASSERT_TRUE(opened);
  port->write(shared_bytes::copy_of("W"), {});
  time.advance(9ms);
  EXPECT_EQ(heard, "") << "one byte there and eight back take ten milliseconds at 9600 baud";
  time.advance(5ms);
  EXPECT_EQ(heard, stx + "00.000\r");
  EXPECT_EQ(device->snapshot().connections, 1u);
  ASSERT_TRUE(device->play({.what = "plug", .state = "out"}));
  time.settle();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, "serial.closed");
  auto again = make_scale_port(device);
  closed.reset();
  port::byte_port::events more;
  more.closed = [&](fault why) { closed = std::move(why); };
  again->open(std::move(more));
  time.settle();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, "serial.absent");
}

TEST(scale_device, watchers_see_it_settle_and_then_peace) {
  manual_time time;
  auto device = scale_device::make({}, time.source());
  auto alive = std::make_shared<int>(0);
  int told = 0;
  device->watch(alive, [&] { ++told; });
  ASSERT_TRUE(device->play({.what = "weight", .grams = 250}));
  time.advance(3s);
  EXPECT_GT(told, 10);
  EXPECT_EQ(device->snapshot().display.text, "0.250");
  const int before = told;
  time.advance(1min);
  EXPECT_EQ(told, before) << "a scale at rest costs nothing";
}

/// A host that opens the link as a serial line.
class scale_terminal_test : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-scale-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    device_ = scale_device::make({.name = "till", .baud = 0}, loop_time(context_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  bool until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + 120s;
    while (!so() && std::chrono::steady_clock::now() < end) {
      context_.restart();
      context_.run_one_for(milliseconds(20));
    }
    return so();
  }
  std::string ask(int line, const std::string& question) {
    EXPECT_EQ(::write(line, question.data(), question.size()),
              static_cast<ssize_t>(question.size()));
    std::string heard;
    until([&] {
      char buffer[64];
      const auto count = ::read(line, buffer, sizeof buffer);
      if (count > 0) heard.append(buffer, static_cast<std::size_t>(count));
      return heard.ends_with('\r');
    });
    return heard;
  }

  boost::asio::io_context context_;
  std::filesystem::path folder_;
  std::shared_ptr<scale_device> device_;
};

TEST_F(scale_terminal_test, whoever_opens_the_link_can_ask_it_until_the_plug_is_pulled) {
  const auto link = (folder_ / "line").string();
  auto terminal = scale_terminal::open(context_, device_, link);
  ASSERT_TRUE(terminal) << terminal.error().text;
  for (int round = 0; round < 2; ++round) {
    const int line = ::open(link.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
    ASSERT_GE(line, 0);
    EXPECT_EQ(ask(line, "W"), stx + "00.000\r");
    ASSERT_TRUE(device_->play({.what = "plug", .state = "out"}));
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(link)));
    char byte = 0;
    EXPECT_TRUE(until([&] {
      const auto count = ::read(line, &byte, 1);
      return count == 0 || (count < 0 && errno == EIO);
    })) << "the host's side hears of it";
    ::close(line);
    ASSERT_TRUE(device_->play({.what = "plug", .state = "in"}));
  }
  (*terminal)->close();
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(link)));
}

TEST_F(scale_terminal_test, a_file_in_the_place_of_the_link_is_left_alone) {
  const auto link = (folder_ / "file").string();
  std::filesystem::create_directory(link);
  const auto refused = scale_terminal::open(context_, device_, link);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "sim.link");
  EXPECT_TRUE(std::filesystem::is_directory(link));
}

} // namespace
} // namespace troupe::sim
