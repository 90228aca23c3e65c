#include "messages/base64.hpp"
#include "transport/dialects/odoo_requests.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace troupe::dialects {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(TROUPE_TEST_DATA) + "/odoo-pos/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// `params` of a request that a till sent.
json_value recorded_params(const std::string& name) {
  const auto recording = nlohmann::json::parse(file(name));
  return json_value::parse(recording["body"].get<std::string>())["params"];
}

TEST(odoo_requests, the_recorded_till_opens_the_drawer) {
  const auto command = read_odoo_command(recorded_params("07-open-drawer.json")["data"]);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->action, "cashbox");
  EXPECT_EQ(command->key, "");
  ASSERT_EQ(command->document.operations.size(), 1u);
  const auto& pulse = std::get<printing::drawer_pulse>(command->document.operations[0]);
  EXPECT_FALSE(pulse.connector.has_value()) << "Odoo pulses both connectors";
}

TEST(odoo_requests, the_recorded_till_prints_its_receipt) {
  const auto data = recorded_params("08-print-receipt.json")["data"];
  const auto command = read_odoo_command(data);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->action, "print_receipt");
  ASSERT_EQ(command->document.operations.size(), 2u);
  const auto& picture = std::get<printing::picture>(command->document.operations[0]);
  EXPECT_TRUE(to_base64(picture.encoded.view()) == data["receipt"].get<std::string>());
  EXPECT_EQ(picture.encoded.text().substr(0, 3), "\xff\xd8\xff") << "a JPEG";
  EXPECT_EQ(picture.scale_percent, 100);
  EXPECT_EQ(std::get<printing::cut>(command->document.operations[1]).kind,
            printing::cut_kind::feed_and_cut);
}

TEST(odoo_requests, reads_the_other_actions_of_a_printer) {
  const auto document =
      read_odoo_command({{"document", "XkZEXlhB"}, {"print_id", 7}, {"action_unique_id", "a-1"}});
  ASSERT_TRUE(document);
  EXPECT_EQ(document->action, "print");
  EXPECT_EQ(document->key, "a-1");
  EXPECT_EQ(std::get<printing::raw>(document->document.operations.at(0)).bytes.text(), "^FD^XA");
  EXPECT_EQ(document->arguments.text_or("print_id"), "7");

  const auto status = read_odoo_command({{"action", "status"}});
  ASSERT_TRUE(status);
  EXPECT_EQ(status->action, "status");
  EXPECT_TRUE(status->document.operations.empty());

  const auto data_url =
      read_odoo_command({{"action", "print_receipt"}, {"receipt", "data:image/png;base64,aGk="}});
  ASSERT_TRUE(data_url);
  EXPECT_EQ(std::get<printing::picture>(data_url->document.operations.at(0)).encoded.text(), "hi");
}

struct bad_command {
  const char* data;
  const char* code;
};

TEST(odoo_requests, says_what_is_wrong_with_a_command) {
  const std::string long_id(200, 'x');
  const bad_command table[] = {
      {"[]", "odoo.wrong_type"},
      {"null", "odoo.wrong_type"},
      {R"({"action":5})", "odoo.wrong_type"},
      {R"({"action":"explode"})", "odoo.unknown_action"},
      {R"({"action":"print_receipt"})", "odoo.missing"},
      {R"({"action":"print_receipt","receipt":null})", "odoo.missing"},
      {R"({"action":"print_receipt","receipt":""})", "odoo.missing"},
      {R"({"action":"print_receipt","receipt":17})", "odoo.wrong_type"},
      {R"({"action":"print_receipt","receipt":["x"]})", "odoo.wrong_type"},
      {R"({"action":"print_receipt","receipt":"***"})", "odoo.base64"},
      {R"({"action":"print_receipt","receipt":"data:"})", "odoo.base64"},
      {R"({})", "odoo.missing"},
      {R"({"document":"!"})", "odoo.base64"},
      {R"({"action":"cashbox","action_unique_id":{}})", "odoo.wrong_type"},
  };
  for (const auto& row : table) {
    const auto command = read_odoo_command(json_value::parse(row.data));
    ASSERT_FALSE(command) << row.data;
    EXPECT_EQ(command.error().code, row.code) << row.data;
    EXPECT_EQ(command.error().status, 422) << row.data;
    EXPECT_FALSE(command.error().remedy.empty()) << row.data;
  }
  const auto too_long = read_odoo_command({{"action", "cashbox"}, {"action_unique_id", long_id}});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, "odoo.too_long");
}

