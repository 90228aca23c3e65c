#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "tests/actors/homepage_fixture.hpp"

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

TEST_F(homepage_test, strangers_see_the_probes_and_a_minimum) {
  EXPECT_EQ(send("GET", "/hw_proxy/hello")->text(), "ping");
  EXPECT_EQ(send("GET", "/healthz")->status(), 200);
  EXPECT_EQ(send("GET", "/readyz")->status(), 200);
  EXPECT_EQ(send("GET", "/version")->text(), R"({"program":"troupe-box","version":"0.1.0"})");
  const auto box = send("GET", "/api/v1/box");
  ASSERT_EQ(box->status(), 200);
  const auto body = box->json();
  EXPECT_EQ(body["signed_in"], false);
  EXPECT_EQ(body.size(), 6u) << body.dump();
  EXPECT_FALSE(body.contains("identifier"));
}

TEST_F(homepage_test, it_says_who_it_is_signed_for_who_asks) {
  const std::string nonce = "4711-4711-4711-4711";
  const auto answer = send("GET", "/api/v1/announcement?nonce=" + nonce);
  ASSERT_EQ(answer->status(), 200) << answer->text();
  const auto told = from_json<announcement>(answer->text());
  ASSERT_TRUE(told);
  EXPECT_EQ(told->id.text, "b0");
  EXPECT_FALSE(told->paired);
  EXPECT_EQ(told->key, box_key.public_key());
  EXPECT_TRUE(security::is_genuine(*told, nonce));
  for (const char* bad : {"", "?nonce=", "?nonce=short", "?nonce=0123456789abcde%22"})
    EXPECT_EQ(send("GET", "/api/v1/announcement" + std::string(bad))->code(), "announcement.nonce");
}

TEST_F(homepage_test, who_asks_too_often_who_it_is_has_to_wait) {
  const std::string ask = "/api/v1/announcement?nonce=0123456789abcdef";
  int refused = 0;
  for (int at = 0; at < 60; ++at)
    if (send("GET", ask)->code() == "announcement.busy") ++refused;
  EXPECT_EQ(refused, 10);
  advance(1s);
  EXPECT_EQ(send("GET", ask)->status(), 200);
}

TEST_F(homepage_test, a_person_signs_in_with_the_code_and_out_again) {
  const auto wrong = send("POST", "/api/v1/session", json(), R"({"setup_code":"x"})");
  EXPECT_EQ(wrong->status(), 401);
  EXPECT_EQ(wrong->code(), "rights.wrong_code");
  const auto session =
      send("POST", "/api/v1/session", json(), "{\"setup_code\":\"" + setup_code() + "\"}");
  ASSERT_EQ(session->status(), 200);
  const std::string cookie(session->header("Set-Cookie"));
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos);
  const header_pairs shown{{"Cookie", cookie.substr(0, cookie.find(';'))},
                           {"Content-Type", "application/json"}};
  const auto box = send("GET", "/api/v1/box", shown)->json();
  EXPECT_EQ(box["signed_in"], true);
  EXPECT_EQ(box["identifier"], "b0");
  EXPECT_GT(box["memory_bytes"], 0);
  EXPECT_EQ(send("DELETE", "/api/v1/session", shown)->status(), 204);
  EXPECT_EQ(send("GET", "/api/v1/box", shown)->json()["signed_in"], false);
}

TEST_F(homepage_test, wrong_codes_are_slowed_down_by_the_clock) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(send("POST", "/api/v1/session", json(), R"({"setup_code":"0"})")->status(), 401);
  const auto right = "{\"setup_code\":\"" + setup_code() + "\"}";
  const auto early = send("POST", "/api/v1/session", json(), right);
  EXPECT_EQ(early->status(), 429);
  EXPECT_EQ(early->header("Retry-After"), "30");
  advance(31s);
  EXPECT_EQ(send("POST", "/api/v1/session", json(), right)->status(), 200);
}

