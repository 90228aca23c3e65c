#include "tests/actors/homepage_fixture.hpp"
#include "transport/http_client.hpp"
#include "transport/websocket_client.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// The homepage behind its real server, by real sockets; the actors in virtual time.
class socket_test : public homepage_test {
protected:
  /// Serves sockets and actors until it is so; a generous bound only ends a broken test.
  bool serve_until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + 120s;
    while (!so()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.poll();
      settle();
    }
    return true;
  }
  std::string url(const std::string& scheme, const std::string& path) {
    return scheme + "://127.0.0.1:" + std::to_string(state().port) + path;
  }
  transport::client_response fetch(const std::string& method, const std::string& path,
                                   transport::header_list headers = {}, std::string body = {}) {
    std::optional<result<transport::client_response>> got;
    transport::client_request request;
    request.method = method;
    request.url = url("http", path);
    request.headers = std::move(headers);
    request.body = std::move(body);
    client_.send(std::move(request), [&](result<transport::client_response> answer) {
      got.emplace(std::move(answer));
    });
    EXPECT_TRUE(serve_until([&] { return got.has_value(); })) << method << " " << path;
    if (!got || !*got) {
      ADD_FAILURE() << (got ? got->error().text : "no answer");
      return {};
    }
    return std::move(**got);
  }

  /// An open page.
  struct page {
    transport::websocket_ptr session;
    std::vector<std::string> messages;
    std::optional<std::uint16_t> closed;
    std::optional<fault> refused;
  };
  std::shared_ptr<page> open_page(const std::string& path, transport::header_list headers,
                                  std::vector<std::string> subprotocols = {}) {
    auto out = std::make_shared<page>();
    transport::websocket_client_request request;
    request.url = url("ws", path);
    request.headers = std::move(headers);
    request.options.subprotocols = std::move(subprotocols);
    attempts_.push_back(transport::open_websocket(
        io, std::move(request), [out](result<transport::websocket_ptr> opened) {
          if (!opened) {
            out->refused = opened.error();
            return;
          }
          out->session = *opened;
          transport::websocket_session::callbacks callbacks;
          callbacks.on_message = [out = out.get()](byte_span payload, bool) {
            out->messages.emplace_back(as_text(payload));
          };
          callbacks.on_close = [out = out.get()](std::uint16_t code, std::string_view) {
            out->closed = code;
          };
          out->session->handle(std::move(callbacks));
        }));
    EXPECT_TRUE(serve_until([&] { return out->session || out->refused; }));
    return out;
  }
  void publish(const std::string& note) {
    publish_event message;
    message.content.type = "box.changed";
    message.content.data = value::object{{"name", note}};
    caf::anon_send(events, std::move(message));
    settle();
  }
  static std::vector<std::uint64_t> numbers(const page& seen) {
    std::vector<std::uint64_t> out;
    for (const auto& each : seen.messages)
      out.push_back(nlohmann::json::parse(each)["sequence"]);
    return out;
  }
  std::string bearer() { return signed_in()[0].second; }

  void TearDown() override {
    attempts_.clear();
    homepage_test::TearDown();
  }

  transport::http_client client_{io};
  std::vector<std::unique_ptr<transport::websocket_attempt>> attempts_;
};

TEST_F(socket_test, serves_pages_probes_and_refusals) {
  EXPECT_EQ(fetch("GET", "/hw_proxy/hello").body, "ping");
  EXPECT_EQ(fetch("GET", "/").status, 200);
  const auto refused = fetch("GET", "/api/v1/devices");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(fetch("GET", "/openapi.json").status, 200);
  EXPECT_EQ(fetch("HEAD", "/healthz").status, 200);
}

TEST_F(socket_test, bodies_are_bounded_by_who_sends_them) {
  const std::string large(200 * 1024, ' ');
  const transport::header_list json{{"Content-Type", "application/json"}};
  EXPECT_EQ(fetch("POST", "/hw_proxy/default_printer_action", json, large).status, 413);
  auto till = json;
  till.emplace_back("Origin", shop);
  EXPECT_EQ(fetch("POST", "/hw_proxy/default_printer_action", till, large).status, 400)
      << "read, and then found not to be JSON";
  EXPECT_EQ(fetch("POST", "/hw_proxy/handshake", till, large).status, 413);
}

TEST_F(socket_test, a_page_gets_events_live_and_resumes_without_a_gap) {
  const transport::header_list signed_headers{{"Authorization", bearer()}};
  auto first = open_page("/api/v1/events", signed_headers);
  ASSERT_TRUE(first->session);
  publish("one");
  ASSERT_TRUE(serve_until([&] { return first->messages.size() == 1; }));
  const auto event = nlohmann::json::parse(first->messages[0]);
  EXPECT_EQ(event["specversion"], "1.0");
  EXPECT_EQ(event["type"], "box.changed");
  EXPECT_EQ(event["source"], "/boxes/b0");
  first->session->close();
  ASSERT_TRUE(serve_until([&] { return first->closed.has_value(); }));
  for (const char* note : {"two", "three", "four"})
    publish(note);
  const auto after = event["sequence"].get<std::uint64_t>();
  auto second = open_page("/api/v1/events?after=" + std::to_string(after), signed_headers);
  ASSERT_TRUE(serve_until([&] { return second->messages.size() == 3; }));
  EXPECT_EQ(numbers(*second), (std::vector<std::uint64_t>{after + 1, after + 2, after + 3}));
}

