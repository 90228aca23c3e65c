#include "devices/printer/status.hpp"
#include "sim/printer_port.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

using namespace std::chrono_literals;

class printer_port_test : public testing::Test {
protected:
  void open() {
    port = make_printer_port(device);
    port::byte_port::events events;
    events.opened = [this] { ++opened; };
    events.received = [this](byte_span bytes) {
      heard.insert(heard.end(), bytes.begin(), bytes.end());
    };
    events.stalled = [this](bool on) { stalls.push_back(on); };
    events.closed = [this](fault why) { closed = why.code; };
    port->open(std::move(events));
  }
  void write(std::string_view text) {
    port->write(shared_bytes::copy_of(text), [this](result<std::size_t> done) {
      answers.push_back(done ? std::to_string(*done) : done.error().code);
    });
  }
  void finish() {
    port->finish_job([this](result<std::size_t> done) {
      answers.push_back("job " + (done ? std::to_string(*done) : done.error().code));
    });
  }

  manual_time time;
  std::shared_ptr<printer_device> device = printer_device::make(
      [] {
        device_options options;
        options.model.buffer_bytes = 1024;
        options.model.reserve_bytes = 16;
        return options;
      }(),
      time.source());
  std::unique_ptr<port::byte_port> port;
  int opened = 0;
  byte_vector heard;
  std::vector<bool> stalls;
  std::vector<std::string> answers;
  std::string closed;
};

TEST_F(printer_port_test, carries_bytes_both_ways_never_from_inside_a_call) {
  open();
  EXPECT_EQ(opened, 0);
  time.settle();
  EXPECT_EQ(opened, 1);
  write("Hello\n\x1dV\x41\x01");
  finish();
  EXPECT_TRUE(answers.empty());
  time.settle();
  EXPECT_EQ(answers, (std::vector<std::string>{"10", "job 10"}));
  EXPECT_EQ(device->receipts().size(), 1u);
  port::byte_port* raw = port.get();
  EXPECT_EQ(raw->describe(), "sim:counter");
}

TEST_F(printer_port_test, is_understood_by_the_reader_of_real_printers) {
  open();
  time.settle();
  printer::status_reader reader;
  port->write(printer::automatic_status_request(true), {});
  time.settle();
  reader.read(heard);
  EXPECT_TRUE(reader.status().online);
  EXPECT_FALSE(reader.status().drawer_open);
  heard.clear();
  ASSERT_TRUE(device->play({"paper", "out"}));
  ASSERT_TRUE(device->play({"drawer", "open"}));
  time.settle();
  reader.read(heard);
  EXPECT_TRUE(reader.status().paper_end);
  EXPECT_TRUE(reader.status().drawer_open);
  EXPECT_FALSE(reader.status().online);
  heard.clear();
  reader.expect_realtime();
  port->write(printer::realtime_request(), {});
  time.settle();
  auto got = reader.read(heard);
  EXPECT_TRUE(got.status);
  EXPECT_EQ(got.stray_bytes, 0u);
  EXPECT_TRUE(reader.status().paper_end);
}

TEST_F(printer_port_test, stalls_without_paper_and_goes_on_with_it) {
  open();
  time.settle();
  ASSERT_TRUE(device->play({"paper", "out"}));
  write(std::string(3000, 'x'));
  time.advance(2s);
  EXPECT_TRUE(stalls.empty());
  time.advance(2s);
  EXPECT_EQ(stalls, std::vector<bool>{true});
  EXPECT_TRUE(answers.empty());
  ASSERT_TRUE(device->play({"paper", "in"}));
  time.advance(1s);
  EXPECT_EQ(stalls, (std::vector<bool>{true, false}));
  EXPECT_EQ(answers, std::vector<std::string>{"3000"});
}

TEST_F(printer_port_test, tells_why_there_is_no_connection) {
  ASSERT_TRUE(device->play({"power", "off"}));
  open();
  time.settle();
  EXPECT_EQ(closed, "printer.refused");
  write("x");
  time.settle();
  EXPECT_TRUE(answers.empty()) << "no callback after the end";
}

TEST_F(printer_port_test, an_unplugged_printer_does_not_answer_the_call) {
  ASSERT_TRUE(device->play({"plug", "out"}));
  open();
  time.advance(4s);
  EXPECT_EQ(closed, "");
  time.advance(2s);
  EXPECT_EQ(closed, "printer.timeout");
}

TEST_F(printer_port_test, switching_off_ends_the_connection) {
  open();
  time.settle();
  ASSERT_TRUE(device->play({"power", "off"}));
  time.settle();
  EXPECT_EQ(closed, "printer.closed");
  EXPECT_EQ(device->snapshot().connections, 0u);
}

TEST_F(printer_port_test, closing_forgets_everything_at_once) {
  open();
  time.settle();
  write("never told");
  port->close();
  time.advance(10s);
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(closed, "");
  EXPECT_EQ(device->snapshot().connections, 0u);
}

TEST_F(printer_port_test, refuses_more_than_may_wait) {
  open();
  time.settle();
  ASSERT_TRUE(device->play({"paper", "out"}));
  for (std::size_t i = 0; i <= port::max_waiting_writes; ++i)
    write(std::string(100, 'x'));
  time.settle();
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers.back(), "port.busy");
}

} // namespace troupe::sim
