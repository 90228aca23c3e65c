#pragma once

#include "actors/box/homepage_state.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "tests/actors/box_fixture.hpp"
#include "tests/actors/memory_link.hpp"
#include "transport/json.hpp"
#include "transport/query.hpp"

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace troupe::box {

using header_pairs = std::vector<std::pair<std::string, std::string>>;

/// A request as it came in, and what was answered.
struct sent_request {
  std::string method;
  std::string target;
  std::string path;
  header_pairs headers;
  std::string body;
  std::string address;
  std::vector<transport::http_response> answers;

  bool answered() const { return !answers.empty(); }
  std::uint16_t status() const { return answers.empty() ? 0 : answers.front().status; }
  std::string text() const {
    return answers.empty() ? std::string() : std::string(answers.front().body.view());
  }
  std::string_view header(std::string_view name) const {
    return answers.empty() ? std::string_view() : answers.front().find_header(name);
  }
  transport::json_value json() const {
    auto parsed = transport::json_value::parse(text(), nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << text();
    return parsed;
  }
  /// The `code` of a problem document.
  std::string code() const { return json().value("code", ""); }
};
using sent_ptr = std::shared_ptr<sent_request>;

inline constexpr const char* shop = "https://shop.example";

/// A whole box in virtual time, its homepage included; requests go in where the server hands them
/// over.
class homepage_test : public box_test {
protected:
  homepage_test() { open_homepage(); }

  void TearDown() override {
    homepage = nullptr;
    tracer = nullptr;
    proxy = nullptr;
    connection_test = nullptr;
    pairing = nullptr;
    uplink = nullptr;
    discovery = nullptr;
    blinker = nullptr;
    box_test::TearDown();
    for (const auto& each : sent_)
      EXPECT_LE(each->answers.size(), 1u) << each->method << " " << each->target;
  }

  void open_homepage(std::vector<std::string> origins = {shop}, bool echo = false) {
    tracer = spawn_tracer(system(), shared, ledger);
    proxy_settings = std::make_shared<present_proxy>();
    proxy_settings->settings = {};
    proxy = spawn_proxy(system(), {{}, proxy_settings, {}}, ledger);
    link_options link;
    link.key = box_key;
    link.open = [this](const std::string& url, link_callbacks callbacks) {
      return opener ? opener(url, std::move(callbacks)) : links.open(url, std::move(callbacks));
    };
    link.instance = instance;
    link.power_on = runtime::now(system());
    pairing = spawn_pairing(system(), shared, link,
                            {box_id("b0"), ledger, events, identity, directory, network, proxy});
    blinker = spawn_blinker(system(), events, identity, directory);
    uplink = spawn_uplink(system(), shared,
                          {std::move(link), [this] { ++restarts; }, [] { return 8069; }},
                          {box_id("b0"), ledger, events, identity, network, directory, pairing,
                           blinker, tracer, proxy});
    discovery = spawn_discovery(system(), shared, {box_key, voice},
                                {box_id("b0"), events, identity, network, pairing});
    way_out way;
    way.proxy = [present = proxy_settings] { return present->settings; };
    way.wall = [this] { return wall_now(); };
    connection_test =
        spawn_connection_test(system(), shared, std::move(way), {events, network, pairing, uplink});
    homepage_options options;
    options.listen_addresses = {"127.0.0.1"};
    options.http_port = 0;
    options.allowed_origins = std::move(origins);
    options.test_echo = echo;
    options.adoption = adoption;
    options.key = box_key;
    options.restart = [this] { ++restarts; };
    homepage_neighbours near{
        box_id("b0"), ledger,         events,
        directory,    identity,       network,
        tracer,       pairing,        uplink,
        discovery,    blinker,        [] { return std::vector<runtime::supervisor_actor>(); },
        proxy,        connection_test};
    homepage = spawn_homepage(system(), shared, std::move(options), std::move(near));
    settle();
    io.poll();
    settle();
  }
  homepage_state& state() {
    auto* self = caf::actor_cast<caf::abstract_actor*>(homepage);
    return static_cast<homepage_self::stateful_pointer<homepage_state>>(self)->state;
  }

  /// Hands a request over without letting any actor run.
  sent_ptr start_request(std::string method, std::string target, header_pairs headers = {},
                         std::string body = {}, std::string address = "192.168.1.5") {
    auto sent = std::make_shared<sent_request>();
    sent->method = std::move(method);
    sent->target = std::move(target);
    sent->path = transport::percent_decode(sent->target.substr(0, sent->target.find('?')))
                     .value_or(sent->target);
    sent->headers = std::move(headers);
    sent->body = std::move(body);
    sent->address = std::move(address);
    sent_.push_back(sent);
    transport::http_request request;
    request.method = transport::method_from(sent->method);
    request.method_text = sent->method;
    request.target = sent->target;
    request.path = sent->path;
    if (const auto mark = sent->target.find('?'); mark != std::string::npos)
      request.query = std::string_view(sent->target).substr(mark + 1);
    bool has_host = false;
    for (const auto& [name, value] : sent->headers) {
      has_host = has_host || transport::equal_ignoring_case(name, "host");
      request.headers.add(name, value);
    }
    if (!has_host) request.headers.add("host", "localhost:8069");
    request.body = as_bytes(sent->body);
    request.remote_address = sent->address;
    state().front->handle(transport::captured_exchange(
        std::move(request), [sent = sent.get()](transport::http_response answer) {
          sent->answers.push_back(std::move(answer));
        }));
    return sent;
  }
  sent_ptr send(std::string method, std::string target, header_pairs headers = {},
                std::string body = {}, std::string address = "192.168.1.5") {
    auto sent = start_request(std::move(method), std::move(target), std::move(headers),
                              std::move(body), std::move(address));
    settle();
    return sent;
  }

  static header_pairs with(header_pairs headers, const header_pairs& more) {
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
  }
  static header_pairs json() { return {{"Content-Type", "application/json"}}; }
  static header_pairs from(const char* origin) {
    return {{"Origin", origin}, {"Content-Type", "application/json"}};
  }
  header_pairs signed_in() {
    if (token_.empty()) {
      const auto session =
          send("POST", "/api/v1/session", json(), "{\"setup_code\":\"" + setup_code() + "\"}");
      EXPECT_EQ(session->status(), 200) << session->text();
      token_ = session->json().value("token", "");
    }
    return {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}};
  }
  std::string setup_code() const {
    std::ifstream in(folder_ / setup_code_file);
    std::string code;
    std::getline(in, code);
    return code;
  }
  /// The result of a JSON-RPC call of a till; null when it has none.
  sent_ptr call_rpc(std::string target, const std::string& params, const char* origin = shop) {
    return send("POST", std::move(target), from(origin),
                "{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":8,\"params\":" + params + "}");
  }

  homepage_actor homepage;
  tracer_actor tracer;
  proxy_actor proxy;
  std::shared_ptr<present_proxy> proxy_settings;
  connection_test_actor connection_test;
  security::signing_key box_key = security::signing_key::make();
  std::string instance = "i1";
  memory_links links;
  link_opener opener; ///< in place of `links`
  pairing_actor pairing;
  uplink_actor uplink;
  blinker_actor blinker;
  discovery_actor discovery;
  announcer_maker voice; ///< empty: the box is not announced
  bool adoption = false;
  int restarts = 0;

private:
  std::vector<sent_ptr> sent_;
  std::string token_;
};

} // namespace troupe::box
