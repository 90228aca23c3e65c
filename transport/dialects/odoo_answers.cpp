#include "transport/dialects/odoo_answers.hpp"

#include <algorithm>
#include <utility>

namespace troupe::dialects {
namespace {

/// Odoo's words for why a printer does not print that mean "it is not there".
bool is_absence(std::string_view code) {
  return code == "ERROR_OFFLINE" || code == "ERROR_UNREACHABLE" || code == "ERROR_TIMEOUT";
}

std::string_view connection_word(const device_status& status) {
  switch (status.state) {
  case device_state::ready:
  case device_state::attention:
    return "connected";
  case device_state::unknown:
    return "connecting";
  case device_state::trouble:
    break;
  }
  return is_absence(status.code) ? "disconnected" : "error";
}

/// How good a state is for a till that prints on any printer of the box.
int rank(const device_snapshot& device) {
  const auto word = connection_word(device.status);
  return word == "connected" ? 3 : word == "connecting" ? 2 : word == "error" ? 1 : 0;
}

json_value status_of(std::span<const device_snapshot> devices, device_kind kind) {
  const device_snapshot* best = nullptr;
  for (const auto& each : devices)
    if (each.description.kind == kind && (best == nullptr || rank(each) > rank(*best)))
      best = &each;
  json_value entry = json_value::object();
  entry["status"] = best != nullptr ? connection_word(best->status) : "disconnected";
  const bool trouble = best != nullptr && best->status.state != device_state::ready;
  entry["messages"] = trouble ? best->status.text : std::string();
  return entry;
}

struct shape {
  std::string_view status;
  json_value message; ///< null: none
};

json_value code_or(const value& data, std::string_view otherwise) {
  auto code = data.text_or("code");
  return code.empty() ? std::string(otherwise) : code;
}

/// Trouble is told as a warning: what waits prints by itself later, and "error" would make the
/// client print again.
std::optional<shape> shape_of_status(const value& data) {
  const auto state = data.text_or("state");
  const auto code = data.text_or("code");
  if (code.empty() || (state != "attention" && state != "trouble")) return std::nullopt;
  return shape{"warning", code};
}

std::optional<shape> shape_of(const event& content) {
  if (content.type == "action.confirmed") return shape{"success", nullptr};
  if (content.type == "action.failed") return shape{"error", code_or(content.data, "ERROR_FAILED")};
  if (content.type == "action.unknown")
    return shape{"error", code_or(content.data, "ERROR_UNKNOWN")};
  if (content.type == "action.canceled")
    return shape{"error", code_or(content.data, "ERROR_FAILED")};
  if (content.type == "device.removed") return shape{"disconnected", "Printer was disconnected"};
  if (content.type == "device.status") return shape_of_status(content.data);
  return std::nullopt;
}

json_value devices_by_type(std::span<const device_snapshot> devices) {
  json_value map = json_value::object();
  for (const auto& each : devices) {
    const std::string type(name_of(each.description.kind));
    json_value entry = json_value::object();
    entry["name"] = each.description.name;
    entry["type"] = type;
    entry["identifier"] = each.description.id.text;
    entry["connection"] = each.description.connection;
    map[type].push_back(std::move(entry));
  }
  return map;
}

json_value interface_list(const std::vector<odoo_interface>& interfaces) {
  json_value list = json_value::array();
  for (const auto& each : interfaces) {
    json_value entry = json_value::object();
    entry["id"] = each.name;
    entry["is_wifi"] = each.wireless;
    entry["ssid"] = nullptr;
    entry["ip"] = each.address;
    list.push_back(std::move(entry));
  }
  return list;
}

std::string version_text(const odoo_box_facts& facts) {
  return "L" + facts.version;
}

std::string_view level_of(std::span<const odoo_logger> loggers, std::string_view name) {
  for (const auto& each : loggers)
    if (each.name == name) return each.level;
  return "info";
}

} // namespace

json_value odoo_pong() {
  return {{"status", "success"}, {"message", "pong"}};
}

json_value odoo_success() {
  return json_value{{"status", "success"}};
}

json_value odoo_status_map(std::span<const device_snapshot> devices) {
  json_value map = json_value::object();
  map["printer"] = status_of(devices, device_kind::printer);
  map["scale"] = status_of(devices, device_kind::scale);
  map["scanner"] = status_of(devices, device_kind::scanner);
  return map;
}

namespace {

/// What Odoo's scales say of themselves: {status, message_title, message_body}.
json_value scale_status(const value& status) {
  const auto state = status.text_or("state");
  const auto code = status.text_or("code");
  json_value out = json_value::object();
  out["status"] = state == "ready" || state == "attention" ? "connected"
                  : state == "unknown"                     ? "connecting"
                  : is_absence(code)                       ? "disconnected"
                                                           : "error";
  const bool trouble = !code.empty();
  out["message_title"] = trouble ? status.text_or("text") : std::string();
  out["message_body"] = trouble ? status.text_or("remedy") : std::string();
  return out;
}

json_value weight_or_null(const value& weight) {
  if (const auto* number = std::get_if<double>(&weight.content())) return *number;
  if (const auto* whole = weight.as_integer()) return static_cast<double>(*whole);
  return nullptr;
}

/// A scale's event: `result` is the weight. Where there is none it is null, never 0.
std::optional<json_value> scale_event(const event& content, std::int64_t time_us) {
  json_value result, status;
  if (content.type == "device.value" || content.type == "device.status") {
    result = weight_or_null(content.data["details"]["weight"]);
    status = scale_status(content.data);
  } else if (content.type == "action.confirmed") {
    result = weight_or_null(content.data["result"]["weight"]);
    status = {{"status", "connected"}, {"message_title", ""}, {"message_body", ""}};
  } else if (content.type == "action.failed" || content.type == "action.unknown" ||
             content.type == "action.canceled") {
    status = {{"status", "error"},
              {"message_title", content.data.text_or("code", "ERROR_FAILED")},
              {"message_body", content.data.text_or("text")}};
  } else if (content.type == "device.removed") {
    status = {{"status", "disconnected"},
              {"message_title", "Scale was disconnected"},
              {"message_body", ""}};
  } else {
    return std::nullopt;
  }
  json_value out = json_value::object();
  out["value"] = result;
  out["result"] = result;
  out["owner"] = content.session.text;
  out["status"] = std::move(status);
  out["device_identifier"] = content.device.text;
  out["time"] = static_cast<double>(time_us) / 1e6;
  return out;
}

} // namespace

json_value odoo_scale_weight(const device_status& status) {
  auto weight = weight_or_null(status.details["weight"]);
  if (weight.is_null()) return nullptr;
  return json_value{{"weight", std::move(weight)}};
}

std::optional<json_value> odoo_event(const event& content, std::int64_t time_us, device_kind kind) {
  if (content.device.empty()) return std::nullopt;
  if (kind == device_kind::scale) return scale_event(content, time_us);
  auto found = shape_of(content);
  if (!found) return std::nullopt;
  json_value out = json_value::object();
  out["value"] = "";
  out["result"] = "";
  out["owner"] = content.session.text;
  out["status"] = found->status;
  out["message"] = std::move(found->message);
  out["device_identifier"] = content.device.text;
  out["time"] = static_cast<double>(time_us) / 1e6;
  return out;
}

json_value odoo_event_for(json_value content, const session_id& listener, std::string_view device) {
  content["device_identifier"] = device;
  content["session_id"] = listener.text;
  return content;
}

json_value odoo_event_posted(json_value content, const session_id& session, const box_id& box) {
  content["session_id"] = session.text;
  content["iot_box_identifier"] = box.text;
  return content;
}

json_value odoo_action_answer(odoo_outcome outcome, json_value result, const session_id& session,
                              std::string_view device, const box_id& box, double time) {
  static constexpr std::string_view words[] = {"success", "error", "disconnected", "duplicate"};
  json_value out = json_value::object();
  out["owner"] = session.text;
  out["session_id"] = session.text;
  out["iot_box_identifier"] = box.text;
  out["device_identifier"] = device;
  out["time"] = time;
  out["status"] = words[static_cast<std::size_t>(outcome)];
  if (!result.is_null()) out["result"] = std::move(result);
  return out;
}

json_value odoo_box_data(const odoo_box_facts& facts) {
  json_value out = json_value::object();
  out["db_uuid"] = "";
  out["enterprise_code"] = "";
  out["ip"] = facts.address;
  out["identifier"] = facts.identifier;
  out["mac_address"] = facts.mac_address;
  out["devices"] = devices_by_type(facts.devices);
  out["server_status"] = facts.server_url;
  if (facts.pairing_code.empty())
    out["pairing_code"] = false;
  else
    out["pairing_code"] = facts.pairing_code;
  out["new_database_url"] = false;
  out["pairing_code_expired"] = facts.pairing_code_expired;
  out["six_terminal"] = "Not Configured";
  out["is_access_point_up"] = false;
  out["network_interfaces"] = interface_list(facts.interfaces);
  out["version"] = version_text(facts);
  out["system"] = "Linux";
  out["odoo_uptime_seconds"] = facts.uptime_seconds;
  out["system_uptime_seconds"] = facts.system_uptime_seconds;
  out["certificate_end_date"] = nullptr;
  out["wifi_ssid"] = nullptr;
  out["qr_code_wifi"] = nullptr;
  out["qr_code_url"] = nullptr;
  return out;
}

json_value odoo_public_data(const odoo_box_facts& facts) {
  json_value out = json_value::object();
  out["name"] = facts.name;
  out["version"] = version_text(facts);
  out["system"] = "Linux";
  out["server_status"] = facts.server_url.empty() ? "" : "connected";
  return out;
}

json_value odoo_log_levels(std::span<const odoo_logger> loggers) {
  json_value names = json_value::array();
  json_value details = json_value::object();
  const std::string root(level_of(loggers, ""));
  for (const auto& each : loggers) {
    if (each.name.empty()) continue;
    names.push_back(each.name);
    details[each.name] = {{"level", each.level},
                          {"is_using_parent_level", each.inherited},
                          {"parent_name", "root"},
                          {"parent_level", root}};
  }
  json_value out = json_value::object();
  out["title"] = "Log levels";
  out["breadcrumb"] = "Log levels";
  out["drivers_list"] = std::move(names);
  out["interfaces_list"] = json_value::array();
  out["server"] = "";
  out["is_log_to_server_activated"] = false;
  out["root_logger_log_level"] = root;
  out["odoo_current_log_level"] = root;
  out["recommended_log_level"] = "info";
  out["available_log_levels"] = {"debug", "info", "warning", "error"};
  out["drivers_logger_info"] = std::move(details);
  out["interfaces_logger_info"] = json_value::object();
  return out;
}

} // namespace troupe::dialects
