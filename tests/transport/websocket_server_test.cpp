#include "tests/transport/raw_client.hpp"
#include "tests/transport/websocket_wire.hpp"
#include "transport/http_server.hpp"
#include "transport/websocket_echo.hpp"

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

using namespace std::chrono_literals;
using test::client_frame;
using test::close_payload;
using test::raw_client;
using test::run_until;
using test::take_frames;

class websocket_server_test : public testing::Test {
protected:
  boost::asio::io_context loop{1};
  websocket_options options;
  std::unique_ptr<http_server> server;
  std::uint16_t port = 0;
  websocket_ptr session;
  websocket_session::callbacks callbacks;
  std::vector<std::string> messages;
  std::vector<std::string> closes;
  bool later = false;
  std::optional<http_exchange> held;

  void SetUp() override {
    callbacks.on_message = [this](byte_span payload, bool text) {
      messages.push_back((text ? "t:" : "b:") + std::string(as_text(payload)));
    };
    callbacks.on_close = [this](std::uint16_t code, std::string_view reason) {
      closes.push_back(std::to_string(code) + ':' + std::string(reason));
    };
    server =
        std::make_unique<http_server>(loop, http_server_options{}, [this](http_exchange exchange) {
          if (exchange.request().path == "/echo") return websocket_echo(std::move(exchange));
          if (later)
            held.emplace(std::move(exchange));
          else
            open(std::move(exchange));
        });
    port = *server->listen("127.0.0.1", 0);
  }
  void TearDown() override {
    session.reset();
    held.reset();
    server.reset();
    loop.restart();
    loop.poll();
  }
  void open(http_exchange exchange) {
    exchange.upgrade_websocket(options, [this](websocket_ptr opened) {
      session = std::move(opened);
      session->handle(callbacks);
    });
  }
  static std::string handshake(std::string_view path = "/ws", std::string_view more = {}) {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nHost: box\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           std::string(more) + "\r\n";
  }
  std::string shake_hands(raw_client& client, std::string_view path = "/ws",
                          std::string_view more = {}) {
    client.send(handshake(path, more));
    const auto end = client.read_until("\r\n\r\n").find("\r\n\r\n") + 4;
    return client.consume(end);
  }
  test::server_frame next_frame(raw_client& client) {
    std::vector<test::server_frame> frames;
    EXPECT_TRUE(run_until(loop, [&] {
      const bool open = client.take();
      auto copy = client.received;
      frames = take_frames(copy);
      return !frames.empty() || !open;
    }));
    if (frames.empty()) return {};
    auto first = frames.front();
    const auto length = first.payload.size();
    client.received.erase(0, length + (length < 126 ? 2 : length < 65536 ? 4 : 10));
    return first;
  }
  bool wait_for(const std::vector<std::string>& list, std::size_t count) {
    return run_until(loop, [&] { return list.size() >= count; });
  }
};

