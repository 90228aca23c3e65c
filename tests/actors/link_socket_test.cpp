#include "actors/box/link_connection.hpp"
#include "messages/codec.hpp"
#include "transport/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

namespace troupe::box {
namespace {

/// The link over a real socket; the server's side is the test.
class link_socket_test : public ::testing::Test {
protected:
  link_socket_test()
      : server_(io_, {}, [this](transport::http_exchange exchange) {
          path_ = std::string(exchange.request().path);
          transport::websocket_options options;
          options.subprotocols = {std::string(link::subprotocol)};
          options.message_bytes = link::box_frame_bytes;
          if (refuses_) return exchange.respond(transport::text_response("no", 403));
          exchange.upgrade_websocket(options, [this](transport::websocket_ptr session) {
            session_ = session;
            session->handle({[this](byte_span bytes, bool) {
                               frames_.push_back(from_msgpack<link::box_frame>(bytes));
                             },
                             [this](std::uint16_t code, std::string_view) { code_ = code; },
                             {},
                             {}});
          });
        }) {
    port_ = *server_.listen("127.0.0.1", 0);
  }
  void open() {
    connection_ = websocket_links(io_)(
        "http://127.0.0.1:" + std::to_string(port_),
        {[this](link::server_frame frame) { received_.push_back(std::move(frame)); },
         [this](fault why) { ended_.push_back(std::move(why)); }});
  }
  /// Runs the loop until the condition holds; a generous bound only ends a broken test.
  bool until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(50));
    }
    return holds();
  }
  void give(const link::server_frame& frame) {
    session_->send_binary(shared_bytes(to_msgpack(frame)));
  }

  boost::asio::io_context io_;
  transport::http_server server_;
  std::uint16_t port_ = 0;
  bool refuses_ = false;
  std::string path_;
  transport::websocket_ptr session_;
  std::vector<result<link::box_frame>> frames_;
  std::uint16_t code_ = 0;
  std::unique_ptr<link_connection> connection_;
  std::vector<link::server_frame> received_;
  std::vector<fault> ended_;
};

TEST_F(link_socket_test, frames_go_both_ways) {
  open();
  EXPECT_FALSE(connection_->send(link::alive{1})) << "not open yet";
  ASSERT_TRUE(until([&] { return session_ != nullptr; }));
  EXPECT_EQ(path_, link::path);
  EXPECT_EQ(session_->subprotocol(), link::subprotocol);
  give(link::challenge{"s0", shared_bytes::copy_of("nonce")});
  ASSERT_TRUE(until([&] { return !received_.empty(); }));
  EXPECT_EQ(std::get<link::challenge>(received_[0]).server, "s0");
  EXPECT_TRUE(connection_->send(link::alive{7}));
  ASSERT_TRUE(until([&] { return !frames_.empty(); }));
  ASSERT_TRUE(frames_[0]);
  EXPECT_EQ(std::get<link::alive>(*frames_[0]).number, 7u);
  connection_->close("The box ends.");
  ASSERT_TRUE(until([&] { return code_ != 0; }));
  EXPECT_EQ(code_, transport::close_code::normal);
  EXPECT_TRUE(ended_.empty()) << "who closes is not told";
}

TEST_F(link_socket_test, a_cut_is_told_once) {
  open();
  ASSERT_TRUE(until([&] { return session_ != nullptr; }));
  give(link::probe{1});
  ASSERT_TRUE(until([&] { return !received_.empty(); }));
  session_->cut();
  ASSERT_TRUE(until([&] { return !ended_.empty(); }));
  EXPECT_EQ(ended_[0].code, "link.cut");
  EXPECT_FALSE(connection_->send(link::alive{1}));
  connection_.reset();
  EXPECT_EQ(ended_.size(), 1u);
}

TEST_F(link_socket_test, what_is_no_frame_ends_the_connection) {
  open();
  ASSERT_TRUE(until([&] { return session_ != nullptr; }));
  session_->send_binary(shared_bytes::copy_of("\xc1 garbage"));
  ASSERT_TRUE(until([&] { return !ended_.empty(); }));
  EXPECT_EQ(ended_[0].code, "link.bad_frame");
  ASSERT_TRUE(until([&] { return code_ != 0; }));
}