TEST_F(socket_test, msgpack_pages_get_the_same_maps) {
  auto page = open_page("/api/v1/events", {{"Origin", shop}}, {"troupe.msgpack"});
  ASSERT_TRUE(page->session);
  EXPECT_EQ(page->session->subprotocol(), "troupe.msgpack");
  publish("one");
  ASSERT_TRUE(serve_until([&] { return page->messages.size() == 1; }));
  const auto& bytes = page->messages[0];
  const auto event = nlohmann::json::from_msgpack(bytes.begin(), bytes.end());
  EXPECT_EQ(event["type"], "box.changed");
  EXPECT_EQ(event["data"]["name"], "one");
}

TEST_F(socket_test, a_page_may_ask_for_one_device) {
  const auto device = add("Counter", "tcp://10.0.0.9:9100");
  auto page = open_page("/api/v1/events?device=" + device.description.id.text, {{"Origin", shop}});
  publish("not for it");
  ASSERT_EQ(send("POST", "/api/v1/devices/" + device.description.id.text + "/actions", from(shop),
                 R"({"action":"cashbox"})")
                ->status(),
            202);
  ASSERT_TRUE(serve_until([&] { return !page->messages.empty(); }));
  for (const auto& each : page->messages)
    EXPECT_EQ(nlohmann::json::parse(each)["device"], device.description.id.text);
}

TEST_F(socket_test, strangers_get_no_websocket) {
  for (const auto& headers :
       {transport::header_list{}, transport::header_list{{"Origin", "https://evil.example"}},
        transport::header_list{{"Origin", "null"}}})
    for (const char* path : {"/api/v1/events", "/api/v1/logs/live", "/test/echo"}) {
      auto page = open_page(path, headers);
      EXPECT_TRUE(page->refused) << path;
    }
  EXPECT_EQ(fetch("GET", "/api/v1/events", {{"Origin", shop}}).status, 426);
}

TEST_F(socket_test, a_slow_page_is_held_back_and_loses_nothing) {
  auto page = open_page("/api/v1/events", {{"Origin", shop}});
  ASSERT_TRUE(page->session);
  page->session->pause_reading();
  const std::string large(16 * 1024, 'x');
  constexpr std::size_t count = 400; // more than sockets and queue together hold
  for (std::size_t i = 0; i < count; ++i) {
    publish(large);
    io.restart();
    io.poll();
  }
  settle();
  EXPECT_FALSE(page->closed.has_value());
  page->session->resume_reading();
  ASSERT_TRUE(serve_until([&] { return page->messages.size() >= count || page->closed; }));
  EXPECT_FALSE(page->closed.has_value());
  const auto seen = numbers(*page);
  ASSERT_EQ(seen.size(), count);
  for (std::size_t i = 1; i < seen.size(); ++i)
    ASSERT_EQ(seen[i], seen[i - 1] + 1);
}

TEST_F(socket_test, a_slow_page_gets_only_the_newest_live_value_once_it_reads_again) {
  auto page = open_page("/api/v1/events", {{"Origin", shop}});
  ASSERT_TRUE(page->session);
  page->session->pause_reading();
  // Fills the sockets, so that something waits in the page's queue.
  constexpr std::size_t fillers = 250;
  const std::string large(16 * 1024, 'x');
  for (std::size_t i = 0; i < fillers; ++i)
    publish(large);
  constexpr int values = 300;
  for (int i = 1; i <= values; ++i) {
    event passing;
    passing.type = "device.value";
    passing.device = device_id("scale");
    passing.data = value::object{{"n", i}};
    caf::anon_send(events, publish_event{std::move(passing), true});
  }
  settle();
  page->session->resume_reading();
  std::vector<int> seen;
  std::size_t looked_at = 0;
  ASSERT_TRUE(serve_until([&] {
    advance(50ms);
    for (; looked_at < page->messages.size(); ++looked_at)
      if (const auto tree = nlohmann::json::parse(page->messages[looked_at]);
          tree["type"] == "device.value")
        seen.push_back(tree["data"]["n"]);
    return page->messages.size() >= fillers && !seen.empty() && seen.back() == values;
  }));
  EXPECT_LT(seen.size(), 10u);
}

TEST_F(socket_test, log_lines_come_live) {
  auto page = open_page("/api/v1/logs/live?level=warning", {{"Authorization", bearer()}});
  ASSERT_TRUE(page->session);
  settle();
  runtime::logger("box.test").warning("Something to see, number {}", 7);
  advance(1s);
  ASSERT_TRUE(serve_until([&] { return !page->messages.empty(); }));
  const auto line = nlohmann::json::parse(page->messages[0]);
  EXPECT_EQ(line["text"], "Something to see, number 7");
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["logger"], "box.test");
}

TEST_F(socket_test, a_long_poll_whose_client_left_ends) {
  bool dropped = false;
  {
    transport::http_client client(io);
    transport::client_request request;
    request.method = "POST";
    request.url = url("http", "/iot_drivers/event");
    request.headers = {{"Origin", shop}, {"Content-Type", "application/json"}};
    request.body = R"({"params":{"listener":{"session_id":"t","devices":{"printer":{}}}}})";
    client.send(std::move(request), [&](result<transport::client_response>) { dropped = true; });
    ASSERT_TRUE(serve_until([&] { return state().polls.waiting() == 1; }));
  }
  EXPECT_TRUE(serve_until([&] { return state().polls.waiting() == 0; }));
  EXPECT_FALSE(dropped);
}

TEST_F(socket_test, ends_in_order_with_pages_open) {
  auto page = open_page("/api/v1/events", {{"Origin", shop}});
  ASSERT_TRUE(page->session);
  caf::anon_send_exit(homepage, caf::exit_reason::user_shutdown);
  ASSERT_TRUE(serve_until([&] { return page->closed.has_value(); }));
  EXPECT_EQ(*page->closed, 1001);
}

} // namespace
} // namespace troupe::box
