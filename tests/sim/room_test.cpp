// The paper room over real sockets: pages, interface and live events.
#include "actors/runtime/log.hpp"
#include "actors/runtime/loop.hpp"
#include "messages/base64.hpp"
#include "sim/room.hpp"
#include "sim/tcp_printer.hpp"
#include "transport/http_client.hpp"
#include "transport/json.hpp"
#include "transport/websocket_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <utility>

namespace troupe::sim {

using namespace std::chrono_literals;
using transport::json_value;

/// The room on a thread of its own, clients on this one.
class room_test : public testing::Test {
protected:
  void SetUp() override {
    runtime::configure_log({.level = runtime::log_level::warning});
    device_options options;
    options.name = "counter";
    auto device = printer_device::make(options, loop_time(loop.io_context()));
    auto listening = tcp_printer::listen(loop.io_context(), device, {.port = 0});
    ASSERT_TRUE(listening);
    listener = *listening;
    auto printer = spawn_printer(loop.system(), device);
    actors.push_back(caf::actor_cast<caf::actor>(printer));
    room_options room{.port = 0};
    room.printers.emplace("counter", printer);
    auto spawned = spawn_room(loop.system(), loop.io_context(), room);
    ASSERT_TRUE(spawned);
    actors.push_back(caf::actor_cast<caf::actor>(*spawned));
    caf::scoped_actor self{loop.system()};
    thread = std::thread([this] { loop.run(); });
    self->request(*spawned, 10s, get_room_port{})
        .receive([this](std::uint16_t found) { port = found; }, [](caf::error&) {});
    ASSERT_NE(port, 0);
  }
  void TearDown() override {
    loop.post([this] {
      listener->close();
      for (auto& actor : actors)
        caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
      actors.clear();
      loop.post([this] { loop.stop(); });
    });
    thread.join();
    listener.reset();
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
  std::string url(std::string_view path, std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port) + std::string(path);
  }
  transport::client_response send(std::string method, std::string_view path, std::string body = {},
                                  transport::header_list headers = {}) {
    std::optional<result<transport::client_response>> answer;
    client.send({.method = std::move(method),
                 .url = url(path),
                 .headers = std::move(headers),
                 .body = std::move(body)},
                [&](result<transport::client_response> got) { answer = std::move(got); });
    EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
    if (!answer || !*answer) {
      ADD_FAILURE() << (answer ? answer->error().text : "no answer");
      return {};
    }
    return **answer;
  }
  json_value get(std::string_view path) { return json_value::parse(send("GET", path).body); }
  transport::client_response play(std::string_view what, std::string body,
                                  transport::header_list more = {}) {
    more.emplace_back("Content-Type", "application/json");
    return send("POST", "/api/v1/printers/counter/" + std::string(what), std::move(body),
                std::move(more));
  }
  void print(std::string_view bytes) {
    using boost::asio::ip::tcp;
    tcp::socket socket(context);
    socket.connect({boost::asio::ip::address_v4::loopback(), listener->port()});
    boost::asio::write(socket, boost::asio::buffer(bytes.data(), bytes.size()));
  }