TEST(odoo_requests, data_of_an_action_is_an_object_or_json_text) {
  for (const json_value& data :
       {json_value{{"action", "cashbox"}}, json_value(R"({"action": "cashbox"})")}) {
    const auto action =
        read_odoo_action({{"session_id", "tab"}, {"device_identifier", "printer"}, {"data", data}});
    ASSERT_TRUE(action) << data.dump();
    EXPECT_EQ(action->session.text, "tab");
    EXPECT_EQ(action->device, "printer");
    EXPECT_EQ(odoo_action_name(action->data), "cashbox");
  }
}

TEST(odoo_requests, says_what_is_wrong_with_an_action) {
  const bad_command table[] = {
      {R"({"session_id":"s"})", "odoo.missing"},
      {R"({"session_id":[],"device_identifier":"p"})", "odoo.wrong_type"},
      {R"({"device_identifier":true})", "odoo.wrong_type"},
      {R"({"device_identifier":"p","data":5})", "odoo.wrong_type"},
      {R"({"device_identifier":"p","data":"[1]"})", "odoo.wrong_type"},
      {R"({"device_identifier":"p","data":"{"})", "json.syntax"},
  };
  for (const auto& row : table) {
    const auto action = read_odoo_action(json_value::parse(row.data));
    ASSERT_FALSE(action) << row.data;
    EXPECT_EQ(action.error().code, row.code) << row.data;
    EXPECT_EQ(action.error().status, 422) << row.data;
  }
}

TEST(odoo_requests, reads_a_listener) {
  const auto listener = read_odoo_listener(json_value::parse(
      R"({"listener":{"session_id":"3f0e","last_event":1760000001.5,
          "devices":{"/dev/ttyUSB0":{"listener_id":"listener-1"},"printer":{}}}})"));
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->session.text, "3f0e");
  EXPECT_EQ(listener->after_us, 1760000001500000);
  EXPECT_EQ(listener->devices, (std::vector<std::string>{"/dev/ttyUSB0", "printer"}));
}

TEST(odoo_requests, last_event_takes_what_no_clock_says) {
  const std::pair<const char*, std::int64_t> table[] = {
      {"0", 0},       {"null", 0},     {"-5", 0},
      {"1", 1000000}, {"0.000001", 1}, {"1e300", 9'000'000'000'000'000},
  };
  for (const auto& [text, expected] : table) {
    const auto listener = read_odoo_listener(json_value::parse(
        R"({"listener":{"session_id":"s","devices":{},"last_event":)" + std::string(text) + "}}"));
    ASSERT_TRUE(listener) << text;
    EXPECT_EQ(listener->after_us, expected) << text;
  }
}

TEST(odoo_requests, says_what_is_wrong_with_a_listener) {
  const bad_command table[] = {
      {"{}", "odoo.missing"},
      {R"({"listener":"x"})", "odoo.wrong_type"},
      {R"({"listener":{}})", "odoo.missing"},
      {R"({"listener":{"session_id":"s","devices":[]}})", "odoo.wrong_type"},
      {R"({"listener":{"session_id":"s","last_event":"x"}})", "odoo.wrong_type"},
  };
  for (const auto& row : table) {
    const auto listener = read_odoo_listener(json_value::parse(row.data));
    ASSERT_FALSE(listener) << row.data;
    EXPECT_EQ(listener.error().code, row.code) << row.data;
  }
  json_value many = json_value::object();
  for (int i = 0; i < 300; ++i)
    many["d" + std::to_string(i)] = json_value::object();
  const auto listener =
      read_odoo_listener({{"listener", {{"session_id", "s"}, {"devices", many}}}});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, "odoo.too_long");
}