TEST_F(link_socket_test, what_only_a_newer_server_knows_is_left_out_and_its_commands_are_answered) {
  open();
  ASSERT_TRUE(until([&] { return session_ != nullptr; }));
  const auto say = [this](value::object members) {
    session_->send_binary(shared_bytes(to_msgpack(value(std::move(members)))));
  };
  say({{"kind", "horoscope"}, {"text", "A good day."}});
  say({{"kind", "probe"}, {"number", 5}, {"mood", "curious"}}); // known, with a member more
  say({{"kind", "command"},
       {"id", "c1"},
       {"device", "counter"},
       {"action", "print"},
       {"document",
        value::object{{"operations", value::list{value::object{{"kind", "hologram"}}}}}}});
  ASSERT_TRUE(until([&] { return received_.size() == 2 || !ended_.empty(); }));
  ASSERT_TRUE(ended_.empty()) << ended_[0].text;
  EXPECT_EQ(std::get<link::probe>(received_[0]).number, 5u);
  const auto& command = std::get<link::command>(received_[1]);
  EXPECT_EQ(command.id.text, "c1");
  EXPECT_TRUE(command.device.empty()) << "the box itself says that it cannot";
  EXPECT_TRUE(command.document.operations.empty());
}

TEST_F(link_socket_test, a_server_that_refuses_or_is_not_there_is_a_fault) {
  refuses_ = true;
  open();
  ASSERT_TRUE(until([&] { return !ended_.empty(); }));
  EXPECT_EQ(ended_[0].code, "link.no_server");
  connection_.reset();
  bool stopped = false;
  server_.stop(std::chrono::milliseconds(0), [&] { stopped = true; });
  ASSERT_TRUE(until([&] { return stopped; }));
  open();
  ASSERT_TRUE(until([&] { return ended_.size() == 2; }));
  EXPECT_EQ(ended_[1].code, "transport.refused");
}

TEST_F(link_socket_test, dropped_while_it_opens_nothing_is_told) {
  open();
  connection_.reset();
  server_.stop(std::chrono::milliseconds(0), [] {});
  io_.restart();
  io_.run_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(ended_.empty());
  EXPECT_TRUE(received_.empty());
}

TEST(server_url_test, addresses_are_taken_as_people_type_them) {
  EXPECT_EQ(*checked_server_url("server:8080"), "http://server:8080");
  EXPECT_EQ(*checked_server_url("  HTTPS://Fleet.Example/ "), "https://fleet.example");
  EXPECT_EQ(*checked_server_url("http://[::1]:8080"), "http://[::1]:8080");
  for (const char* bad : {"", "http://", "ftp://server", "ws://server", "http://server/box",
                          "http://user:word@server", "http://server:99999"})
    EXPECT_FALSE(checked_server_url(bad)) << bad;
}

TEST_F(link_socket_test, a_link_whose_address_is_gone_has_ended) {
  open();
  ASSERT_TRUE(until([&] { return session_ != nullptr; }));
  give(link::probe{1});
  ASSERT_TRUE(until([&] { return !received_.empty(); }));
  connection_->network_changed({"127.0.0.1", "10.0.0.7"});
  give(link::probe{2});
  ASSERT_TRUE(until([&] { return received_.size() == 2; })) << "it still carries";
  EXPECT_TRUE(ended_.empty());
  connection_->network_changed({"10.0.0.8"});
  ASSERT_TRUE(until([&] { return !ended_.empty(); }));
  EXPECT_EQ(ended_[0].code, "link.address_gone");
  ASSERT_TRUE(until([&] { return code_ != 0; })) << "the server is told by the cut";
  EXPECT_EQ(ended_.size(), 1u);
}

/// Takes connections and says nothing, as a server behind a way that is cut.
TEST_F(link_socket_test, a_silent_peer_is_cut_soon_after_the_network_changed) {
  open();
  ASSERT_TRUE(until([&] { return session_ != nullptr; }));
  give(link::probe{1});
  ASSERT_TRUE(until([&] { return !received_.empty(); }));
  session_->pause_reading(); // pings are not answered
  connection_->network_changed({"127.0.0.1"});
  ASSERT_TRUE(until([&] { return !ended_.empty(); }));
  EXPECT_EQ(ended_[0].code, "link.cut");
}

} // namespace
} // namespace troupe::box
