#include "devices/port/tcp_port.hpp"
#include "tests/devices/port_recorder.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace troupe::port {
namespace {

using boost::asio::ip::tcp;
using test::outcome;
using namespace std::chrono_literals;

/// A printer's side of the wire, in the same loop.
class tcp_port_test : public testing::Test {
protected:
  void listen(const char* address = "127.0.0.1") {
    acceptor_.emplace(recorder_.context, tcp::endpoint(boost::asio::ip::make_address(address), 0));
    acceptor_->async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error) peer_.emplace(std::move(socket));
    });
    address_ = {port_kind::tcp, address, acceptor_->local_endpoint().port(), ""};
  }

  std::unique_ptr<byte_port> made(port_options options = {}) {
    auto port = make_port(recorder_.context, address_, options);
    port->open(recorder_.events());
    EXPECT_FALSE(recorder_.opened || recorder_.closed) << "never from inside open";
    return port;
  }

  std::unique_ptr<byte_port> connected(port_options options = {}) {
    auto port = made(options);
    EXPECT_TRUE(recorder_.until([&] { return recorder_.opened && peer_; }));
    return port;
  }

  void read_at_peer() {
    peer_->async_read_some(boost::asio::buffer(buffer_),
                           [this](boost::system::error_code error, std::size_t count) {
                             peer_error_ = error;
                             at_peer_.append(buffer_.data(), count);
                             if (!error) read_at_peer();
                           });
  }

  test::port_recorder recorder_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<tcp::socket> peer_;
  port_address address_;
  std::array<char, 65536> buffer_{};
  std::string at_peer_;
  boost::system::error_code peer_error_;
};

TEST_F(tcp_port_test, carries_bytes_both_ways) {
  listen();
  auto port = connected();
  read_at_peer();
  outcome first;
  outcome second;
  outcome finished;
  port->write(shared_bytes::copy_of("print "), first.take());
  port->write(shared_bytes::copy_of("this"), second.take());
  port->finish_job(finished.take());
  EXPECT_FALSE(first.came() || finished.came()) << "never from inside the call";
  boost::asio::write(*peer_, boost::asio::buffer("\x12", 1));
  EXPECT_TRUE(recorder_.until([&] { return finished.came() && !recorder_.received.empty(); }));
  EXPECT_TRUE(recorder_.until([&] { return at_peer_ == "print this"; }));
  EXPECT_EQ(first.count(), 6U);
  EXPECT_EQ(second.count(), 4U);
  EXPECT_EQ(finished.count(), 10U);
  EXPECT_EQ(recorder_.received, "\x12");
  EXPECT_EQ(port->describe(), to_string(address_));
}

TEST_F(tcp_port_test, counts_each_job_for_itself) {
  listen();
  auto port = connected();
  read_at_peer();
  for (const char* text : {"one", "three"}) {
    outcome finished;
    port->write(shared_bytes::copy_of(text), {});
    port->finish_job(finished.take());
    ASSERT_TRUE(recorder_.until([&] { return finished.came(); }));
    EXPECT_EQ(finished.count(), std::string_view(text).size());
  }
}

TEST_F(tcp_port_test, reaches_ipv6_and_names) {
  listen("::1");
  auto six = connected();
  peer_.reset();
  recorder_.opened = false;
  listen("127.0.0.1");
  address_.host = "localhost";
  auto named = connected();
  EXPECT_TRUE(peer_);
}

TEST_F(tcp_port_test, tells_a_refusal) {
  listen();
  acceptor_->close();
  auto port = made();
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_EQ(recorder_.closed->code, "printer.refused");
  EXPECT_NE(recorder_.closed->text.find(to_string(address_)), std::string::npos);
  EXPECT_FALSE(recorder_.opened);
}

TEST_F(tcp_port_test, tells_a_name_that_nobody_knows) {
  address_ = {port_kind::tcp, "no-such-printer.invalid", raw_printing_port, ""};
  auto port = made();
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_TRUE(recorder_.closed->code == "printer.unknown_name" ||
              recorder_.closed->code == "printer.timeout")
      << recorder_.closed->code;
}