  runtime::loop loop;
  std::shared_ptr<tcp_printer> listener;
  std::vector<caf::actor> actors;
  std::thread thread;
  std::uint16_t port = 0;
  boost::asio::io_context context;
  transport::http_client client{context, {.connect = {.proxy = {}}}};
};

static const std::string receipt_bytes = "Hello\n\x1dV\x41\x0a";

TEST_F(room_test, lists_printers_receipts_and_pictures) {
  EXPECT_EQ(get("/api/v1/printers")["printers"][0]["id"], "counter");
  print(receipt_bytes);
  json_value list;
  ASSERT_TRUE(run_until([&] {
    list = get("/api/v1/printers/counter/receipts")["receipts"];
    return !list.empty();
  }));
  EXPECT_EQ(list[0]["text"], "Hello\n");
  EXPECT_EQ(list[0]["height"], 40);
  auto picture = send("GET", std::string(list[0]["url"]));
  EXPECT_EQ(picture.status, 200);
  EXPECT_EQ(picture.header("content-type"), "image/png");
  EXPECT_EQ(picture.body.substr(1, 3), "PNG");
  EXPECT_EQ(get("/api/v1/printers/counter")["receipts"], 1);
  EXPECT_EQ(send("GET", "/api/v1/printers/counter/strip.png").status, 404);
  EXPECT_EQ(send("GET", "/").header("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(send("GET", "/").header("content-security-policy"), "");
}

TEST_F(room_test, plays_with_a_printer) {
  auto out = play("paper", R"({"state":"out"})");
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(json_value::parse(out.body)["problem"], "no_paper");
  EXPECT_EQ(
      json_value::parse(play("paper", R"({"state":"in","roll_dots":500})").body)["roll_left_dots"],
      500);
  EXPECT_EQ(json_value::parse(play("fault", R"({"state":"cutter"})").body)["faults"][0], "cutter");
  EXPECT_EQ(json_value::parse(play("drawer", R"({"state":"open"})").body)["drawer"], "open");
  EXPECT_EQ(play("clear", "{}").status, 200);
}

struct refused_request {
  const char* name;
  const char* method;
  const char* path;
  const char* body;
  transport::header_list headers;
  int status;
};

TEST_F(room_test, refuses_what_is_wrong_with_a_problem) {
  const std::pair<std::string, std::string> json{"Content-Type", "application/json"};
  const refused_request requests[] = {
      {"no such printer", "GET", "/api/v1/printers/none", "", {}, 404},
      {"no such receipt", "GET", "/api/v1/receipts/counter-99.png", "", {}, 404},
      {"receipt of no printer", "GET", "/api/v1/receipts/x.png", "", {}, 404},
      {"no such address", "GET", "/api/v2/printers", "", {}, 404},
      {"no such thing to do", "POST", "/api/v1/printers/counter/burn", "{}", {json}, 404},
      {"wrong method", "DELETE", "/api/v1/printers", "", {}, 405},
      {"get does not play", "GET", "/api/v1/printers/counter/paper", "", {}, 405},
      {"not json",
       "POST",
       "/api/v1/printers/counter/paper",
       "{}",
       {{"Content-Type", "text/plain"}},
       415},
      {"broken json", "POST", "/api/v1/printers/counter/paper", "{", {json}, 400},
      {"no object", "POST", "/api/v1/printers/counter/paper", "[]", {json}, 422},
      {"wrong type", "POST", "/api/v1/printers/counter/paper", R"({"state":1})", {json}, 422},
      {"no such state", "POST", "/api/v1/printers/counter/paper", R"({"state":"x"})", {json}, 422},
      {"negative",
       "POST",
       "/api/v1/printers/counter/fault",
       R"({"state":"dead","after_bytes":-1})",
       {json},
       422},
      {"foreign page",
       "POST",
       "/api/v1/printers/counter/paper",
       R"({"state":"out"})",
       {json, {"Origin", "http://elsewhere.example"}},
       403},
      {"null origin", "GET", "/api/v1/printers", "", {{"Origin", "null"}}, 403},
  };
  for (const auto& request : requests) {
    auto answer = send(request.method, request.path, request.body, request.headers);
    EXPECT_EQ(answer.status, request.status) << request.name;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json") << request.name;
  }
  EXPECT_EQ(send("POST", "/api/v1/printers/counter/paper", std::string(5000, ' '), {json}).status,
            413);
  EXPECT_EQ(get("/api/v1/printers/counter")["paper"], "present") << "nothing of that had an effect";
  EXPECT_EQ(play("paper", R"({"state":"in"})", {{"Origin", url("")}}).status, 200);
}

/// A page: gathers what comes and puts the strip together from it.
struct watching_page {
  std::vector<json_value> messages;
  std::string strip;
  std::size_t rows = 0;
  std::uint16_t closed = 0;

  void take(std::string_view text) {
    auto json = json_value::parse(text);
    if (json["type"] == "rows") {
      EXPECT_EQ(json["first"], rows) << "no row is missing or comes twice";
      auto bits = from_base64(std::string(json["bits"]));
      ASSERT_TRUE(bits);
      EXPECT_EQ(bits->size(), std::size_t(json["count"]) * 72);
      strip.append(as_text(*bits));
      rows += std::size_t(json["count"]);
    }
    messages.push_back(std::move(json));
  }
  const json_value* find(std::string_view type) const {
    for (const auto& each : messages)
      if (each["type"] == type) return &each;
    return nullptr;
  }
};

TEST_F(room_test, tells_pages_live_what_comes_out) {
  print("begun\n");
  ASSERT_TRUE(run_until([&] { return get("/api/v1/printers/counter")["strip"]["height"] == 30; }));

  watching_page page;
  transport::websocket_ptr socket;
  auto attempt = transport::open_websocket(
      context, {.url = url("/api/v1/events", "ws"), .connect = {.proxy = {}}},
      [&](result<transport::websocket_ptr> opened) {
        ASSERT_TRUE(opened) << opened.error().text;
        socket = *opened;
        transport::websocket_session::callbacks callbacks;
        callbacks.on_message = [&](byte_span text, bool) { page.take(as_text(text)); };
        callbacks.on_close = [&](std::uint16_t code, std::string_view) { page.closed = code; };
        socket->handle(std::move(callbacks));
      });
  ASSERT_TRUE(run_until([&] { return page.rows == 30; }));
  EXPECT_EQ(page.messages.at(0)["type"], "state");
  EXPECT_EQ(page.messages.at(0)["snapshot"]["id"], "counter");

  print("more\n\x1bp" + std::string("\0\x19\x19", 3) + "\x1dV\x41\x0a");
  ASSERT_TRUE(run_until([&] { return page.find("cut") && page.find("drawer"); }));
  const auto& cut = (*page.find("cut"))["receipt"];
  EXPECT_EQ(cut["id"], "counter-1");
  EXPECT_EQ(cut["text"], "begun\nmore\n");
  EXPECT_EQ(page.rows, cut["height"]) << "all rows come before the cut";

  play("cover", R"({"state":"open"})");
  ASSERT_TRUE(run_until([&] {
    return !page.messages.empty() && page.messages.back()["type"] == "state" &&
           page.messages.back()["snapshot"]["cover"] == "open";
  }));
  socket->close();
  ASSERT_TRUE(run_until([&] { return page.closed != 0; }));
}

TEST_F(room_test, takes_only_so_many_pages_and_none_from_elsewhere) {
  std::vector<transport::websocket_ptr> open;
  std::vector<std::unique_ptr<transport::websocket_attempt>> attempts;
  std::vector<std::string> refused;
  auto attempt = [&](transport::header_list headers) {
    attempts.push_back(transport::open_websocket(context,
                                                 {.url = url("/api/v1/events", "ws"),
                                                  .headers = std::move(headers),
                                                  .connect = {.proxy = {}}},
                                                 [&](result<transport::websocket_ptr> opened) {
                                                   if (!opened)
                                                     return refused.push_back(opened.error().text);
                                                   (*opened)->handle({});
                                                   open.push_back(*opened);
                                                 }));
    auto before = open.size() + refused.size();
    EXPECT_TRUE(run_until([&] { return open.size() + refused.size() > before; }));
  };
  attempt({{"Origin", "http://elsewhere.example"}});
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_NE(refused[0].find("403"), std::string::npos) << refused[0];
  for (int i = 0; i < 33; ++i)
    attempt({});
  EXPECT_EQ(open.size(), 32u);
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_NE(refused[1].find("503"), std::string::npos) << refused[1];
  for (auto& socket : open)
    socket->cut();
}

} // namespace troupe::sim