TEST_F(websocket_server_test, shakes_hands) {
  options.subprotocols = {"v2", "v1"};
  options.header_lines = "X-A: b\r\n";
  raw_client client(loop, port);
  const auto answer = shake_hands(
      client, "/ws",
      "Sec-WebSocket-Protocol: v1, v2\r\nSec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
  EXPECT_NE(answer.find("Sec-WebSocket-Protocol: v2\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Sec-WebSocket-Extensions: permessage-deflate\r\n"), std::string::npos);
  EXPECT_NE(answer.find("X-A: b\r\n"), std::string::npos);
  EXPECT_EQ(session->subprotocol(), "v2");
  EXPECT_EQ(session->remote_address(), "127.0.0.1");
  EXPECT_EQ(server->counters().websockets_open, 1u);
}

TEST_F(websocket_server_test, refuses_bad_handshakes) {
  const auto without = [](std::string text, std::string_view line) {
    return text.erase(text.find(line), line.size());
  };
  const auto good = handshake();
  const std::pair<std::string, int> rows[] = {
      {without(good, "Upgrade: websocket\r\n"), 426},
      {without(good, "Sec-WebSocket-Version: 13\r\n"), 426},
      {without(good, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400},
      {"POST" + good.substr(3), 400},
      {handshake("/ws", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400},
  };
  for (const auto& [request, status] : rows) {
    raw_client client(loop, port);
    client.send(request);
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 " + std::to_string(status)))
        << request;
  }
  EXPECT_EQ(session, nullptr);
}

TEST_F(websocket_server_test, gets_messages_that_came_with_the_handshake) {
  raw_client client(loop, port);
  client.send(handshake() + client_frame(0x81, "early"));
  ASSERT_TRUE(wait_for(messages, 1));
  EXPECT_EQ(messages[0], "t:early");
}

TEST_F(websocket_server_test, opens_late_and_speaks_first) {
  later = true;
  raw_client client(loop, port);
  client.send(handshake());
  ASSERT_TRUE(run_until(loop, [&] { return held.has_value(); }));
  loop.restart();
  loop.run_for(5ms); // the server reads ahead meanwhile
  open(std::move(*held));
  session->send_text(std::string("first"));
  client.read_until("\r\n\r\n");
  client.consume(client.received.find("\r\n\r\n") + 4);
  EXPECT_EQ(next_frame(client).payload, "first");
  client.send(client_frame(0x81, "one") + client_frame(0x81, "two"));
  ASSERT_TRUE(wait_for(messages, 2));
  client.send(client_frame(0x82, "three"));
  ASSERT_TRUE(wait_for(messages, 3));
  EXPECT_EQ(messages[2], "b:three");
}

TEST_F(websocket_server_test, echoes_text_binary_and_large_messages) {
  raw_client client(loop, port);
  shake_hands(client, "/echo");
  for (const std::size_t size :
       {0u, 1u, 125u, 126u, 4096u, 65535u, 65536u, 1'000'000u, 16u * 1024 * 1024}) {
    const std::string payload(size, 'e');
    client.send(client_frame(0x81, payload));
    const auto frame = next_frame(client);
    EXPECT_EQ(frame.first_byte, 0x81);
    EXPECT_EQ(frame.payload.size(), size);
    EXPECT_EQ(frame.payload, payload);
  }
  client.send(client_frame(0x82, std::string("\0\xff", 2)));
  EXPECT_EQ(next_frame(client).first_byte, 0x82);
  client.send(client_frame(0x81, std::string(16 * 1024 * 1024 + 1, 'x')));
  const auto closed = next_frame(client);
  EXPECT_EQ(closed.first_byte, 0x88);
  EXPECT_EQ(closed.payload.substr(0, 2), close_payload(1009));
}

TEST_F(websocket_server_test, echoes_fragments_with_pings_between) {
  raw_client client(loop, port);
  shake_hands(client, "/echo");
  client.send(client_frame(0x01, "frag") + client_frame(0x89, "ping") + client_frame(0x80, "ment"));
  const auto pong = next_frame(client);
  EXPECT_EQ(pong.first_byte, 0x8a);
  EXPECT_EQ(pong.payload, "ping");
  EXPECT_EQ(next_frame(client).payload, "fragment");
}

TEST_F(websocket_server_test, answers_many_pings_in_order_byte_by_byte) {
  raw_client client(loop, port);
  shake_hands(client, "/echo");
  std::string bytes;
  for (int i = 0; i < 10; ++i)
    bytes += client_frame(0x89, "payload-" + std::to_string(i));
  for (const char& c : bytes) {
    client.send({&c, 1});
    loop.restart();
    loop.poll();
  }
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(next_frame(client).payload, "payload-" + std::to_string(i));
}

TEST_F(websocket_server_test, echoes_compressed_messages) {
  raw_client client(loop, port);
  shake_hands(client, "/echo",
              "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
  message_deflater deflater(15, false);
  message_inflater inflater(false);
  for (int i = 0; i < 20; ++i) {
    std::string text;
    while (text.size() < 20'000)
      text += "line " + std::to_string(i * text.size()) + '\n';
    client.send(client_frame(0xc1, deflater.pack(as_bytes(text))));
    const auto frame = next_frame(client);
    ASSERT_EQ(frame.first_byte, 0xc1);
    EXPECT_LT(frame.payload.size(), text.size() / 2);
    byte_vector out;
    ASSERT_EQ(inflater.feed(as_bytes(frame.payload), true, 1 << 20, out), inflate_outcome::ok);
    EXPECT_EQ(as_text(out), text);
  }
  client.send(client_frame(0x81, "short and plain"));
  const auto plain = next_frame(client);
  EXPECT_EQ(plain.first_byte, 0x81);
  EXPECT_EQ(plain.payload, "short and plain");
}

TEST_F(websocket_server_test, closes_as_the_client_does) {
  const std::pair<std::string, std::string> rows[] = {
      {close_payload(1000, "bye"), close_payload(1000)},
      {close_payload(3999), close_payload(3999)},
      {"", ""}};
  for (const auto& [sent, answered] : rows) {
    closes.clear();
    raw_client client(loop, port);
    shake_hands(client);
    client.send(client_frame(0x88, sent));
    const auto frame = next_frame(client);
    EXPECT_EQ(frame.first_byte, 0x88);
    EXPECT_EQ(frame.payload, answered);
    client.read_to_end();
    ASSERT_TRUE(wait_for(closes, 1));
    EXPECT_EQ(closes[0], sent.empty() ? "1005:" : sent.size() > 2 ? "1000:bye" : "3999:");
    client.close();
    EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
    EXPECT_EQ(closes.size(), 1u);
  }
}

TEST_F(websocket_server_test, closes_with_the_code_that_fits_a_violation) {
  const std::pair<std::string, std::uint16_t> rows[] = {
      {client_frame(0x83, ""), 1002},
      {client_frame(0x81, "\xff"), 1007},
      {client_frame(0x81, "x", false), 1002},
      {client_frame(0x88, close_payload(1005)), 1002},
      {client_frame(0x82, std::string(1024 * 1024 + 1, 'x')), 1009}};
  for (const auto& [bytes, code] : rows) {
    closes.clear();
    raw_client client(loop, port);
    shake_hands(client);
    client.send(bytes);
    const auto frame = next_frame(client);
    EXPECT_EQ(frame.first_byte, 0x88);
    EXPECT_EQ(frame.payload.substr(0, 2), close_payload(code));
    ASSERT_TRUE(wait_for(closes, 1));
    EXPECT_TRUE(closes[0].starts_with(std::to_string(code)));
  }
}

TEST_F(websocket_server_test, closes_first_and_waits_for_the_answer) {
  options.close_timeout = 50ms;
  for (const bool answers : {true, false}) {
    closes.clear();
    raw_client client(loop, port);
    shake_hands(client);
    session->send_text(std::string("last words"));
    session->close(4001, "reason");
    EXPECT_FALSE(session->send_text(std::string("too late")));
    EXPECT_EQ(next_frame(client).payload, "last words");
    EXPECT_EQ(next_frame(client).payload, close_payload(4001, "reason"));
    if (answers)
      client.send(client_frame(0x81, "ignored") + client_frame(0x88, close_payload(4001)));
    ASSERT_TRUE(wait_for(closes, 1));
    EXPECT_EQ(closes[0], "4001:reason");
    client.read_to_end();
    EXPECT_TRUE(messages.empty());
  }
}

TEST_F(websocket_server_test, tells_of_a_cut) {
  raw_client client(loop, port);
  shake_hands(client);
  client.reset();
  ASSERT_TRUE(wait_for(closes, 1));
  EXPECT_EQ(closes[0], "1006:");
  EXPECT_FALSE(session->is_open());
}

TEST_F(websocket_server_test, pings_the_silent_and_cuts_the_dead) {
  options.ping_after = 30ms;
  options.silence_limit = 150ms;
  raw_client client(loop, port);
  shake_hands(client);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(next_frame(client).first_byte, 0x89);
    client.send(client_frame(0x8a, ""));
  }
  EXPECT_TRUE(closes.empty());
  client.read_to_end();
  ASSERT_TRUE(wait_for(closes, 1));
  EXPECT_EQ(closes[0], "1006:");
}

TEST_F(websocket_server_test, bounds_its_queue) {
  options.queue_bytes = 200'000;
  std::size_t overflows = 0, drained = 0;
  callbacks.on_overflow = [&](std::size_t) {
    return ++overflows > 3 ? overflow::close : overflow::drop;
  };
  callbacks.on_drained = [&] { ++drained; };
  raw_client client(loop, port);
  shake_hands(client);
  const auto shared = std::make_shared<const std::string>(50'000, 'q');
  while (overflows < 3)
    session->send_binary(shared); // the client takes nothing
  EXPECT_LE(session->queued_bytes(), 200'000u);
  EXPECT_TRUE(session->is_open());
  const auto before = drained;
  EXPECT_TRUE(run_until(loop, [&] { return !client.take() || drained > before; }));
  EXPECT_EQ(drained, before + 1);
  while (session->send_binary(shared)) {
  }
  EXPECT_FALSE(session->is_open());
  std::string last;
  EXPECT_TRUE(run_until(loop, [&] {
    client.take();
    for (const auto& frame : take_frames(client.received))
      last = frame.payload;
    return last.starts_with(close_payload(1013));
  }));
}

TEST_F(websocket_server_test, cuts_readers_that_take_nothing) {
  options.write_timeout = 50ms;
  options.queue_bytes = 64 * 1024 * 1024;
  raw_client client(loop, port);
  shake_hands(client);
  session->send_binary(std::string(32 * 1024 * 1024, 'x'));
  ASSERT_TRUE(wait_for(closes, 1));
  EXPECT_EQ(closes[0], "1006:");
}

TEST_F(websocket_server_test, pausing_reading_holds_messages_back) {
  raw_client client(loop, port);
  callbacks.on_message = [this](byte_span payload, bool) {
    messages.emplace_back(as_text(payload));
    session->pause_reading();
  };
  shake_hands(client);
  client.send(client_frame(0x81, "1") + client_frame(0x81, "2") + client_frame(0x81, "3"));
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(wait_for(messages, i));
    loop.restart();
    loop.run_for(5ms);
    EXPECT_EQ(messages.size(), i);
    session->resume_reading();
  }
}

TEST_F(websocket_server_test, an_echo_whose_client_does_not_read_stays_small) {
  raw_client client(loop, port);
  shake_hands(client, "/echo");
  const auto message = client_frame(0x82, std::string(4 * 1024 * 1024, 'x'));
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += message;
  std::string_view left = all;
  int stuck = 0; // turns without progress: the server reads no more
  while (stuck < 20 && !left.empty()) {
    const auto sent = client.try_send(left.substr(0, 1 << 20));
    left.remove_prefix(sent);
    loop.restart();
    stuck = sent == 0 && loop.run_one_for(5ms) == 0 ? stuck + 1 : 0;
    loop.poll();
  }
  EXPECT_FALSE(left.empty());
  EXPECT_LT(server->counters().bytes_in - server->counters().bytes_out, 24u * 1024 * 1024);
  std::size_t frames = 0;
  EXPECT_TRUE(run_until(loop, [&] {
    left.remove_prefix(client.try_send(left));
    client.take();
    frames += take_frames(client.received).size();
    return frames == 20;
  }));
}

TEST_F(websocket_server_test, callbacks_may_close_and_let_go) {
  callbacks.on_message = [this](byte_span, bool) {
    session->cut();
    session.reset();
  };
  raw_client client(loop, port);
  shake_hands(client);
  client.send(client_frame(0x81, "a") + client_frame(0x81, "b"));
  ASSERT_TRUE(wait_for(closes, 1));
  client.read_to_end();
}

TEST_F(websocket_server_test, a_stopping_server_says_goodbye) {
  raw_client client(loop, port);
  shake_hands(client);
  bool stopped = false;
  server->stop(5s, [&] { stopped = true; });
  EXPECT_EQ(next_frame(client).payload.substr(0, 2), close_payload(1001));
  client.send(client_frame(0x88, close_payload(1001)));
  client.read_to_end();
  client.close();
  EXPECT_TRUE(run_until(loop, [&] { return stopped; }));
  EXPECT_EQ(closes, std::vector<std::string>{"1001:shutting down"});
}

} // namespace
} // namespace troupe::transport
