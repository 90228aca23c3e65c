#include "transport/dialects/odoo_answers.hpp"
#include "transport/dialects/odoo_memory.hpp"

#include <gtest/gtest.h>

namespace troupe::dialects {
namespace {

using transport::python_json;

event action_event(const char* type, const char* code = "", const char* session = "3f0e") {
  event content;
  content.type = type;
  content.device = device_id("usbEPSONTM-T20III1234");
  content.action = action_id("01K");
  content.session = session_id(session);
  content.data = value::object{{"code", code}};
  return content;
}

event status_event(const char* state, const char* code) {
  event content;
  content.type = "device.status";
  content.device = device_id("usbEPSONTM-T20III1234");
  content.data = value::object{{"state", state}, {"code", code}};
  return content;
}

constexpr std::int64_t at_us = 1760000000120000;

TEST(odoo_answers, an_event_is_byte_for_byte_odoos) {
  const auto event = odoo_event(action_event("action.confirmed"), at_us);
  ASSERT_TRUE(event);
  EXPECT_EQ(python_json(odoo_event_posted(*event, session_id("3f0e"), box_id("10000000abcdef01"))),
            R"({"value": "", "result": "", "owner": "3f0e", "status": "success", "message": null, )"
            R"("device_identifier": "usbEPSONTM-T20III1234", "time": 1760000000.12, )"
            R"("session_id": "3f0e", "iot_box_identifier": "10000000abcdef01"})");
  EXPECT_EQ(python_json(odoo_event_for(*event, session_id("mine"), "printer")),
            R"({"value": "", "result": "", "owner": "3f0e", "status": "success", "message": null, )"
            R"("device_identifier": "printer", "time": 1760000000.12, "session_id": "mine"})");
}

TEST(odoo_answers, events_have_odoos_status_and_message) {
  struct row {
    event content;
    const char* status;
    const char* message;
  };
  event removed;
  removed.type = "device.removed";
  removed.device = device_id("p");
  const row table[] = {
      {action_event("action.confirmed", "X"), "success", nullptr},
      {action_event("action.failed", "ERROR_NO_PAPER"), "error", "ERROR_NO_PAPER"},
      {action_event("action.failed"), "error", "ERROR_FAILED"},
      {action_event("action.unknown"), "error", "ERROR_UNKNOWN"},
      {action_event("action.canceled"), "error", "ERROR_FAILED"},
      {status_event("attention", "WARNING_LOW_PAPER"), "warning", "WARNING_LOW_PAPER"},
      {status_event("trouble", "ERROR_NO_PAPER"), "warning", "ERROR_NO_PAPER"},
      {removed, "disconnected", "Printer was disconnected"},
  };
  for (const auto& row : table) {
    const auto event = odoo_event(row.content, at_us);
    ASSERT_TRUE(event) << row.content.type;
    EXPECT_EQ((*event)["status"], row.status) << row.content.type;
    if (row.message == nullptr)
      EXPECT_TRUE((*event)["message"].is_null());
    else
      EXPECT_EQ((*event)["message"], row.message) << row.content.type;
  }
}

TEST(odoo_answers, events_that_odoo_does_not_have_are_left_out) {
  for (const char* type : {"action.accepted", "action.sent", "device.added", "box.changed", "gap"})
    EXPECT_FALSE(odoo_event(action_event(type), at_us)) << type;
  EXPECT_FALSE(odoo_event(status_event("ready", ""), at_us));
  EXPECT_FALSE(odoo_event(status_event("unknown", ""), at_us));
}

device_snapshot printer(device_state state, const char* code = "", const char* text = "") {
  device_snapshot out;
  out.description.id = device_id("counter");
  out.description.name = "Counter";
  out.description.kind = device_kind::printer;
  out.description.subtype = "receipt_printer";
  out.description.connection = "network";
  out.status.state = state;
  out.status.code = code;
  out.status.text = text;
  return out;
}

TEST(odoo_answers, status_json_has_the_three_drivers) {
  const std::string others = R"(, "scale": {"status": "disconnected", "messages": ""}, )"
                             R"("scanner": {"status": "disconnected", "messages": ""}})";
  struct row {
    std::vector<device_snapshot> devices;
    const char* printer;
  };
  const row table[] = {
      {{}, R"({"printer": {"status": "disconnected", "messages": ""})"},
      {{printer(device_state::ready, "", "Ready.")},
       R"({"printer": {"status": "connected", "messages": ""})"},
      {{printer(device_state::attention, "WARNING_LOW_PAPER", "Low.")},
       R"({"printer": {"status": "connected", "messages": "Low."})"},
      {{printer(device_state::unknown)}, R"({"printer": {"status": "connecting", "messages": ""})"},
      {{printer(device_state::trouble, "ERROR_NO_PAPER", "Out of paper.")},
       R"({"printer": {"status": "error", "messages": "Out of paper."})"},
      {{printer(device_state::trouble, "ERROR_OFFLINE", "Off.")},
       R"({"printer": {"status": "disconnected", "messages": "Off."})"},
      {{printer(device_state::trouble, "ERROR_OFFLINE", "Off."), printer(device_state::ready)},
       R"({"printer": {"status": "connected", "messages": ""})"},
  };
  for (const auto& row : table)
    EXPECT_EQ(python_json(odoo_status_map(row.devices)), row.printer + others);
}

TEST(odoo_answers, an_action_since_19_1_answers_an_object) {
  EXPECT_EQ(python_json(odoo_action_answer(odoo_outcome::success, "pending", session_id("s"),
                                           "counter", box_id("b"), 1760000000.5)),
            R"({"owner": "s", "session_id": "s", "iot_box_identifier": "b", )"
            R"("device_identifier": "counter", "time": 1760000000.5, "status": "success", )"
            R"("result": "pending"})");
  EXPECT_EQ(python_json(odoo_action_answer(odoo_outcome::disconnected, nullptr, session_id("s"),
                                           "counter", box_id("b"), 1.0)),
            R"({"owner": "s", "session_id": "s", "iot_box_identifier": "b", )"
            R"("device_identifier": "counter", "time": 1.0, "status": "disconnected"})");
}

TEST(odoo_answers, strangers_learn_nothing_that_matters) {
  const std::vector<device_snapshot> devices{printer(device_state::ready)};
  const odoo_box_facts facts{.name = "Shop",
                             .identifier = "10000000abcdef01",
                             .version = "0.1.0",
                             .address = "192.168.1.20",
                             .mac_address = "dc:a6:32:00:00:01",
                             .interfaces = {{"eth0", "192.168.1.20", false}},
                             .devices = devices,
                             .server_url = {},
                             .pairing_code = {}};
  const auto open = python_json(odoo_public_data(facts));
  EXPECT_EQ(open,
            R"({"name": "Shop", "version": "L0.1.0", "system": "Linux", "server_status": ""})");
  const auto full = odoo_box_data(facts);
  EXPECT_EQ(full["identifier"], "10000000abcdef01");
  EXPECT_EQ(python_json(full["devices"]),
            R"({"printer": [{"name": "Counter", "type": "printer", "identifier": "counter", )"
            R"("connection": "network"}]})");
  EXPECT_EQ(python_json(full["network_interfaces"]),
            R"([{"id": "eth0", "is_wifi": false, "ssid": null, "ip": "192.168.1.20"}])");
  EXPECT_EQ(full.size(), 21u) << "every member that Odoo's box has";
}

TEST(odoo_answers, pong_and_success) {
  EXPECT_EQ(python_json(odoo_pong()), R"({"status": "success", "message": "pong"})");
  EXPECT_EQ(python_json(odoo_success()), R"({"status": "success"})");
}

TEST(odoo_answers, log_levels_name_the_loggers_as_drivers) {
  const std::vector<odoo_logger> loggers{{"", "warning", false}, {"box.printer", "debug", false}};
  const auto levels = odoo_log_levels(loggers);
  EXPECT_EQ(levels["root_logger_log_level"], "warning");
  EXPECT_EQ(python_json(levels["drivers_list"]), R"(["box.printer"])");
  EXPECT_EQ(python_json(levels["drivers_logger_info"]),
            R"({"box.printer": {"level": "debug", "is_using_parent_level": false, )"
            R"("parent_name": "root", "parent_level": "warning"}})");
}

// The memory behind long polls.

const time_point noon{std::chrono::seconds{1760000000}};

event timed(event content, time_point at) {
  content.time = at;
  return content;
}

odoo_listener listener(std::int64_t after_us, const char* device = "printer") {
  return {session_id("3f0e"), after_us, {device}};
}

/// What a client does: polls, takes the event, polls again with its time.
std::vector<std::string> drain(const odoo_memory& memory, odoo_listener from, time_point now) {
  std::vector<std::string> messages;
  while (auto event = memory.next_for(from, now)) {
    messages.push_back((*event)["message"].is_null() ? "success" : (*event)["message"]);
    from.after_us = std::llround((*event)["time"].get<double>() * 1e6);
  }
  return messages;
}

TEST(odoo_memory, equal_times_lose_no_event_and_repeat_none) {
  odoo_memory memory;
  for (const char* code : {"ONE", "TWO", "THREE"})
    memory.remember(timed(action_event("action.failed", code), noon), device_kind::printer, noon);
  EXPECT_EQ(drain(memory, listener(0), noon), (std::vector<std::string>{"ONE", "TWO", "THREE"}));
  EXPECT_EQ(drain(memory, listener(noon.time_since_epoch().count()), noon),
            (std::vector<std::string>{"TWO", "THREE"}));
}

TEST(odoo_memory, a_clock_set_back_loses_no_event) {
  odoo_memory memory;
  const auto earlier = noon - std::chrono::hours{1};
  memory.remember(timed(action_event("action.failed", "ONE"), noon), device_kind::printer, noon);
  const auto seen = listener(noon.time_since_epoch().count());
  memory.remember(timed(action_event("action.failed", "TWO"), earlier), device_kind::printer,
                  earlier);
  EXPECT_EQ(drain(memory, seen, earlier), (std::vector<std::string>{"TWO"}));
  const auto ahead = memory.waiting(listener(9'000'000'000'000'000));
  const auto* entry = memory.remember(timed(action_event("action.failed", "THREE"), earlier),
                                      device_kind::printer, earlier);
  ASSERT_NE(entry, nullptr);
  EXPECT_GT(entry->time_us, ahead.after_us);
}

TEST(odoo_memory, a_new_listener_is_told_of_the_last_seconds_only) {
  odoo_memory memory;
  memory.remember(timed(action_event("action.failed", "OLD"), noon), device_kind::printer, noon);
  const auto later = noon + std::chrono::seconds{6};
  memory.remember(timed(action_event("action.failed", "NEW"), later), device_kind::printer, later);
  EXPECT_EQ(drain(memory, listener(0), later), (std::vector<std::string>{"NEW"}));
  EXPECT_EQ(drain(memory, listener(1), later), (std::vector<std::string>{"OLD", "NEW"}));
}

TEST(odoo_memory, results_are_told_to_who_asked_and_states_to_all) {
  odoo_memory memory;
  memory.remember(timed(action_event("action.failed", "MINE"), noon), device_kind::printer, noon);
  memory.remember(timed(action_event("action.failed", "THEIRS", "other"), noon),
                  device_kind::printer, noon);
  memory.remember(timed(status_event("attention", "WARNING_LOW_PAPER"), noon), device_kind::printer,
                  noon);
  EXPECT_EQ(drain(memory, listener(0), noon),
            (std::vector<std::string>{"MINE", "WARNING_LOW_PAPER"}));
  EXPECT_TRUE(drain(memory, listener(0, "scale"), noon).empty());
}

TEST(odoo_memory, the_device_is_named_as_the_listener_names_it) {
  odoo_memory memory;
  memory.remember(timed(action_event("action.confirmed"), noon), device_kind::printer, noon);
  for (const char* name : {"printer", "usbEPSONTM-T20III1234"}) {
    const auto event = memory.next_for(listener(0, name), noon);
    ASSERT_TRUE(event) << name;
    EXPECT_EQ((*event)["device_identifier"], name);
    EXPECT_EQ((*event)["session_id"], "3f0e");
  }
}

TEST(odoo_memory, is_bounded_in_number_and_age) {
  odoo_memory memory;
  for (std::size_t i = 0; i < odoo_memory::kept_events + 10; ++i)
    memory.remember(timed(action_event("action.confirmed"), noon), device_kind::printer, noon);
  EXPECT_EQ(memory.size(), odoo_memory::kept_events);
  const auto later = noon + odoo_memory::kept_for + std::chrono::seconds{1};
  memory.remember(timed(action_event("action.confirmed"), later), device_kind::printer, later);
  EXPECT_EQ(memory.size(), 1u);
}

TEST(odoo_memory, knows_how_an_action_ended) {
  odoo_memory memory;
  memory.remember(timed(action_event("action.failed", "ERROR_NO_PAPER"), noon),
                  device_kind::printer, noon);
  ASSERT_NE(memory.outcome_of(action_id("01K")), nullptr);
  EXPECT_EQ(memory.outcome_of(action_id("01K"))->type, "action.failed");
  EXPECT_EQ(memory.outcome_of(action_id("02K")), nullptr);
}

// ---- scales ----

event scale_value(value weight, const char* state, const char* code = "") {
  event content;
  content.type = "device.value";
  content.device = device_id("till");
  content.data = value::object{{"state", state},
                               {"code", code},
                               {"text", "Too heavy."},
                               {"remedy", "Take something off."},
                               {"details", value::object{{"weight", std::move(weight)}}}};
  return content;
}

TEST(odoo_scale, an_event_has_the_weight_as_result_and_a_status_in_words) {
  const auto shown = odoo_event(scale_value(0.452, "ready"), 1'500'000, device_kind::scale);
  ASSERT_TRUE(shown);
  EXPECT_EQ((*shown)["result"], 0.452);
  EXPECT_EQ((*shown)["time"], 1.5);
  EXPECT_EQ((*shown)["status"]["status"], "connected");
  EXPECT_EQ((*shown)["status"]["message_title"], "");
}

struct scale_case {
  const char* state;
  const char* code;
  const char* expected;
};
TEST(odoo_scale, what_is_no_weight_is_null_and_says_why) {
  const scale_case table[] = {{"attention", "", "connected"},
                              {"attention", "WARNING_UNDER_ZERO", "connected"},
                              {"trouble", "ERROR_TOO_HEAVY", "error"},
                              {"trouble", "ERROR_OFFLINE", "disconnected"},
                              {"trouble", "ERROR_TIMEOUT", "disconnected"},
                              {"unknown", "", "connecting"}};
  for (const auto& each : table) {
    const auto shown =
        odoo_event(scale_value(nullptr, each.state, each.code), 1, device_kind::scale);
    ASSERT_TRUE(shown);
    EXPECT_TRUE((*shown)["result"].is_null()) << each.state;
    EXPECT_EQ((*shown)["status"]["status"], each.expected) << each.state << " " << each.code;
    EXPECT_EQ((*shown)["status"]["message_title"], *each.code == '\0' ? "" : "Too heavy.");
  }
}

TEST(odoo_scale, the_end_of_an_action_brings_its_weight_or_why_not) {
  event ended;
  ended.type = "action.confirmed";
  ended.device = device_id("till");
  ended.session = session_id("tab");
  ended.data = value::object{{"result", value::object{{"weight", 1.25}}}};
  const auto good = odoo_event(ended, 1, device_kind::scale);
  EXPECT_EQ((*good)["result"], 1.25);
  EXPECT_EQ((*good)["owner"], "tab");
  ended.type = "action.failed";
  ended.data = value::object{{"code", "ERROR_MOVING"}, {"text", "It moved."}};
  const auto bad = odoo_event(ended, 1, device_kind::scale);
  EXPECT_TRUE((*bad)["result"].is_null());
  EXPECT_EQ((*bad)["status"]["status"], "error");
  EXPECT_EQ((*bad)["status"]["message_title"], "ERROR_MOVING");
  ended.type = "device.weight";
  EXPECT_FALSE(odoo_event(ended, 1, device_kind::scale)) << "the value was told already";
}

TEST(odoo_scale, hw_proxy_gets_a_weight_or_nothing) {
  device_status status;
  EXPECT_TRUE(odoo_scale_weight(status).is_null());
  status.details = value::object{{"weight", nullptr}};
  EXPECT_TRUE(odoo_scale_weight(status).is_null());
  status.details = value::object{{"weight", 0.452}};
  EXPECT_EQ(odoo_scale_weight(status)["weight"], 0.452);
}

TEST(odoo_scale, the_memory_keeps_the_newest_value_only_and_tells_it_once) {
  odoo_memory memory;
  const auto now = from_rfc3339("2026-03-01T12:00:00Z");
  event printed;
  printed.type = "action.confirmed";
  printed.device = device_id("counter");
  printed.session = session_id("tab");
  ASSERT_NE(memory.remember(printed, device_kind::printer, *now), nullptr);
  for (int i = 1; i <= 5000; ++i)
    ASSERT_NE(memory.remember(scale_value(i / 1000.0, "ready"), device_kind::scale, *now), nullptr);
  EXPECT_EQ(memory.size(), 2u) << "the print is not pushed out";
  EXPECT_EQ(memory.remember(scale_value(5.0, "ready"), device_kind::scale, *now), nullptr)
      << "nothing new";
  const odoo_listener listener{session_id("tab"), 1, {"scale"}};
  const auto found = memory.next_for(listener, *now);
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["result"], 5.0);
}

} // namespace
} // namespace troupe::dialects