TEST(odoo_requests, log_levels_by_the_names_that_odoo_gives_them) {
  struct row {
    const char* name;
    const char* value;
    const char* logger;
    const char* level;
  };
  for (const auto& [name, value, logger, level] :
       {row{"iot-logging-root", "debug", "", "debug"}, row{"iot-logging-odoo", "info", "", "info"},
        row{"iot-logging-driver-box.printer", "error", "box.printer", "error"},
        row{"iot-logging-interface-box.network", "parent", "box.network", ""}}) {
    const auto change = read_odoo_log_level({{"name", name}, {"value", value}});
    ASSERT_TRUE(change) << name;
    ASSERT_TRUE(change->has_value()) << name;
    EXPECT_EQ((*change)->logger, logger);
    EXPECT_EQ((*change)->level, level);
  }
  const auto to_server = read_odoo_log_level({{"name", "log-to-server"}, {"value", "true"}});
  ASSERT_TRUE(to_server);
  EXPECT_FALSE(to_server->has_value());
  EXPECT_FALSE(read_odoo_log_level({{"name", "iot-logging-root"}, {"value", "loud"}}));
  EXPECT_FALSE(read_odoo_log_level({{"name", "elsewhere"}, {"value", "info"}}));
  EXPECT_FALSE(read_odoo_log_level({{"value", "info"}}));
}

device_snapshot device(const char* id, device_kind kind, const char* subtype = "") {
  device_snapshot out;
  out.description.id = device_id(id);
  out.description.kind = kind;
  out.description.subtype = subtype;
  return out;
}

TEST(odoo_requests, finds_devices_by_id_and_by_type_name) {
  const std::vector<device_snapshot> devices{
      device("labels", device_kind::printer, "label_printer"),
      device("counter", device_kind::printer, "receipt_printer"),
      device("odd", device_kind::unsupported),
      device("scale", device_kind::printer, "receipt_printer")};
  EXPECT_EQ(find_odoo_device(devices, "counter"), &devices[1]);
  EXPECT_EQ(find_odoo_device(devices, "printer"), &devices[0]) << "the first of that type";
  EXPECT_EQ(find_odoo_device(devices, "scale"), &devices[3]) << "an id goes before a type name";
  EXPECT_EQ(find_odoo_device(devices, "unsupported"), nullptr);
  EXPECT_EQ(find_odoo_device(devices, "nowhere"), nullptr);
  EXPECT_EQ(default_odoo_printer(devices), &devices[1]);
  EXPECT_EQ(default_odoo_printer({}), nullptr);
}

TEST(odoo_scale, actions_are_read_and_others_refused) {
  for (const char* action :
       {"read_once", "start_reading", "stop_reading", "get_status", "status", "zero", "tare"}) {
    const auto command = read_odoo_scale_command({{"action", action}, {"action_unique_id", "u1"}});
    ASSERT_TRUE(command) << action;
    EXPECT_EQ(command->action, action);
    EXPECT_EQ(command->key, "u1");
  }
  EXPECT_EQ(read_odoo_scale_command(json_value::object())->action, "read_once");
  EXPECT_EQ(read_odoo_scale_command({{"action", "cashbox"}}).error().code, "odoo.unknown_action");
  EXPECT_EQ(read_odoo_scale_command({{"action", 7}}).error().code, "odoo.wrong_type");
  EXPECT_EQ(read_odoo_scale_command(json_value("read_once")).error().code, "odoo.wrong_type");
}

} // namespace
} // namespace troupe::dialects
