#include "tests/actors/homepage_fixture.hpp"

#include <cmath>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// One recorded request of a real till, with the box's address in place of the recording's.
struct recorded {
  std::string method;
  std::string path;
  header_pairs headers;
  std::string body;
};

recorded read_recording(const std::string& name) {
  std::ifstream in(std::string(TROUPE_TEST_DATA) + "/odoo-pos/" + name);
  const auto content = transport::json_value::parse(in);
  recorded out{content["method"], content["path"], {}, content["body"]};
  for (const auto& [header, value] : content["headers"].items())
    out.headers.emplace_back(header, value);
  return out;
}

constexpr const char* recorded_origin = "http://127.0.0.1:8169";

class odoo_test : public homepage_test {
protected:
  sent_ptr replay(const std::string& name) {
    auto request = read_recording(name);
    auto sent = send(request.method, request.path, request.headers, request.body);
    advance(100ms);
    return sent;
  }
  void allow_recorded_till() {
    ASSERT_EQ(send("PUT", "/api/v1/origins/http%3A%2F%2F127.0.0.1%3A8169", signed_in(),
                   R"({"decision":"allow"})")
                  ->status(),
              200);
  }
  std::string listener(const char* session, double last_event, const char* device) {
    return transport::json_value{{"listener",
                                  {{"session_id", session},
                                   {"last_event", last_event},
                                   {"devices", {{device, {{"listener_id", "l1"}}}}}}}}
        .dump();
  }
  sent_ptr poll(const char* session, double last_event, const char* device = "printer") {
    return call_rpc("/iot_drivers/event", listener(session, last_event, device));
  }
  sent_ptr act(const std::string& data, const char* session = "tab", const char* device = "printer",
               const char* route = "/iot_drivers/action") {
    return call_rpc(route, std::string("{\"session_id\":\"") + session +
                               "\",\"device_identifier\":\"" + device + "\",\"data\":" + data +
                               "}");
  }
};

TEST_F(odoo_test, the_recorded_till_prints_and_opens_the_drawer) {
  const auto printer = add("Counter", "tcp://10.0.0.9:9100");
  EXPECT_EQ(printer.description.subtype, "receipt_printer");
  allow_recorded_till();
  EXPECT_EQ(replay("01-hello.json")->text(), "ping");
  for (const char* preflight : {"02-handshake-preflight.json", "04-status-preflight.json",
                                "06-printer-action-preflight.json"}) {
    const auto answer = replay(preflight);
    EXPECT_EQ(answer->status(), 204) << preflight;
    EXPECT_EQ(answer->header("Access-Control-Allow-Origin"), recorded_origin) << preflight;
    EXPECT_NE(answer->header("Access-Control-Allow-Headers").find("content-type"),
              std::string_view::npos);
  }
  EXPECT_EQ(replay("03-handshake.json")->text(), R"({"jsonrpc": "2.0", "id": 8, "result": true})");
  const auto status = replay("05-status.json");
  EXPECT_EQ(status->text(),
            R"({"jsonrpc": "2.0", "id": 9, "result": {"printer": {"status": "connected", )"
            R"("messages": ""}, "scale": {"status": "disconnected", "messages": ""}, )"
            R"("scanner": {"status": "disconnected", "messages": ""}}})");
  EXPECT_EQ(status->header("Access-Control-Allow-Origin"), recorded_origin);
  EXPECT_EQ(replay("07-open-drawer.json")->text(),
            R"({"jsonrpc": "2.0", "id": 17, "result": true})");
  EXPECT_TRUE(wire_to("tcp://10.0.0.9:9100")->has({0x1B, 0x70, 0x00, 0x19, 0x19}));
  EXPECT_EQ(replay("08-print-receipt.json")->text(),
            R"({"jsonrpc": "2.0", "id": 23, "result": true})");
  advance(1s);
  EXPECT_TRUE(wire_to("tcp://10.0.0.9:9100")->has({0x1D, 0x76, 0x30, 0x00})) << "a raster";
  EXPECT_TRUE(wire_to("tcp://10.0.0.9:9100")->has({0x1D, 0x56, 0x41, 0x0A})) << "the cut";
}

TEST_F(odoo_test, an_unknown_till_is_told_what_the_owner_must_do) {
  const auto answer = call_rpc("/hw_proxy/handshake", "{}", "https://new.example");
  EXPECT_EQ(answer->status(), 200);
  const auto error = answer->json()["error"];
  EXPECT_EQ(error["code"], 403);
  EXPECT_NE(error["data"]["message"].get<std::string>().find("allow this origin"),
            std::string::npos);
  EXPECT_EQ(answer->header("Access-Control-Allow-Origin"), "");
}

