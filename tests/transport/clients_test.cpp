#include "messages/base64.hpp"
#include "tests/transport/raw_client.hpp"
#include "transport/http_server.hpp"
#include "transport/websocket_client.hpp"
#include "transport/websocket_echo.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <map>

namespace troupe::transport {
namespace {

using namespace std::chrono_literals;
using test::run_until;

/// A server that shows what it was sent, redirects, and plays the proxy.
class clients_test : public testing::Test {
protected:
  boost::asio::io_context loop{1};
  std::unique_ptr<http_server> server;
  std::unique_ptr<http_server> other; ///< another origin
  std::uint16_t port = 0;
  std::uint16_t other_port = 0;
  std::vector<http_exchange> waiting;
  std::optional<http_client> client;
  std::map<std::string, int> seen;

  void SetUp() override {
    const auto handle = [this](http_exchange exchange) { answer(std::move(exchange)); };
    http_server_options options;
    options.idle_timeout = 200ms;
    server = std::make_unique<http_server>(loop, options, handle);
    other = std::make_unique<http_server>(loop, options, handle);
    port = *server->listen("127.0.0.1", 0);
    other_port = *other->listen("127.0.0.1", 0);
    client.emplace(loop, http_client_options{.connect = {.proxy = {}}});
  }
  void TearDown() override {
    waiting.clear();
    client.reset();
    server.reset();
    other.reset();
    loop.restart();
    loop.poll();
  }
  void answer(http_exchange exchange) {
    const auto& request = exchange.request();
    ++seen[std::string(request.method_text) + ' ' + std::string(request.target)];
    const std::string path(request.path);
    if (path == "/later") {
      waiting.push_back(std::move(exchange));
      return;
    }
    if (path == "/echo") return websocket_echo(std::move(exchange));
    if (path == "/none") return exchange.respond(no_content());
    if (path == "/big") return exchange.respond(text_response(std::string(3'000'000, 'b')));
    if (path.starts_with("/status/")) {
      http_response response(static_cast<std::uint16_t>(std::stoi(path.substr(8))));
      if (!request.query.empty()) response.header("Location", std::string(request.query));
      return exchange.respond(std::move(response));
    }
    std::string shown = std::string(request.method_text) + ' ' + std::string(request.target) + '\n';
    for (const auto& field : request.headers)
      shown += std::string(field.name) + ": " + std::string(field.value) + '\n';
    exchange.respond(text_response(shown + '\n' + std::string(request.body_text())));
  }
  std::string at(std::string_view path, std::uint16_t which = 0) const {
    return "http://127.0.0.1:" + std::to_string(which ? which : port) + std::string(path);
  }
  result<client_response> ask(client_request request) {
    std::optional<result<client_response>> got;
    client->send(std::move(request),
                 [&](result<client_response> answer) { got.emplace(std::move(answer)); });
    EXPECT_FALSE(got.has_value());
    if (!run_until(loop, [&] { return got.has_value(); })) return fault{"test", "no answer"};
    return std::move(*got);
  }
  std::string code_of(client_request request) {
    const auto answer = ask(std::move(request));
    return answer ? std::to_string(answer->status) : answer.error().code;
  }
};

TEST_F(clients_test, asks_and_keeps_the_connection) {
  for (int i = 0; i < 3; ++i) {
    const auto answer = ask({.url = at("/show?x=1"), .headers = {{"X-A", "b"}}});
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("content-TYPE"), mime_text);
    EXPECT_NE(answer->body.find("GET /show?x=1\nHost: 127.0.0.1:" + std::to_string(port)),
              std::string::npos)
        << answer->body;
    EXPECT_NE(answer->body.find("X-A: b\n"), std::string::npos);
  }
  EXPECT_EQ(server->counters().connections_accepted, 1u);
}

TEST_F(clients_test, posts_bodies_of_any_size) {
  for (const std::size_t size : {0u, 5u, 10'000u, 5'000'000u}) {
    const auto answer = ask({.method = "POST", .url = at("/show"), .body = std::string(size, 'p')});
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_TRUE(answer->body.ends_with("\n\n" + std::string(size, 'p')));
    EXPECT_NE(answer->body.find("Content-Length: " + std::to_string(size)), std::string::npos);
  }
}

TEST_F(clients_test, understands_bodiless_answers) {
  EXPECT_EQ(code_of({.url = at("/none")}), "204");
  const auto head = ask({.method = "HEAD", .url = at("/big")});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("content-length"), "3000000");
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(server->counters().connections_accepted, 1u);
}

TEST_F(clients_test, comes_back_when_a_kept_connection_was_closed) {
  EXPECT_EQ(code_of({.url = at("/show")}), "200");
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
  EXPECT_EQ(code_of({.url = at("/show")}), "200");
  EXPECT_EQ(server->counters().connections_accepted, 2u);
}

TEST_F(clients_test, limits_answers) {
  EXPECT_EQ(code_of({.url = at("/big"), .answer_bytes = 3'000'000}), "200");
  EXPECT_EQ(code_of({.url = at("/big"), .answer_bytes = 2'999'999}), "transport.too_big");
}

TEST_F(clients_test, follows_redirects) {
  struct row {
    const char* method;
    const char* status;
    const char* method_after;
  };
  for (const auto& [method, status, after] :
       {row{"POST", "301", "GET"}, row{"POST", "302", "GET"}, row{"POST", "303", "GET"},
        row{"POST", "307", "POST"}, row{"POST", "308", "POST"}, row{"PUT", "302", "PUT"},
        row{"PUT", "303", "GET"}, row{"HEAD", "303", "HEAD"}, row{"GET", "302", "GET"}}) {
    const bool body = std::string_view(method)[0] == 'P';
    const auto answer = ask({.method = method,
                             .url = at("/status/" + std::string(status) + "?/show"),
                             .headers = {{"Content-Type", "text/x"}, {"Authorization", "secret"}},
                             .body = body ? "body" : ""});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->url, at("/show"));
    if (std::string_view(after) == "HEAD") continue;
    EXPECT_TRUE(answer->body.starts_with(std::string(after) + " /show\n"))
        << method << status << answer->body;
    EXPECT_EQ(answer->body.ends_with("body"), body && std::string_view(after) != "GET");
    EXPECT_NE(answer->body.find("Authorization: secret"), std::string::npos);
  }
}

