#include "devices/port/serial_port.hpp"
#include "tests/devices/port_recorder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::port {
namespace {

using test::outcome;

/// The device's side of a pseudo-terminal.
class serial_port_test : public testing::Test {
protected:
  void SetUp() override { plug_in(); }
  void TearDown() override { pull_out(); }

  void plug_in() {
    device_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    ASSERT_GE(device_, 0);
    ASSERT_EQ(::grantpt(device_), 0);
    ASSERT_EQ(::unlockpt(device_), 0);
    address_.kind = port_kind::serial;
    address_.device = ::ptsname(device_);
  }
  void pull_out() {
    if (device_ >= 0) ::close(std::exchange(device_, -1));
  }
  void say(const std::string& text) {
    ASSERT_EQ(::write(device_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string heard(std::size_t bytes) {
    std::string out(bytes, '\0');
    std::size_t got = 0;
    while (got < bytes) {
      const auto count = ::read(device_, out.data() + got, bytes - got);
      if (count <= 0) break;
      got += static_cast<std::size_t>(count);
    }
    out.resize(got);
    return out;
  }
  std::unique_ptr<byte_port> made() {
    auto port = make_port(recorder_.context, address_);
    auto events = recorder_.events();
    events.warned = [this](fault what) { warned_ = std::move(what); };
    port->open(std::move(events));
    EXPECT_FALSE(recorder_.opened || recorder_.closed) << "never from inside open";
    return port;
  }
  std::unique_ptr<byte_port> opened() {
    auto port = made();
    EXPECT_TRUE(recorder_.until([&] { return recorder_.opened || recorder_.closed; }));
    EXPECT_TRUE(recorder_.opened) << (recorder_.closed ? recorder_.closed->text : "");
    return port;
  }
  void expect_refused(const std::string& code) {
    auto port = made();
    ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
    EXPECT_EQ(recorder_.closed->code, code) << recorder_.closed->text;
    EXPECT_FALSE(recorder_.closed->remedy.empty());
    EXPECT_FALSE(recorder_.opened);
  }

  test::port_recorder recorder_;
  port_address address_;
  std::optional<fault> warned_;
  int device_ = -1;
};

TEST_F(serial_port_test, carries_every_byte_both_ways_unchanged) {
  auto port = opened();
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  outcome written;
  port->write(shared_bytes::copy_of(all), written.take());
  EXPECT_FALSE(written.came()) << "never from inside write";
  ASSERT_TRUE(recorder_.until([&] { return written.came(); }));
  EXPECT_EQ(written.count(), all.size());
  EXPECT_EQ(heard(all.size()), all);
  say(all);
  ASSERT_TRUE(recorder_.until([&] { return recorder_.received.size() == all.size(); }));
  EXPECT_EQ(recorder_.received, all);
  EXPECT_FALSE(warned_);
}

TEST_F(serial_port_test, a_line_that_cannot_do_parity_is_used_with_a_warning) {
  address_.line = {9600, 7, serial_parity::even, 1};
  auto port = opened();
  ASSERT_TRUE(warned_);
  EXPECT_EQ(warned_->code, "serial.no_parity");
  say("W");
  EXPECT_TRUE(recorder_.until([&] { return recorder_.received == "W"; }));
}

TEST_F(serial_port_test, what_is_unplugged_closes_with_words_and_opens_again_when_it_is_back) {
  auto port = opened();
  pull_out();
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_EQ(recorder_.closed->code, "serial.closed");
  EXPECT_NE(recorder_.closed->text.find(address_.device), std::string::npos);
  outcome late;
  port->write(shared_bytes::copy_of("x"), late.take());
  recorder_.settle();
  EXPECT_NE(late.code(), "");
  recorder_.closed.reset();
  recorder_.opened = false;
  plug_in();
  auto again = opened();
  say("back");
  EXPECT_TRUE(recorder_.until([&] { return recorder_.received == "back"; }));
}

TEST_F(serial_port_test, a_port_that_is_not_there_is_absent) {
  address_.device = "/dev/troupe-no-such-port";
  expect_refused("serial.absent");
}

TEST_F(serial_port_test, a_file_is_no_terminal) {
  const auto file =
      std::filesystem::temp_directory_path() / ("troupe-no-terminal-" + std::to_string(::getpid()));
  std::ofstream(file) << "x";
  address_.device = file.string();
  expect_refused("serial.not_a_terminal");
  std::filesystem::remove(file);
}

TEST_F(serial_port_test, a_port_in_use_is_refused_until_it_is_let_go) {
  auto first = opened();
  recorder_.opened = false;
  expect_refused("serial.in_use");
  first->close();
  recorder_.settle();
  recorder_.closed.reset();
  auto second = opened();
}

TEST_F(serial_port_test, a_port_without_permission_says_what_to_do) {
  if (::geteuid() == 0) {
    // Nothing is forbidden to root: the words are looked at in a child that is nobody.
    ::chmod(address_.device.c_str(), 0600);
    const auto child = ::fork();
    if (child == 0) {
      if (::setuid(65534) != 0) ::_exit(2);
      auto port = made();
      recorder_.until([&] { return recorder_.closed.has_value(); });
      ::_exit(recorder_.closed && recorder_.closed->code == "serial.not_allowed" ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return;
  }
  ::chmod(address_.device.c_str(), 0);
  expect_refused("serial.not_allowed");
}

TEST_F(serial_port_test, after_close_nothing_more_is_told) {
  auto port = opened();
  say("late");
  outcome waits;
  port->write(shared_bytes::copy_of("x"), waits.take());
  port->close();
  recorder_.settle();
  EXPECT_FALSE(waits.came());
  EXPECT_EQ(recorder_.received, "");
  EXPECT_FALSE(recorder_.closed);
}

TEST_F(serial_port_test, the_end_of_a_job_gives_its_bytes) {
  auto port = opened();
  outcome first, ended;
  port->write(shared_bytes::copy_of("12345"), first.take());
  port->finish_job(ended.take());
  ASSERT_TRUE(recorder_.until([&] { return ended.came(); }));
  EXPECT_EQ(ended.count(), 5u);
}

} // namespace
} // namespace troupe::port