TEST_F(odoo_test, without_a_printer_the_answer_is_false_as_odoos) {
  EXPECT_EQ(
      call_rpc("/hw_proxy/default_printer_action", R"({"data":{"action":"cashbox"}})")->text(),
      R"({"jsonrpc": "2.0", "id": 8, "result": false})");
  EXPECT_EQ(act(R"({"action":"cashbox"})")->json()["result"], false);
}

TEST_F(odoo_test, without_a_scale_there_is_no_weight) {
  const auto answer = call_rpc("/hw_proxy/scale_read", "{}");
  EXPECT_EQ(answer->status(), 200);
  EXPECT_FALSE(answer->json().contains("result"));
}

TEST_F(odoo_test, bad_requests_are_answered_as_odoo_does_or_more_clearly) {
  add("Counter", "tcp://10.0.0.9:9100");
  EXPECT_EQ(send("POST", "/hw_proxy/handshake", from(shop), "{")->status(), 400);
  EXPECT_EQ(send("POST", "/hw_proxy/handshake", from(shop), "[]")->status(), 400);
  for (const char* params : {"{}", R"({"data":5})", R"({"data":{"action":"explode"}})",
                             R"({"data":{"action":"print_receipt","receipt":"!"}})",
                             R"({"data":{"action":"print_receipt","receipt":"AAAA"}})"}) {
    const auto answer = call_rpc("/hw_proxy/default_printer_action", params);
    advance(100ms);
    EXPECT_EQ(answer->status(), 200) << params;
    EXPECT_EQ(answer->json()["error"]["code"], 200) << params << answer->text();
    EXPECT_FALSE(answer->json().contains("result")) << params;
  }
  EXPECT_EQ(call_rpc("/iot_drivers/event", "{}")->json()["error"]["data"]["name"], "odoo.missing");
  EXPECT_EQ(call_rpc("/hw_proxy/customer_facing_display", "{}")->json()["error"]["code"], 503);
  EXPECT_EQ(call_rpc("/hw_proxy/scanner", "{}")->status(), 404);
}

TEST_F(odoo_test, an_action_is_answered_true_and_its_event_follows) {
  const auto printer = add("Counter", "tcp://10.0.0.9:9100");
  auto first = poll("tab", 0);
  EXPECT_FALSE(first->answered()) << "it waits";
  const auto answer = act(R"({"action":"cashbox","action_unique_id":"u-1"})");
  EXPECT_EQ(answer->text(), R"({"jsonrpc": "2.0", "id": 8, "result": true})");
  advance(1s);
  ASSERT_TRUE(first->answered());
  const auto event = first->json()["result"];
  EXPECT_EQ(event["status"], "success");
  EXPECT_EQ(event["session_id"], "tab");
  EXPECT_EQ(event["owner"], "tab");
  EXPECT_EQ(event["device_identifier"], "printer") << "named as the listener names it";
  EXPECT_FALSE(poll("tab", event["time"])->answered()) << "told once";
  const auto bytes = wire_to("tcp://10.0.0.9:9100")->bytes();
  EXPECT_EQ(act(R"("{\"action\":\"cashbox\",\"action_unique_id\":\"u-1\"}")")->json()["result"],
            true)
      << "JSON text, as Odoo up to 18.0 sends it; and the same key";
  advance(1s);
  EXPECT_EQ(wire_to("tcp://10.0.0.9:9100")->bytes(), bytes) << "nothing came out twice";
  EXPECT_EQ(act(R"({"action":"cashbox"})", "tab", printer.description.id.text.c_str(),
                "/hw_drivers/action")
                ->json()["result"],
            true);
}

TEST_F(odoo_test, a_poll_ends_after_fifty_seconds_with_nothing) {
  const auto waiting = poll("tab", 0);
  advance(49s);
  EXPECT_FALSE(waiting->answered());
  advance(2s);
  EXPECT_EQ(waiting->text(), R"({"jsonrpc": "2.0", "id": 8})");
  EXPECT_EQ(state().polls.waiting(), 0u);
}

TEST_F(odoo_test, a_tab_that_polls_again_gives_up_its_earlier_poll) {
  const auto first = poll("tab", 0);
  const auto second = poll("tab", 0);
  EXPECT_EQ(first->text(), R"({"jsonrpc": "2.0", "id": 8})");
  EXPECT_FALSE(second->answered());
  const auto other = poll("other", 0);
  EXPECT_FALSE(second->answered()) << "other tabs end nobody's poll";
  EXPECT_EQ(state().polls.waiting(), 2u);
  EXPECT_FALSE(other->answered());
}

TEST_F(odoo_test, no_event_is_lost_between_polls_and_none_comes_twice) {
  add("Counter", "tcp://10.0.0.9:9100");
  double last = 0;
  const auto seen = [&](const sent_ptr& answer) {
    last = answer->json()["result"]["time"];
    return answer->json()["result"]["status"].get<std::string>();
  };
  for (int i = 0; i < 3; ++i)
    act(R"({"action":"cashbox"})");
  advance(1s);
  std::vector<double> times;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(seen(poll("tab", last)), "success");
    times.push_back(last);
  }
  EXPECT_LT(times[0], times[1]);
  EXPECT_LT(times[1], times[2]);
  act(R"({"action":"cashbox"})");
  advance(5min);
  EXPECT_EQ(seen(poll("tab", last)), "success") << "also after five minutes of sleep";
  EXPECT_FALSE(poll("tab", last)->answered());
  EXPECT_FALSE(poll("stranger", 0)->answered()) << "results belong to who asked";
}