TEST_F(clients_test, carries_no_credentials_to_other_origins) {
  const auto answer =
      ask({.url = "http://user:word@127.0.0.1:" + std::to_string(port) + "/status/302?" +
                  at("/show", other_port),
           .headers = {{"Authorization", "secret"}, {"Cookie", "secret"}, {"X-Kept", "1"}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->url, at("/show", other_port));
  EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  EXPECT_EQ(answer->body.find("Authorization"), std::string::npos);
  EXPECT_NE(answer->body.find("X-Kept"), std::string::npos);
}

TEST_F(clients_test, bounds_redirects) {
  EXPECT_EQ(code_of({.url = at("/status/302?/status/302?/status/302?/show")}), "200");
  EXPECT_EQ(code_of({.url = at("/status/302?/status/302?/status/302?/show"), .redirects = 2}),
            "transport.redirects");
  EXPECT_EQ(code_of({.url = at("/status/302?/show"), .redirects = 0}), "302");
  EXPECT_EQ(code_of({.url = at("/status/302?ftp://x/")}), "transport.redirects");
  EXPECT_EQ(code_of({.url = at("/status/302")}), "302");
}

TEST_F(clients_test, names_what_went_wrong) {
  EXPECT_EQ(code_of({.url = "nonsense"}), "transport.url");
  EXPECT_EQ(code_of({.url = "http://name.invalid/"}), "transport.dns");
  EXPECT_EQ(code_of({.url = at("/later"), .timeout = 40ms}), "transport.timeout");
  EXPECT_EQ(code_of({.url = at("/"), .headers = {{"X", "a\r\nY: b"}}}), "transport.request");
  EXPECT_EQ(code_of({.url = "https://127.0.0.1:" + std::to_string(port) + "/"}), "transport.tls");
  const auto closed_port = other_port;
  other.reset();
  EXPECT_EQ(code_of({.url = at("/", closed_port)}), "transport.refused");
}

TEST_F(clients_test, names_a_cut) {
  std::optional<result<client_response>> got;
  client->send({.url = at("/later")},
               [&](result<client_response> answer) { got.emplace(std::move(answer)); });
  ASSERT_TRUE(run_until(loop, [&] { return !waiting.empty(); }));
  server.reset();
  ASSERT_TRUE(run_until(loop, [&] { return got.has_value(); }));
  EXPECT_EQ(got->error().code, "transport.cut");
}

TEST_F(clients_test, cancels) {
  std::optional<result<client_response>> got;
  const auto ticket = client->send({.url = at("/later")}, [&](result<client_response> answer) {
    got.emplace(std::move(answer));
  });
  ASSERT_TRUE(run_until(loop, [&] { return !waiting.empty(); }));
  client->cancel(ticket);
  client->cancel(ticket);
  ASSERT_TRUE(run_until(loop, [&] { return got.has_value(); }));
  EXPECT_EQ(got->error().code, "transport.cancelled");
  EXPECT_TRUE(run_until(loop, [&] { return waiting[0].client_gone(); }));
}

TEST_F(clients_test, its_end_silences_everything) {
  bool called = false;
  client->send({.url = at("/later")}, [&](result<client_response>) { called = true; });
  ASSERT_TRUE(run_until(loop, [&] { return !waiting.empty(); }));
  client.reset();
  EXPECT_TRUE(run_until(loop, [&] { return waiting[0].client_gone(); }));
  EXPECT_FALSE(called);
}

TEST_F(clients_test, refuses_more_than_it_may_have_under_way) {
  client.emplace(loop, http_client_options{.connect = {.proxy = {}}, .waiting = 1});
  client->send({.url = at("/later")}, [](result<client_response>) {});
  EXPECT_EQ(code_of({.url = at("/show")}), "transport.busy");
}

TEST_F(clients_test, asks_a_proxy_in_absolute_form) {
  client.emplace(loop,
                 http_client_options{.connect = {.proxy = {.http = "http://me:word@127.0.0.1:" +
                                                                   std::to_string(port)}}});
  const auto answer = ask({.url = "http://far.invalid/show?x"});
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_TRUE(answer->body.starts_with("GET http://far.invalid/show?x\nHost: far.invalid\n"))
      << answer->body;
  EXPECT_NE(answer->body.find("Proxy-Authorization: Basic " + to_base64(as_bytes("me:word"))),
            std::string::npos);
}

/// Says a fixed answer to whoever connects, then passes on nothing.
class one_line_proxy {
public:
  one_line_proxy(boost::asio::io_context& loop, std::string answer)
      : acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}), socket_(loop),
        answer_(std::move(answer)) {
    acceptor_.async_accept(socket_, [this](const boost::system::error_code& error) {
      if (error) return;
      socket_.async_read_some(boost::asio::buffer(buffer_),
                              [this](const boost::system::error_code&, std::size_t bytes) {
                                asked.assign(buffer_.data(), bytes);
                                boost::system::error_code ignored;
                                socket_.write_some(boost::asio::buffer(answer_), ignored);
                              });
    });
  }
  std::string address() {
    return "http://me:word@127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  std::string asked;

private:
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket socket_;
  std::string answer_;
  std::array<char, 4096> buffer_{};
};

TEST_F(clients_test, tunnels_https_through_a_proxy) {
  for (const auto& [line, code] : std::initializer_list<std::pair<const char*, const char*>>{
           {"HTTP/1.1 407 Log in\r\n\r\n", "transport.proxy_wrong_login"},
           {"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n\r\n", "transport.proxy_scheme"},
           {"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: basic realm=x\r\n"
            "\r\n",
            "transport.proxy_wrong_login"},
           {"HTTP/1.1 403 No\r\n\r\n", "transport.proxy_forbids"},
           {"HTTP/1.1 503 No\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\n\r\n", "transport.proxy_no_host"},
           {"HTTP/1.1 502 No\r\n\r\n", "transport.proxy_no_way"},
           {"HTTP/1.1 418 No\r\n\r\n", "transport.proxy"},
           {"SMTP hello there\r\n\r\n", "transport.proxy"},
           {"HTTP/1.1 200 OK\r\n\r\nand more", "transport.proxy"}}) {
    one_line_proxy proxy(loop, line);
    client.emplace(loop, http_client_options{.connect = {.proxy = {.https = proxy.address()}}});
    EXPECT_EQ(code_of({.url = "https://far.invalid/"}), code) << line;
    EXPECT_TRUE(proxy.asked.starts_with("CONNECT far.invalid:443 HTTP/1.1\r\nHost: "
                                        "far.invalid:443\r\nProxy-Authorization: Basic "));
  }
}

TEST_F(clients_test, a_proxys_refusal_is_said_in_words) {
  const auto told = [](unsigned status, bool had_login) {
    return proxy_answer_fault({.status = status,
                               .had_login = had_login,
                               .proxy = "p (port 1)",
                               .target = "far:443"})
        .text;
  };
  EXPECT_EQ(told(407, false), "The proxy p (port 1) wants a log-in.");
  EXPECT_EQ(told(407, true), "The proxy p (port 1) does not take this log-in.");
  EXPECT_EQ(told(403, true), "The proxy p (port 1) forbids the way to far:443 (403).");
  EXPECT_EQ(told(504, true), "The proxy p (port 1) finds no host or no way for far:443 (504).");
}

TEST_F(clients_test, plain_http_goes_through_a_tunnel_where_that_is_wanted) {
  one_line_proxy proxy(loop, "HTTP/1.1 403 No\r\n\r\n");
  client.emplace(
      loop, http_client_options{.connect = {.proxy = {.http = proxy.address()}, .tunnel = true}});
  EXPECT_EQ(code_of({.url = "http://far.invalid:8080/"}), "transport.proxy_forbids");
  EXPECT_TRUE(proxy.asked.starts_with("CONNECT far.invalid:8080 HTTP/1.1\r\n")) << proxy.asked;
}

TEST_F(clients_test, tells_how_far_a_connection_came) {
  std::vector<connect_step> steps;
  connect_options options{.proxy = {}};
  options.progress = [&](const connect_step& step) { steps.push_back(step); };
  client.emplace(loop, http_client_options{.connect = std::move(options)});
  EXPECT_EQ(code_of({.url = "http://127.0.0.1:" + std::to_string(port) + "/show"}), "200");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].what, connect_step::kind::resolved);
  EXPECT_EQ(steps[0].addresses, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(steps[1].what, connect_step::kind::connected);
  EXPECT_EQ(steps[1].local_address, "127.0.0.1");
  EXPECT_FALSE(steps[1].to_proxy);
}