TEST_F(homepage_test, sessions_and_decisions_survive_a_crash) {
  const auto shown = signed_in();
  ASSERT_EQ(
      send("PUT", "/api/v1/origins/https%3A%2F%2Fnew.example", shown, R"({"decision":"allow"})")
          ->status(),
      200);
  homepage = nullptr;
  tracer = nullptr;
  crash_and_restart();
  open_homepage();
  EXPECT_EQ(send("GET", "/api/v1/origins", shown)->status(), 200);
  EXPECT_EQ(call_rpc("/hw_proxy/handshake", "{}", "https://new.example")->json()["result"], true);
}

TEST_F(homepage_test, an_unknown_origin_is_refused_shown_and_decided) {
  auto [watcher, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{watcher, {}, {}}));
  const header_pairs preflight{{"Origin", "https://new.example"},
                               {"Access-Control-Request-Method", "POST"},
                               {"Access-Control-Request-Headers", "content-type"}};
  const auto refused = send("OPTIONS", "/hw_proxy/handshake", preflight);
  EXPECT_EQ(refused->header("Access-Control-Allow-Origin"), "");
  send("OPTIONS", "/hw_proxy/handshake", preflight);
  ASSERT_EQ(seen->size(), 1u) << "told once";
  EXPECT_EQ(seen->at(0).content->content.type, "origin.asked");
  const auto asking = send("GET", "/api/v1/origins", signed_in())->json()["asking"];
  ASSERT_EQ(asking.size(), 1u);
  EXPECT_EQ(asking[0]["origin"], "https://new.example");
  EXPECT_EQ(asking[0]["count"], 2);
  EXPECT_EQ(asking[0]["route"], "POST /hw_proxy/handshake");
  EXPECT_EQ(asking[0]["address"], "192.168.1.5");

  const std::string path = "/api/v1/origins/https%3A%2F%2Fnew.example";
  EXPECT_EQ(send("PUT", path, signed_in(), R"({"decision":"allow"})")->status(), 200);
  const auto allowed = send("OPTIONS", "/hw_proxy/handshake", preflight);
  EXPECT_EQ(allowed->status(), 204);
  EXPECT_EQ(allowed->header("Access-Control-Allow-Origin"), "https://new.example");
  EXPECT_EQ(send("PUT", path, signed_in(), R"({"decision":"refuse"})")->status(), 200);
  EXPECT_EQ(
      send("OPTIONS", "/hw_proxy/handshake", preflight)->header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(send("DELETE", path, signed_in())->status(), 204);
  EXPECT_EQ(send("DELETE", path, signed_in())->code(), "origin.unknown");
  EXPECT_EQ(send("PUT", path, signed_in(), R"({"decision":"maybe"})")->status(), 422);
  EXPECT_EQ(
      send("PUT", "/api/v1/origins/nonsense", signed_in(), R"({"decision":"allow"})")->status(),
      422);
}

