#include "tests/transport/memory_stream.hpp"
#include "tests/transport/websocket_wire.hpp"
#include "transport/http_session.hpp"
#include "transport/websocket_echo.hpp"

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

using test::client_frame;
using test::memory_stream;

/// A session on a stream in memory, so that every step can be made to fail.
class http_session_test : public testing::Test {
protected:
  std::shared_ptr<memory_stream::shared> wire = std::make_shared<memory_stream::shared>();
  std::shared_ptr<server_context> context;
  std::weak_ptr<http_session> session;
  std::vector<http_exchange> waiting;

  void run(std::string input, http_server_options options = {}) {
    wire->input = std::move(input);
    context = std::make_shared<server_context>(options, [this](http_exchange exchange) {
      const auto path = exchange.request().path;
      if (path == "/ws") return websocket_echo(std::move(exchange));
      if (path == "/later") return waiting.push_back(std::move(exchange));
      exchange.respond(text_response(std::string(exchange.request().body_text())));
    });
    context->post = [this](std::function<void()> work) { wire->work.push_back(std::move(work)); };
    const auto made =
        std::make_shared<http_session>(context, std::make_unique<memory_stream>(wire),
                                       connection_addresses{"192.0.2.1", 1, "192.0.2.2", 2, false});
    session = made;
    context->add(made, "192.0.2.1");
    made->start();
    settle();
  }
  /// Runs on, and lets handlers that wait answer.
  void settle() {
    wire->run();
    while (!waiting.empty()) {
      auto exchange = std::move(waiting.back());
      waiting.pop_back();
      exchange.respond(text_response("late"));
      wire->run();
    }
  }
  void expect_nothing_left() {
    context->cut_all();
    wire->run();
    EXPECT_TRUE(context->empty());
    EXPECT_EQ(context->counters.connections_open, 0u);
    EXPECT_EQ(context->counters.websockets_open, 0u);
    EXPECT_TRUE(session.expired());
  }
};

const std::string dialogue =
    "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello"
    "GET /later HTTP/1.1\r\nHost: b\r\n\r\n"
    "POST /c HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    "POST /d HTTP/1.1\r\nHost: b\r\nContent-Length: 9000\r\nExpect: 100-continue\r\n\r\n" +
    std::string(9000, 'd');
const std::string upgrade = "GET /ws HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: "
                            "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST_F(http_session_test, gives_the_same_answers_at_any_pace) {
  for (const std::size_t piece : {1u, 3u, 100u, 4096u, 1'000'000u}) {
    for (const bool blocks : {false, true}) {
      *wire = {};
      wire->piece = wire->write_piece = piece;
      wire->blocks = blocks;
      run(dialogue);
      const auto& out = wire->output;
      std::size_t at = 0;
      for (const std::string& end :
           {std::string("\r\n\r\nhello"), std::string("\r\n\r\nlate"), std::string("\r\n\r\nabc"),
            "\r\n\r\n" + std::string(9000, 'd')}) {
        at = out.find(end, at);
        ASSERT_NE(at, std::string::npos)
            << "piece " << piece << " missing " << end.substr(0, 20) << "\n"
            << out.substr(0, 2000);
      }
      expect_nothing_left();
    }
  }
}

TEST_F(http_session_test, leaks_nothing_wherever_the_input_ends) {
  const auto whole = dialogue.substr(0, 400) + upgrade + client_frame(0x81, "hello");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    *wire = {};
    wire->piece = 50;
    run(whole.substr(0, size));
    expect_nothing_left();
  }
}

TEST_F(http_session_test, leaks_nothing_whichever_step_fails) {
  const auto whole = dialogue + upgrade + client_frame(0x81, "hello") + client_frame(0x88, "");
  for (const bool blocks : {false, true}) {
    bool finished = false;
    for (int steps = 0; !finished; ++steps) {
      *wire = {};
      wire->piece = 200;
      wire->write_piece = 700;
      wire->blocks = blocks;
      wire->steps_left = steps;
      run(whole);
      finished = wire->steps_left > 0;
      expect_nothing_left();
      ASSERT_LT(steps, 10'000);
    }
    EXPECT_NE(wire->output.find("101 Switching"), std::string::npos);
    EXPECT_NE(wire->output.find("\x81\x05hello"), std::string::npos);
  }
}

TEST_F(http_session_test, bytes_behind_a_refused_request_change_nothing) {
  run("GET / HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\nHost: b\r\n\r\n");
  EXPECT_TRUE(wire->output.starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(wire->output.find("200 OK"), std::string::npos);
  expect_nothing_left();
}

} // namespace
} // namespace troupe::transport