TEST_F(clients_test, a_websocket_talks_to_the_server) {
  websocket_client_request request{.url = "ws://127.0.0.1:" + std::to_string(port) + "/echo",
                                   .connect = {.proxy = {}}};
  websocket_ptr session;
  std::vector<std::string> messages, closes;
  const auto attempt = open_websocket(loop, request, [&](result<websocket_ptr> opened) {
    ASSERT_TRUE(opened) << opened.error().text;
    session = *opened;
    session->handle({.on_message =
                         [&](byte_span payload, bool text) {
                           messages.push_back((text ? "t:" : "b:") + std::string(as_text(payload)));
                         },
                     .on_close = [&](std::uint16_t code,
                                     std::string_view) { closes.push_back(std::to_string(code)); },
                     .on_overflow = nullptr,
                     .on_drained = nullptr});
  });
  ASSERT_TRUE(run_until(loop, [&] { return session != nullptr; }));
  std::vector<std::string> expected;
  for (const std::size_t size : {0u, 10u, 600u, 70'000u, 1'000'000u}) {
    const std::string payload(size, static_cast<char>('a' + size % 26));
    session->send_text(payload);
    session->send_binary(payload);
    expected.push_back("t:" + payload);
    expected.push_back("b:" + payload);
  }
  EXPECT_TRUE(run_until(loop, [&] { return messages.size() == expected.size(); }));
  EXPECT_EQ(messages, expected);
  session->close();
  EXPECT_TRUE(run_until(loop, [&] { return closes.size() == 1; }));
  EXPECT_EQ(closes[0], "1000");
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
}

TEST_F(clients_test, a_websocket_says_why_it_could_not_open) {
  const auto code_for = [&](std::string url) {
    std::optional<fault> error;
    const auto attempt = open_websocket(loop, {.url = std::move(url), .connect = {.proxy = {}}},
                                        [&](result<websocket_ptr> opened) {
                                          if (!opened) error = opened.error();
                                        });
    EXPECT_TRUE(run_until(loop, [&] { return error.has_value(); }));
    return error ? error->code + ' ' + error->text : "";
  };
  const auto base = "ws://127.0.0.1:" + std::to_string(port);
  EXPECT_TRUE(code_for("http://x/").starts_with("transport.url"));
  EXPECT_TRUE(
      code_for(base + "/status/403")
          .starts_with("transport.handshake The server refuses the WebSocket with status 403"));
  EXPECT_TRUE(code_for(base + "/show").starts_with("transport.handshake"));
  EXPECT_TRUE(code_for("ws://name.invalid/").starts_with("transport.dns"));
}

TEST_F(clients_test, dropping_a_websocket_attempt_cancels_it) {
  bool called = false;
  auto attempt = open_websocket(
      loop, {.url = "ws://127.0.0.1:" + std::to_string(port) + "/later", .connect = {.proxy = {}}},
      [&](result<websocket_ptr>) { called = true; });
  ASSERT_TRUE(run_until(loop, [&] { return !waiting.empty(); }));
  attempt.reset();
  EXPECT_TRUE(run_until(loop, [&] { return waiting[0].client_gone(); }));
  EXPECT_FALSE(called);
}

} // namespace
} // namespace troupe::transport
