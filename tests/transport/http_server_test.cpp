#include "tests/transport/raw_client.hpp"
#include "transport/http_server.hpp"
#include "transport/websocket_echo.hpp"

#include <deque>
#include <vector>

namespace troupe::transport {
namespace {

using namespace std::chrono_literals;
using test::count_of;
using test::raw_client;
using test::run_until;

/// A server with a few routes: /ping at once, /later when the test says so, /echo its body, /big.
class http_server_test : public testing::Test {
protected:
  http_server_options options;
  boost::asio::io_context loop{1};
  std::unique_ptr<http_server> server;
  std::uint16_t port = 0;
  std::deque<http_exchange> waiting;
  std::vector<std::string> bodies;
  int gone = 0;

  void start() {
    server = std::make_unique<http_server>(
        loop, options, [this](http_exchange exchange) { handle(std::move(exchange)); });
    const auto listening = server->listen("127.0.0.1", 0);
    ASSERT_TRUE(listening) << listening.error().text;
    port = *listening;
  }
  void TearDown() override {
    waiting.clear();
    server.reset();
    loop.restart();
    loop.poll();
  }

  void handle(http_exchange exchange) {
    const auto path = exchange.request().path;
    bodies.emplace_back(exchange.request().body_text());
    if (path == "/ping") return exchange.respond(static_text_response("ping"));
    if (path == "/echo")
      return exchange.respond(text_response(std::string(exchange.request().body_text())));
    if (path == "/throw") throw std::runtime_error("handler failed");
    if (path == "/drop") return;
    if (path == "/big") return exchange.respond(text_response(std::string(8 * 1024 * 1024, 'x')));
    if (path == "/later") {
      exchange.on_gone([this] { ++gone; });
      waiting.push_back(std::move(exchange));
      return;
    }
    exchange.respond(problem({"http.not_found", "Nothing here.", "", 404}));
  }
  std::string ask(std::string_view bytes) {
    raw_client client(loop, port);
    client.send(bytes);
    return client.read_to_end();
  }
  bool wait_for_exchange(std::size_t count = 1) {
    return run_until(loop, [&] { return waiting.size() >= count; });
  }
};

const std::string get_ping = "GET /ping HTTP/1.1\r\nHost: box\r\n\r\n";
const std::string last_ping = "GET /ping HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n";

TEST_F(http_server_test, keeps_the_connection_for_further_requests) {
  start();
  raw_client client(loop, port);
  for (int i = 0; i < 3; ++i) {
    client.send(get_ping);
    const auto answer = client.read_until("\r\n\r\nping");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nServer: troupe\r\nDate: ")) << answer;
    EXPECT_NE(answer.find("Content-Length: 4\r\n"), std::string::npos);
    client.received.clear();
  }
  EXPECT_EQ(server->counters().connections_accepted, 1u);
  EXPECT_EQ(server->counters().requests, 3u);
  EXPECT_EQ(server->counters().answers[2], 3u);
}

TEST_F(http_server_test, closes_when_asked_and_says_so) {
  start();
  const auto answer = ask(last_ping);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nping"));
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
}

TEST_F(http_server_test, answers_pipelined_requests_in_order) {
  start();
  std::string all;
  for (int i = 0; i < 500; ++i)
    all +=
        "POST /echo HTTP/1.1\r\nHost: box\r\nContent-Length: 4\r\n\r\n" + std::to_string(1000 + i);
  const auto answers = ask(all + last_ping);
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK"), 501u);
  std::size_t at = 0;
  for (int i = 0; i < 500; ++i) {
    at = answers.find("\r\n\r\n" + std::to_string(1000 + i), at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(http_server_test, waits_with_pipelined_requests_for_a_late_answer) {
  start();
  raw_client client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n" + get_ping);
  ASSERT_TRUE(wait_for_exchange());
  EXPECT_TRUE(client.take());
  EXPECT_EQ(client.received, "");
  waiting.front().respond(text_response("first"));
  const auto answers = client.read_until("ping");
  EXPECT_LT(answers.find("first"), answers.find("ping"));
}

TEST_F(http_server_test, answers_head_without_a_body) {
  start();
  const auto answer = ask("HEAD /ping HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(http_server_test, speaks_http_1_0) {
  start();
  const auto closed = ask("GET /ping HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(closed.ends_with("ping"));
  raw_client client(loop, port);
  client.send("GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(client.read_until("ping").find("Connection: keep-alive\r\n"), std::string::npos);
  client.send("GET /ping HTTP/1.0\r\n\r\n");
  client.read_to_end();
}

TEST_F(http_server_test, reads_chunked_bodies_in_any_pieces) {
  start();
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, request.size()}) {
    raw_client client(loop, port);
    for (std::size_t at = 0; at < request.size(); at += step) {
      client.send(std::string_view(request).substr(at, step));
      loop.restart();
      loop.poll();
    }
    EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\nhello world")) << step;
  }
}

TEST_F(http_server_test, reads_long_chunked_bodies_through_a_small_buffer) {
  start();
  std::string request = "POST /echo HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n"
                        "Connection: close\r\n\r\n";
  std::string body;
  for (int i = 0; i < 3000; ++i) {
    const std::string part(static_cast<std::size_t>(1 + i % 200), static_cast<char>('a' + i % 26));
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    request += size + part + "\r\n";
    body += part;
  }
  EXPECT_TRUE(ask(request + "0\r\n\r\n").ends_with("\r\n\r\n" + body));
}

TEST_F(http_server_test, reads_bodies_of_all_sizes) {
  start();
  raw_client client(loop, port);
  for (const std::size_t size : {1u, 100u, 3900u, 4096u, 5000u, 88'000u, 300'000u, 2'000'000u}) {
    const std::string body(size, 'b');
    client.send("POST /echo HTTP/1.1\r\nHost: box\r\nContent-Length: " + std::to_string(size) +
                "\r\n\r\n" + body + get_ping);
    client.read_until("\r\n\r\nping");
    EXPECT_EQ(bodies[bodies.size() - 2].size(), size);
    EXPECT_NE(client.received.find("\r\n\r\n" + body), std::string::npos);
    client.received.clear();
  }
}

TEST_F(http_server_test, says_continue_before_a_body_it_will_take) {
  options.body_limit = [](const http_request& request) {
    return request.path == "/echo" ? 10u : 0u;
  };
  start();
  raw_client client(loop, port);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: box\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("12345");
  client.read_until("\r\n\r\n12345");
  const auto refused =
      ask("POST /echo HTTP/1.1\r\nHost: box\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 ")) << refused;
}

struct refusal {
  std::string request;
  int status;
};

TEST_F(http_server_test, refuses_what_breaks_the_rules_or_the_limits) {
  options.header_bytes = 2048;
  options.header_count = 20;
  options.body_bytes = 1000;
  start();
  const std::string host = "Host: box\r\n";
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string start_line = "POST /echo HTTP/1.1\r\n";
  const refusal cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"\x16\x03\x01\x02", 400},
      {"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400},
      {"GET /" + std::string(3000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x') + "\r\n\r\n", 431},
      {"GET / HTTP/1.1\r\n" + host + many + "\r\n", 431},
      {start_line + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start_line + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {start_line + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
      {start_line + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
      {start_line + host + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {start_line + host + "Content-Length: -5\r\n\r\nhello", 400},
      {start_line + host + "Content-Length: +5\r\n\r\nhello", 400},
      {start_line + host + "Content-Length: 5x\r\n\r\nhello", 400},
      {start_line + host + "Content-Length: 99999999999999999999\r\n\r\nhello", 400},
      {start_line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {start_line + host + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", 501},
      {start_line + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {start_line + host +
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start_line + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {start_line + host + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", 400},
      {start_line + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", 400},
      {start_line + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello", 400},
      {start_line + host + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') +
           "\r\n0\r\n\r\n",
       413},
      {start_line + host + "Content-Length: 1001\r\n\r\n", 413},
      {start_line + host + "Expect: a miracle\r\n\r\n", 417},
  };
  for (const auto& one : cases) {
    const auto answer = ask(one.request);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(one.status) + ' '))
        << one.request.substr(0, 200) << "\n-> " << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
    EXPECT_EQ(count_of(answer, "\r\n\r\n"), 1u) << one.request;
  }
  EXPECT_EQ(server->counters().bad_requests, std::size(cases));
  EXPECT_EQ(server->counters().requests, 0u);
}

TEST_F(http_server_test, refuses_a_long_chunk_header_without_growing) {
  start();
  const auto answer =
      ask("POST /echo HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
          std::string(100'000, 'x'));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
}

TEST_F(http_server_test, takes_absolute_targets_and_decodes_paths) {
  start();
  EXPECT_TRUE(ask("GET http://box/p%69ng?x=%zz HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n")
                  .ends_with("ping"));
  EXPECT_TRUE(ask("\r\n\r\n" + last_ping).ends_with("ping"));
}

TEST_F(http_server_test, answers_500_for_forgotten_exchanges_and_failing_handlers) {
  start();
  for (const char* path : {"/drop", "/throw"}) {
    const auto answer =
        ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  }
  EXPECT_EQ(server->counters().dropped_exchanges, 2u);
  EXPECT_TRUE(ask(last_ping).ends_with("ping"));
}

TEST_F(http_server_test, times_out_slow_headers_and_bodies) {
  options.header_timeout = 40ms;
  options.body_grace = 40ms;
  start();
  raw_client header(loop, port);
  header.send("GET /ping HT");
  EXPECT_TRUE(header.read_to_end().starts_with("HTTP/1.1 408 "));
  raw_client body(loop, port);
  body.send("POST /echo HTTP/1.1\r\nHost: box\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_TRUE(body.read_to_end().starts_with("HTTP/1.1 408 "));
  raw_client chunks(loop, port);
  chunks.send("POST /echo HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
  EXPECT_TRUE(chunks.read_to_end().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(server->counters().timeouts, 3u);
}

TEST_F(http_server_test, a_header_dripping_in_does_not_live_for_ever) {
  options.header_timeout = 60ms;
  start();
  raw_client client(loop, port);
  client.send("GET /ping HTTP/1.1\r\nX: ");
  // Dripping by the clock: as fast as it goes, the header would be too large before it is too slow.
  auto next_drop = std::chrono::steady_clock::now();
  EXPECT_TRUE(run_until(loop, [&] {
    if (std::chrono::steady_clock::now() >= next_drop) {
      client.send("x");
      next_drop = std::chrono::steady_clock::now() + 1ms;
    }
    return !client.take();
  }));
  EXPECT_TRUE(client.received.starts_with("HTTP/1.1 408 ") || client.received.empty());
  EXPECT_EQ(server->counters().timeouts, 1u);
}

TEST_F(http_server_test, closes_idle_connections_silently) {
  options.idle_timeout = 40ms;
  start();
  raw_client client(loop, port);
  client.send(get_ping);
  EXPECT_TRUE(client.read_to_end().ends_with("ping"));
}

TEST_F(http_server_test, cuts_readers_that_do_not_take_their_answer) {
  options.write_timeout = 60ms;
  start();
  raw_client client(loop, port);
  client.send("GET /big HTTP/1.1\r\nHost: box\r\n\r\n");
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().timeouts == 1; }));
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
}

TEST_F(http_server_test, answers_503_when_the_handler_stays_silent) {
  options.answer_timeout = 40ms;
  start();
  raw_client client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(gone, 1);
  EXPECT_EQ(waiting.front().request().path, "/later"); // still readable for its holder
  waiting.front().respond(text_response("too late"));
}

TEST_F(http_server_test, reads_no_more_while_answers_are_not_taken) {
  start();
  raw_client client(loop, port);
  for (int i = 0; i < 20; ++i)
    client.send("GET /big HTTP/1.1\r\nHost: box\r\n\r\n");
  loop.restart();
  loop.run_for(50ms);
  EXPECT_LE(server->counters().requests, 2u);
  const auto answers = [&] { return count_of(client.received, "HTTP/1.1 200"); };
  EXPECT_TRUE(run_until(loop, [&] {
    client.take();
    return answers() == 20;
  }));
}

TEST_F(http_server_test, tells_handlers_of_vanished_clients) {
  start();
  for (const bool orderly : {true, false}) {
    raw_client client(loop, port);
    client.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
    ASSERT_TRUE(wait_for_exchange());
    if (orderly)
      client.close();
    else
      client.reset();
    const int before = gone;
    EXPECT_TRUE(run_until(loop, [&] { return gone == before + 1; }));
    EXPECT_TRUE(waiting.front().client_gone());
    waiting.front().respond(text_response("nobody"));
    waiting.clear();
    EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
  }
}

TEST_F(http_server_test, answers_clients_that_closed_their_sending_side_only) {
  start();
  raw_client client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
  client.end_sending();
  ASSERT_TRUE(wait_for_exchange());
  ASSERT_TRUE(run_until(loop, [&] { return gone == 1; }));
  waiting.front().respond(text_response("for you"));
  EXPECT_TRUE(client.read_to_end().ends_with("for you"));
}

TEST_F(http_server_test, limits_connections_in_all_and_by_address) {
  options.connections_per_address = 2;
  start();
  raw_client one(loop, port), two(loop, port);
  one.send(get_ping), two.send(get_ping);
  one.read_until("ping"), two.read_until("ping");
  EXPECT_TRUE(ask("").starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(server->counters().connections_refused, 1u);
  one.close();
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 1; }));
  EXPECT_TRUE(ask(last_ping).ends_with("ping"));
}

TEST_F(http_server_test, stops_when_running_exchanges_are_answered) {
  start();
  raw_client idle(loop, port), busy(loop, port);
  idle.send(get_ping), idle.read_until("ping");
  busy.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
  ASSERT_TRUE(wait_for_exchange());
  bool stopped = false;
  server->stop(10s, [&] { stopped = true; });
  idle.read_to_end();
  EXPECT_FALSE(stopped);
  waiting.front().respond(text_response("done"));
  const auto answer = busy.read_to_end();
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("done"));
  busy.close();
  EXPECT_TRUE(run_until(loop, [&] { return stopped; }));
}

TEST_F(http_server_test, cuts_what_is_left_after_the_grace_time) {
  start();
  raw_client busy(loop, port);
  busy.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
  ASSERT_TRUE(wait_for_exchange());
  bool stopped = false;
  server->stop(30ms, [&] { stopped = true; });
  EXPECT_TRUE(run_until(loop, [&] { return stopped; }));
  EXPECT_EQ(gone, 1);
  EXPECT_EQ(busy.read_to_end(), "");
}

TEST_F(http_server_test, an_answer_after_the_servers_end_goes_nowhere) {
  start();
  raw_client client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
  ASSERT_TRUE(wait_for_exchange());
  server.reset();
  EXPECT_TRUE(waiting.front().client_gone());
  waiting.front().respond(text_response("late"));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(http_server_test, says_why_it_cannot_listen) {
  start();
  http_server second(loop, {}, [](http_exchange) {});
  const auto taken = second.listen("127.0.0.1", port);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "transport.listen");
  EXPECT_FALSE(second.listen("not an address", 0));
}

TEST_F(http_server_test, reading_ahead_while_a_handler_works_is_bounded) {
  options.header_bytes = 4096;
  start();
  raw_client client(loop, port);
  client.send("GET /later HTTP/1.1\r\nHost: box\r\n\r\n");
  ASSERT_TRUE(wait_for_exchange());
  for (int i = 0; i < 2000; ++i)
    client.send(get_ping);
  loop.restart();
  loop.run_for(20ms);
  EXPECT_LT(server->counters().bytes_in, 40'000u);
  waiting.front().respond(text_response("first"));
  EXPECT_TRUE(run_until(loop, [&] {
    client.take();
    return count_of(client.received, "HTTP/1.1 200") == 2001;
  }));
}

} // namespace
} // namespace troupe::transport
