#include "sim/tcp_printer.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace troupe::sim {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

/// The real program's set-up on one thread: a client's calls are non-blocking and the loop runs
/// until what is waited for is true.
class tcp_printer_test : public testing::Test {
protected:
  void start(device_options options = {}, second_connection second = second_connection::waits) {
    device = printer_device::make(std::move(options), loop_time(context));
    auto listening = tcp_printer::listen(context, device, {.port = 0, .second = second});
    ASSERT_TRUE(listening);
    printer = *listening;
  }
  bool run_until(const std::function<bool()>& reached) {
    auto end = std::chrono::steady_clock::now() + 120s;
    while (!reached()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context.run_one_for(100ms);
      context.restart();
    }
    return true;
  }
  std::shared_ptr<tcp::socket> connect() {
    auto socket = std::make_shared<tcp::socket>(context);
    boost::system::error_code error;
    socket->connect({boost::asio::ip::address_v4::loopback(), printer->port()}, error);
    if (error) return nullptr;
    socket->non_blocking(true);
    return socket;
  }
  /// Sends as much as the system takes.
  static std::size_t send(tcp::socket& socket, std::string_view bytes) {
    boost::system::error_code error;
    return socket.write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
  }
  bool hear(tcp::socket& socket, std::size_t count) {
    return run_until([&] {
      std::uint8_t buffer[256];
      boost::system::error_code error;
      auto got = socket.read_some(boost::asio::buffer(buffer), error);
      heard.insert(heard.end(), buffer, buffer + got);
      ended = error && error != boost::asio::error::would_block;
      return heard.size() >= count || ended;
    });
  }

  boost::asio::io_context context;
  std::shared_ptr<printer_device> device;
  std::shared_ptr<tcp_printer> printer;
  byte_vector heard;
  bool ended = false;
};

static const std::string cut("\x1dV\0", 3);

TEST_F(tcp_printer_test, prints_what_comes_and_answers) {
  start();
  auto client = connect();
  ASSERT_TRUE(client);
  send(*client, "Hello\n" + cut + "\x10\x04\x01");
  ASSERT_TRUE(hear(*client, 1));
  EXPECT_EQ(heard, byte_vector{0x16});
  ASSERT_TRUE(run_until([&] { return !device->receipts().empty(); }));
  EXPECT_EQ(device->receipts().front()->paper.text, "Hello\n");
  client->close();
  EXPECT_TRUE(run_until([&] { return device->snapshot().connections == 0; }));
}

TEST_F(tcp_printer_test, without_paper_the_sender_is_held_back_and_status_still_answered) {
  device_options options;
  options.model.buffer_bytes = 4096;
  start(options);
  auto client = connect();
  send(*client, "\x1d"
                "a\x0f"); // automatic status
  ASSERT_TRUE(hear(*client, 4));
  heard.clear();
  ASSERT_TRUE(device->play({"paper", "out"}));
  ASSERT_TRUE(hear(*client, 4));
  EXPECT_EQ(heard, (byte_vector{0x1C, 0, 0x0F, 0x0F}));
  heard.clear();
  send(*client, std::string(4096, 'x'));
  ASSERT_TRUE(run_until([&] { return device->snapshot().buffered_bytes == 4096; }));
  send(*client, "\x10\x04\x04");
  ASSERT_TRUE(hear(*client, 1));
  EXPECT_EQ(heard, byte_vector{0x7E});

  // More than printer and system together can hold: the sender must come to a stop.
  const std::string chunk(64 * 1024, '\0'); // prints nothing, but has to wait like the rest
  std::size_t sent = 0, idle = 0;
  while (idle < 20) {
    auto went = send(*client, chunk);
    sent += went;
    idle = went == 0 ? idle + 1 : 0;
    context.run_for(5ms);
    context.restart();
    ASSERT_LT(sent, std::size_t{64} * 1024 * 1024);
  }
  EXPECT_LE(device->snapshot().buffered_bytes, 4096u + 256u);
  EXPECT_EQ(device->model().paper().height(), 0u);

  ASSERT_TRUE(device->play({"paper", "in"}));
  auto all = 4096 + sent + 3;
  EXPECT_TRUE(run_until([&] { return device->snapshot().received_bytes >= all; }))
      << "nothing is lost once there is paper again";
}

TEST_F(tcp_printer_test, power_off_resets_the_connection_and_refuses_new_ones) {
  start();
  auto client = connect();
  ASSERT_TRUE(run_until([&] { return device->snapshot().connections == 1; }));
  ASSERT_TRUE(device->play({"power", "off"}));
  ASSERT_TRUE(hear(*client, 1));
  EXPECT_TRUE(ended);
  EXPECT_FALSE(connect());
  ASSERT_TRUE(device->play({"power", "on"}));
  client = connect();
  ASSERT_TRUE(client);
  send(*client, "again\n" + cut);
  EXPECT_TRUE(run_until([&] { return !device->receipts().empty(); }));
}

TEST_F(tcp_printer_test, a_second_connection_waits_its_turn) {
  start();
  auto first = connect();
  send(*first, "one\n");
  ASSERT_TRUE(run_until([&] { return device->snapshot().received_bytes == 4; }));
  auto second = connect();
  send(*second, "two\n" + cut);
  context.run_for(50ms);
  context.restart();
  EXPECT_EQ(device->snapshot().received_bytes, 4u);
  send(*first, cut);
  first->close();
  ASSERT_TRUE(run_until([&] { return device->receipts().size() == 2; }));
  EXPECT_EQ(device->receipts().front()->paper.text, "one\n");
  EXPECT_EQ(device->receipts().back()->paper.text, "two\n");
}

TEST_F(tcp_printer_test, or_is_refused_where_the_printer_is_of_that_kind) {
  start({}, second_connection::refused);
  auto first = connect();
  ASSERT_TRUE(run_until([&] { return device->snapshot().connections == 1; }));
  auto second = connect();
  ASSERT_TRUE(second);
  ASSERT_TRUE(hear(*second, 1));
  EXPECT_TRUE(ended);
  EXPECT_EQ(device->snapshot().connections, 1u);
}

TEST_F(tcp_printer_test, an_unplugged_printer_goes_on_printing_but_hears_nothing) {
  start();
  auto client = connect();
  send(*client, "before\n");
  ASSERT_TRUE(run_until([&] { return device->snapshot().received_bytes == 7; }));
  ASSERT_TRUE(device->play({"plug", "out"}));
  send(*client, "after\n" + cut);
  context.run_for(50ms);
  context.restart();
  EXPECT_EQ(device->snapshot().received_bytes, 7u);
  ASSERT_TRUE(device->play({"plug", "in"}));
  EXPECT_TRUE(run_until([&] { return !device->receipts().empty(); }));
}

TEST_F(tcp_printer_test, says_that_the_port_is_taken) {
  start();
  auto other = tcp_printer::listen(context, device, {.port = printer->port()});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "sim.port_in_use");
  auto nowhere = tcp_printer::listen(context, device, {.address = "no address"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, "sim.listen");
}

} // namespace troupe::sim