TEST_F(tcp_port_test, gives_up_connecting_in_time) {
  // A listener with a full queue answers no more connections.
  tcp::acceptor full(recorder_.context);
  full.open(tcp::v4());
  full.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
  full.listen(0);
  std::vector<tcp::socket> filling;
  for (int i = 0; i < 4; ++i) {
    filling.emplace_back(recorder_.context);
    filling.back().async_connect(full.local_endpoint(), [](boost::system::error_code) {});
  }
  recorder_.settle();
  address_ = {port_kind::tcp, "127.0.0.1", full.local_endpoint().port(), ""};
  auto port = made({.connect_timeout = 100ms});
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_EQ(recorder_.closed->code, "printer.timeout");
}

TEST_F(tcp_port_test, tells_when_the_printer_goes) {
  listen();
  auto port = connected();
  peer_.reset();
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_EQ(recorder_.closed->code, "printer.closed");
  outcome late;
  port->write(shared_bytes::copy_of("x"), late.take());
  recorder_.settle();
  EXPECT_FALSE(late.came()) << "nothing follows closed";
}

TEST_F(tcp_port_test, tells_a_printer_that_takes_nothing_and_loses_no_byte) {
  listen();
  auto port = connected({.stall_after = 100ms});
  const std::string job(8 * 1024 * 1024, 'x');
  outcome written;
  outcome finished;
  port->write(shared_bytes::copy_of(job), written.take());
  port->finish_job(finished.take());
  ASSERT_TRUE(recorder_.until([&] { return recorder_.stalled == std::vector<bool>{true}; }));
  EXPECT_FALSE(finished.came());
  EXPECT_FALSE(recorder_.closed);
  read_at_peer();
  ASSERT_TRUE(recorder_.until([&] { return finished.came() && at_peer_.size() == job.size(); }));
  EXPECT_EQ(written.count(), job.size());
  EXPECT_EQ(finished.count(), job.size());
  EXPECT_TRUE(recorder_.until([&] { return recorder_.stalled.size() >= 2; }));
  EXPECT_FALSE(recorder_.stalled.back());
}

TEST_F(tcp_port_test, a_job_is_not_finished_before_the_printer_has_it) {
  listen();
  auto port = connected();
  outcome written;
  outcome finished;
  // More than the buffers of both sides hold unread.
  const std::string job(4 * 1024 * 1024, 'y');
  port->write(shared_bytes::copy_of(job), written.take());
  port->finish_job(finished.take());
  recorder_.context.restart();
  recorder_.context.run_for(100ms);
  EXPECT_FALSE(finished.came());
  read_at_peer();
  EXPECT_TRUE(recorder_.until([&] { return finished.came(); }));
}

TEST_F(tcp_port_test, letting_go_takes_back_what_waits) {
  listen();
  auto port = connected();
  outcome written;
  port->write(shared_bytes(byte_vector(8 * 1024 * 1024)), written.take());
  recorder_.settle();
  port->close();
  recorder_.settle();
  EXPECT_FALSE(written.came());
  EXPECT_FALSE(recorder_.closed);
  read_at_peer();
  ASSERT_TRUE(recorder_.until([&] { return bool(peer_error_); }));
  EXPECT_EQ(peer_error_, boost::asio::error::connection_reset);
  EXPECT_LT(at_peer_.size(), 8U * 1024 * 1024);
}

TEST_F(tcp_port_test, may_be_destroyed_inside_its_own_callback) {
  listen();
  std::unique_ptr<byte_port> port;
  auto events = recorder_.events();
  bool gone = false;
  events.received = [&](byte_span) {
    port.reset();
    gone = true;
  };
  port = make_port(recorder_.context, address_);
  port->open(events);
  ASSERT_TRUE(recorder_.until([&] { return recorder_.opened && peer_; }));
  boost::asio::write(*peer_, boost::asio::buffer("a", 1));
  EXPECT_TRUE(recorder_.until([&] { return gone; }));
  recorder_.settle();
  EXPECT_FALSE(recorder_.closed);
}

TEST_F(tcp_port_test, refuses_more_than_it_holds) {
  listen();
  auto port = connected();
  outcome refused;
  const shared_bytes half(byte_vector(max_waiting_bytes / 2 + 1));
  port->write(half, {});
  port->write(half, refused.take());
  ASSERT_TRUE(recorder_.until([&] { return refused.came(); }));
  EXPECT_EQ(refused.code(), "port.busy");
}

} // namespace
} // namespace troupe::port