TEST_F(odoo_test, polls_are_bounded) {
  for (std::size_t i = 0; i < polls_bound; ++i)
    EXPECT_FALSE(poll(("t" + std::to_string(i)).c_str(), 0)->answered());
  EXPECT_EQ(poll("one-more", 0)->json()["error"]["code"], 503);
  advance(51s);
  EXPECT_FALSE(poll("later", 0)->answered());
}

TEST_F(odoo_test, clients_since_19_1_get_objects) {
  add("Counter", "tcp://10.0.0.9:9100");
  EXPECT_EQ(act(R"({"action":"whatever"})", "old", "b0")->json()["result"], true);
  const auto test = act(R"({"action":"test_protocol"})", "new", "b0")->json()["result"];
  EXPECT_EQ(test["status"], "success");
  EXPECT_EQ(test["iot_box_identifier"], "b0");
  const auto print = act(R"({"action":"cashbox","action_unique_id":"k"})", "new")->json()["result"];
  EXPECT_EQ(print["status"], "success");
  EXPECT_EQ(print["result"], "pending");
  EXPECT_EQ(
      act(R"({"action":"cashbox","action_unique_id":"k"})", "new")->json()["result"]["status"],
      "duplicate");
  EXPECT_EQ(act(R"({"action":"cashbox"})", "new", "nowhere")->json()["result"]["status"],
            "disconnected");
  EXPECT_EQ(act(R"({"action":"cashbox"})", "old")->json()["result"], true);
}

TEST_F(odoo_test, strangers_learn_little_and_restarts_need_a_person) {
  EXPECT_EQ(send("GET", "/iot_drivers/ping")->text(),
            R"({"status": "success", "message": "pong"})");
  const auto open = send("GET", "/hw_drivers/data")->json();
  EXPECT_FALSE(open.contains("identifier"));
  EXPECT_FALSE(open.contains("devices"));
  EXPECT_EQ(send("GET", "/iot_drivers/data", from(shop))->json()["identifier"], "b0");
  EXPECT_EQ(send("GET", "/iot_drivers/restart_odoo_service", signed_in())->status(), 405);
  EXPECT_EQ(act(R"({"action":"restart_odoo"})", "tab", "b0")->json()["error"]["code"], 403);
  advance(5s);
  EXPECT_EQ(restarts, 0);
  EXPECT_EQ(send("POST", "/iot_drivers/restart_odoo_service", signed_in(), "{}")->text(),
            R"({"status": "success"})");
  EXPECT_EQ(restarts, 0) << "the answer gets out first";
  advance(1s);
  EXPECT_EQ(restarts, 1);
}

TEST_F(odoo_test, log_routes_speak_odoos_shapes) {
  const auto levels = send("GET", "/iot_drivers/log_levels", signed_in())->json();
  EXPECT_EQ(levels["available_log_levels"].size(), 4u);
  const auto change = send("POST", "/iot_drivers/log_levels_update", signed_in(),
                           R"({"params":{"name":"iot-logging-root","value":"info"}})");
  EXPECT_EQ(change->json()["result"]["status"], "success") << change->text();
  EXPECT_EQ(send("GET", "/iot_drivers/iot_logs", signed_in())->json()["status"], "success");
  EXPECT_EQ(send("GET", "/iot_drivers/download_logs", signed_in())
                ->header("Content-Disposition")
                .substr(0, 30),
            "attachment; filename=\"iot-odoo");
}