TEST_F(homepage_test, devices_are_added_changed_and_removed) {
  const auto added = send("POST", "/api/v1/devices", signed_in(),
                          R"({"name":"Kitchen","address":"tcp://10.0.0.9:9100"})");
  ASSERT_EQ(added->status(), 201) << added->text();
  const std::string id = added->json()["description"]["id"];
  const auto path = "/api/v1/devices/" + id;
  EXPECT_EQ(added->header("Location"), path);
  advance(100ms);
  EXPECT_EQ(send("GET", "/api/v1/devices", from(shop))->json()["devices"].size(), 1u);
  EXPECT_EQ(send("POST", "/api/v1/devices", signed_in(), R"({"address":"tcp://10.0.0.9:9100"})")
                ->status(),
            409);
  const auto changed = send("PATCH", path, signed_in(), R"({"name":"Bar"})");
  EXPECT_EQ(changed->json()["description"]["name"], "Bar");
  EXPECT_EQ(send("PATCH", path, signed_in(), R"({"name":5})")->code(), "request.shape");
  EXPECT_EQ(send("POST", "/api/v1/devices", signed_in(), "{}")->code(), "device.bad_address");
  EXPECT_EQ(send("DELETE", path, signed_in())->status(), 204);
  advance(100ms);
  EXPECT_EQ(send("GET", path, signed_in())->code(), "device.unknown");
  EXPECT_EQ(send("DELETE", path, signed_in())->status(), 404);
}

TEST_F(homepage_test, an_action_is_accepted_once_for_one_key_and_seen_afterwards) {
  const auto device = add("Counter", "tcp://10.0.0.9:9100");
  const auto path = "/api/v1/devices/" + device.description.id.text + "/actions";
  const auto keyed = with(from(shop), {{"Idempotency-Key", "till-1-42"}});
  const std::string body =
      R"({"action":"print","document":{"operations":[{"kind":"text","content":"Hello\n"}]},)"
      R"("origin":"https://forged.example","key":"forged"})";
  const auto first = send("POST", path, keyed, body);
  ASSERT_EQ(first->status(), 202) << first->text();
  const auto record = first->json();
  EXPECT_EQ(record["origin"], shop);
  EXPECT_EQ(record["key"], "till-1-42");
  const auto again = send("POST", path, keyed, body);
  EXPECT_EQ(again->status(), 200);
  EXPECT_EQ(again->json()["id"], record["id"]);
  advance(1s);
  const std::string one = record["id"];
  EXPECT_EQ(send("GET", "/api/v1/actions/" + one, from(shop))->json()["state"], "confirmed");
  const auto list = send("GET", "/api/v1/actions?state=confirmed&limit=10", signed_in())->json();
  ASSERT_EQ(list["actions"].size(), 1u);
  EXPECT_TRUE(list["next"].is_null());
  EXPECT_EQ(send("POST", "/api/v1/actions/" + one + "/confirm", signed_in(), "{}")->status(), 409);
  EXPECT_EQ(send("POST", "/api/v1/actions/" + one + "/cancel", signed_in(), "{}")->status(), 409);
  const auto repeated = send("POST", "/api/v1/actions/" + one + "/repeat", signed_in(), "{}");
  EXPECT_EQ(repeated->status(), 202) << repeated->text();
  EXPECT_EQ(repeated->json()["repeats"], record["id"]);
}

TEST_F(homepage_test, bad_input_gets_clear_answers) {
  const auto device = add("Counter", "tcp://10.0.0.9:9100");
  const auto path = "/api/v1/devices/" + device.description.id.text + "/actions";
  struct row {
    const char* target;
    std::string body;
    int status;
  };
  const row table[] = {
      {path.c_str(), "", 400},
      {path.c_str(), "{", 400},
      {path.c_str(), std::string(200, '['), 422},
      {path.c_str(), R"({"action":5})", 422},
      {path.c_str(), R"({})", 422},
      {path.c_str(), R"({"action":"explode"})", 422},
      {path.c_str(), R"({"action":"print","document":{"operations":[{"kind":"bomb"}]}})", 422},
      {path.c_str(),
       R"({"action":"print","document":{"operations":[{"kind":"picture","encoded":"AAAA"}]}})",
       422},
      {"/api/v1/devices/nowhere/actions", R"({"action":"print"})", 404},
      {"/api/v1/session", "[]", 422},
      {"/api/v1/session", "\xff\xfe", 400},
      {"/api/v1/session", R"({"setup_code":7})", 422},
      {"/api/v1/devices", "null", 422},
  };
  for (const auto& row : table) {
    const auto answer = send("POST", row.target, signed_in(), row.body);
    advance(10ms);
    EXPECT_EQ(answer->status(), row.status) << row.target << " " << row.body << answer->text();
    const auto problem = answer->json();
    EXPECT_FALSE(problem.value("code", "").empty()) << row.body;
    EXPECT_FALSE(problem.value("detail", "").empty()) << row.body;
    EXPECT_EQ(problem.value("trace", "").size(), 32u) << row.body;
  }
  for (const char* target : {"/api/v1/actions?limit=x", "/api/v1/actions?state=odd",
                             "/api/v1/logs?after=-1", "/api/v1/traces/xyz"})
    EXPECT_EQ(send("GET", target, signed_in())->status(), 400) << target;
  const auto odd_key = with(from(shop), {{"Idempotency-Key", std::string(200, 'x')}});
  EXPECT_EQ(send("POST", path, odd_key, R"({"action":"cashbox"})")->code(),
            "request.idempotency_key");
}

TEST_F(homepage_test, the_box_is_renamed) {
  EXPECT_EQ(send("PATCH", "/api/v1/box", signed_in(), R"({"name":"Till 1"})")->json()["name"],
            "Till 1");
  EXPECT_EQ(send("GET", "/api/v1/box")->json()["name"], "Till 1");
  EXPECT_EQ(send("PATCH", "/api/v1/box", signed_in(), R"({"name":""})")->status(), 422);
  EXPECT_EQ(send("PATCH", "/api/v1/box", signed_in(), "{}")->code(), "request.shape");
}

TEST_F(homepage_test, logs_levels_limits_and_metrics) {
  const auto changed =
      send("PUT", "/api/v1/logs/levels/box.homepage", signed_in(), R"({"level":"debug"})");
  ASSERT_EQ(changed->status(), 200) << changed->text();
  bool found = false;
  const auto answer = changed->json();
  for (const auto& each : answer["loggers"])
    found = found || (each["name"] == "box.homepage" && each["level"] == "debug" &&
                      each["inherited"] == false);
  EXPECT_TRUE(found) << changed->text();
  EXPECT_EQ(
      send("PUT", "/api/v1/logs/levels/box.homepage", signed_in(), R"({"level":null})")->status(),
      200);
  EXPECT_EQ(send("PUT", "/api/v1/logs/levels/root", signed_in(), R"({"level":"loud"})")->status(),
            422);
  EXPECT_EQ(send("GET", "/api/v1/logs?limit=5", signed_in())->status(), 200);
  const transport::json_value limits = send("GET", "/api/v1/limits", signed_in())->json()["limits"];
  ASSERT_GT(limits.size(), 0u);
  for (const auto& each : limits)
    EXPECT_FALSE(each["text"].get<std::string>().empty());
  const auto metrics = send("GET", "/metrics", signed_in());
  for (const char* name :
       {"troupe_http_requests_total", "troupe_limit_bound", "process_resident_memory_bytes",
        "process_start_time_seconds", "process_open_fds", "troupe_http_connections_open"})
    EXPECT_NE(metrics->text().find(name), std::string::npos) << name;
  EXPECT_EQ(send("GET", "/metrics")->status(), 401);
  EXPECT_EQ(send("GET", "/metrics", {}, {}, "127.0.0.1")->status(), 200);
  EXPECT_EQ(
      send("GET", "/metrics", {{"Origin", "https://evil.example"}}, {}, "127.0.0.1")->status(),
      401);
}

TEST_F(homepage_test, a_trace_goes_in_and_comes_back) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const auto answer =
      send("GET", "/version", {{"traceparent", "00-" + trace + "-b7ad6b7169203331-01"}});
  EXPECT_EQ(answer->header("traceparent").substr(3, 32), trace);
  const auto report = send("GET", "/api/v1/traces/" + trace, signed_in());
  ASSERT_EQ(report->status(), 200) << report->text();
  const auto spans = report->json()["spans"];
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0]["name"], "GET /version");
  EXPECT_EQ(spans[0]["place"], "box");
  EXPECT_EQ(spans[0]["parent"], "b7ad6b7169203331");
}

TEST_F(homepage_test, pages_are_served_with_their_rules) {
  const auto page = send("GET", "/");
  EXPECT_EQ(page->status(), 200);
  EXPECT_NE(page->header("Content-Security-Policy"), "");
  EXPECT_EQ(send("GET", "/nothing/here")->code(), "request.no_such_route");
}

} // namespace
} // namespace troupe::box