// ePOS-Print

class epos_test : public homepage_test {
protected:
  sent_ptr print(const std::string& inside,
                 const char* query = "?devid=local_printer&timeout=5000") {
    return send("POST", std::string("/cgi-bin/epos/service.cgi") + query,
                {{"Origin", shop}, {"Content-Type", "text/plain;charset=UTF-8"}},
                "<epos-print>" + inside + "</epos-print>");
  }
  static std::string attribute(const sent_ptr& answer, const std::string& name) {
    const auto text = answer->text();
    const auto at = text.find(" " + name + "=\"");
    if (at == std::string::npos) return "missing in " + text;
    const auto from = at + name.size() + 3;
    return text.substr(from, text.find('"', from) - from);
  }
  wire& cable() { return *wire_to("tcp://10.0.0.9:9100"); }
};

TEST_F(epos_test, the_recorded_till_prints) {
  add("Counter", "tcp://10.0.0.9:9100");
  std::ifstream in(std::string(TROUPE_TEST_DATA) + "/odoo-pos/epos-print-receipt.xml");
  std::stringstream xml;
  xml << in.rdbuf();
  const auto answer =
      send("POST", "/cgi-bin/epos/service.cgi?devid=local_printer", {{"Origin", shop}}, xml.str());
  advance(2s);
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(attribute(answer, "success"), "true") << answer->text();
  EXPECT_EQ(attribute(answer, "code"), "");
  EXPECT_EQ(std::stoul(attribute(answer, "status")) & 2u, 2u) << "printed";
  EXPECT_EQ(answer->header("Access-Control-Allow-Origin"), shop);
  EXPECT_TRUE(cable().has({0x1D, 0x76, 0x30, 0x00}));
}

TEST_F(epos_test, refusals_are_epsons) {
  add("Counter", "tcp://10.0.0.9:9100");
  EXPECT_EQ(attribute(print("<cut/>", "?devid=nowhere"), "code"), "DeviceNotFound");
  EXPECT_EQ(attribute(print("<logo key1=\"1\"/>"), "code"), "SchemaError");
  EXPECT_EQ(attribute(print("</epos-print>"), "code"), "SchemaError");
  const auto status = print("");
  EXPECT_EQ(attribute(status, "success"), "true") << "an empty request asks for the status";
  const auto stranger =
      send("POST", "/cgi-bin/epos/service.cgi", {{"Origin", "https://evil.example"}},
           "<epos-print><cut/></epos-print>");
  EXPECT_EQ(stranger->status(), 403);
  EXPECT_EQ(stranger->header("Access-Control-Allow-Origin"), "");
}

TEST_F(epos_test, what_is_answered_as_not_printed_never_prints) {
  add("Counter", "tcp://10.0.0.9:9100");
  cable().status = {0x1A, 0x32, 0x12, 0x7E}; // offline, paper end
  advance(30s);
  const auto opened = cable().bytes();
  const auto answer = print("<text>Lost?&#10;</text><cut/>");
  advance(10s);
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(attribute(answer, "success"), "false");
  EXPECT_EQ(attribute(answer, "code"), "EPTR_REC_EMPTY") << answer->text();
  EXPECT_NE(std::stoul(attribute(answer, "status")) & 0x00080000u, 0u);
  cable().status = {0x12, 0x12, 0x12, 0x12};
  advance(60s);
  EXPECT_FALSE(cable().has({'L', 'o', 's', 't', '?'})) << opened;
}

TEST_F(epos_test, time_is_limited_and_what_waits_is_taken_back) {
  add("Counter", "tcp://10.0.0.9:9100");
  cable().takes = false;
  cable().answers = false;
  const auto first = print("<text>First&#10;</text>");
  const auto second = print("<text>Second&#10;</text>");
  advance(6s);
  for (const auto& each : {first, second}) {
    ASSERT_TRUE(each->answered());
    EXPECT_EQ(attribute(each, "success"), "false") << each->text();
  }
  cable().takes = true;
  cable().answers = true;
  advance(120s);
  EXPECT_FALSE(cable().has({'S', 'e', 'c', 'o', 'n', 'd'}));
}

} // namespace
} // namespace troupe::box
