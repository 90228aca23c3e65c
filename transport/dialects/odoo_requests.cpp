#include "transport/dialects/odoo_requests.hpp"

#include "messages/base64.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace troupe::dialects {
namespace {

constexpr std::uint16_t unprocessable = 422;

fault wrong_type(std::string_view name, std::string_view expected) {
  return {"odoo.wrong_type", std::string(name) + " must be " + std::string(expected) + ".",
          "Send the request as Odoo 17 to 19 does.", unprocessable};
}

fault missing(std::string_view name) {
  return {"odoo.missing", "The request has no " + std::string(name) + ".",
          "Send the request as Odoo 17 to 19 does.", unprocessable};
}

const json_value* member(const json_value& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// A short text; empty when it is absent. Numbers are taken too: some clients count sessions.
result<std::string> short_text(const json_value& object, const char* name) {
  const json_value* found = member(object, name);
  if (found == nullptr) return std::string();
  std::string text;
  if (found->is_string())
    text = found->get_ref<const std::string&>();
  else if (found->is_number_integer())
    text = found->dump();
  else
    return wrong_type(name, "text");
  if (text.size() > odoo_identifier_bytes)
    return fault{"odoo.too_long", std::string(name) + " is longer than 128 bytes.",
                 "Use a shorter one.", unprocessable};
  return text;
}

/// The bytes of a base64 member; a data URL's head is skipped.
result<byte_vector> base64_member(const json_value& data, const char* name) {
  const json_value* found = member(data, name);
  if (found == nullptr) return missing(name);
  if (!found->is_string()) return wrong_type(name, "base64 text");
  std::string_view text = found->get_ref<const std::string&>();
  if (text.substr(0, 5) == "data:") text.remove_prefix(std::min(text.find(',') + 1, text.size()));
  auto bytes = from_base64(text);
  if (!bytes)
    return fault{"odoo.base64", std::string(name) + " is not base64.",
                 "Send the whole document in base64.", unprocessable};
  if (bytes->empty()) return missing(name);
  return std::move(*bytes);
}

result<odoo_command> read_receipt(const json_value& data, odoo_command command) {
  auto picture = base64_member(data, "receipt");
  if (!picture) return picture.error();
  command.document.operations = {printing::picture{.encoded = std::move(*picture)},
                                 printing::cut{}};
  return command;
}

result<odoo_command> read_document(const json_value& data, odoo_command command) {
  auto bytes = base64_member(data, "document");
  if (!bytes) return bytes.error();
  auto print_id = short_text(data, "print_id");
  if (!print_id) return print_id.error();
  command.action = "print";
  command.document.operations = {printing::raw{std::move(*bytes)}};
  if (!print_id->empty()) command.arguments = value::object{{"print_id", *print_id}};
  return command;
}

/// Microseconds of a time in seconds; what no clock says becomes 0.
result<std::int64_t> read_time(const json_value& listener) {
  const json_value* found = member(listener, "last_event");
  if (found == nullptr) return std::int64_t{0};
  if (!found->is_number()) return wrong_type("last_event", "a number");
  constexpr double latest = 9e9; // seconds; the year 2255
  const double seconds = found->get<double>();
  if (!std::isfinite(seconds) || seconds <= 0) return std::int64_t{0};
  return static_cast<std::int64_t>(std::llround(std::min(seconds, latest) * 1e6));
}

std::optional<std::string_view> behind(std::string_view text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
  return text.substr(prefix.size());
}

} // namespace

std::string odoo_action_name(const json_value& data) {
  const json_value* name = member(data, "action");
  return name != nullptr && name->is_string() ? name->get<std::string>() : std::string();
}

result<odoo_command> read_odoo_command(const json_value& data) {
  if (!data.is_object()) return wrong_type("data", "an object");
  if (const json_value* name = member(data, "action"); name != nullptr && !name->is_string())
    return wrong_type("data.action", "text");
  auto key = short_text(data, "action_unique_id");
  if (!key) return key.error();
  odoo_command command{.action = odoo_action_name(data), .key = std::move(*key)};
  if (command.action == "print_receipt") return read_receipt(data, std::move(command));
  if (command.action.empty()) return read_document(data, std::move(command));
  if (command.action == "cashbox") {
    command.document.operations = {printing::drawer_pulse{}};
    return command;
  }
  if (command.action == "status") return command;
  return fault{"odoo.unknown_action", "A printer cannot do this action.",
               "Use print_receipt, cashbox, status, or a document without an action.",
               unprocessable};
}

result<odoo_command> read_odoo_scale_command(const json_value& data) {
  if (!data.is_object()) return wrong_type("data", "an object");
  if (const json_value* name = member(data, "action"); name != nullptr && !name->is_string())
    return wrong_type("data.action", "text");
  auto key = short_text(data, "action_unique_id");
  if (!key) return key.error();
  odoo_command command{.action = odoo_action_name(data), .key = std::move(*key)};
  // Odoo's nameless action of a scale reads it.
  if (command.action.empty()) command.action = "read_once";
  static constexpr std::string_view known[] = {
      "read_once", "start_reading", "stop_reading", "get_status", "status", "zero", "tare"};
  if (std::ranges::find(known, command.action) == std::end(known))
    return fault{"odoo.unknown_action", "A scale cannot do this action.",
                 "Use read_once, start_reading, stop_reading, get_status, zero or tare.",
                 unprocessable};
  return command;
}

result<odoo_action> read_odoo_action(json_value params) {
  auto session = short_text(params, "session_id");
  if (!session) return session.error();
  auto device = short_text(params, "device_identifier");
  if (!device) return device.error();
  if (device->empty()) return missing("device_identifier");
  odoo_action action{session_id(std::move(*session)), std::move(*device), json_value::object()};
  const auto data = params.find("data");
  if (data == params.end() || data->is_null()) return action;
  if (data->is_string()) {
    auto parsed = transport::parse_json(as_bytes(data->get_ref<const std::string&>()));
    if (!parsed) {
      parsed.error().status = unprocessable;
      return parsed.error();
    }
    action.data = std::move(*parsed);
  } else {
    action.data = std::move(*data);
  }
  if (!action.data.is_object()) return wrong_type("data", "an object or JSON text of one");
  return action;
}

result<odoo_listener> read_odoo_listener(const json_value& params) {
  const json_value* content = member(params, "listener");
  if (content == nullptr) return missing("listener");
  if (!content->is_object()) return wrong_type("listener", "an object");
  auto session = short_text(*content, "session_id");
  if (!session) return session.error();
  if (session->empty()) return missing("listener.session_id");
  auto after = read_time(*content);
  if (!after) return after.error();
  odoo_listener listener{session_id(std::move(*session)), *after, {}};
  const json_value* devices = member(*content, "devices");
  if (devices == nullptr) return listener;
  if (!devices->is_object()) return wrong_type("listener.devices", "an object");
  if (devices->size() > odoo_listener_devices)
    return fault{"odoo.too_long", "The listener names more than 256 devices.", "Name fewer.",
                 unprocessable};
  for (const auto& [name, ignored] : devices->items())
    if (!name.empty() && name.size() <= odoo_identifier_bytes) listener.devices.push_back(name);
  return listener;
}

result<std::optional<odoo_log_level>> read_odoo_log_level(const json_value& params) {
  auto name = short_text(params, "name");
  if (!name) return name.error();
  auto level = short_text(params, "value");
  if (!level) return level.error();
  if (name->empty()) return missing("name");
  if (*name == "log-to-server") return std::optional<odoo_log_level>();
  odoo_log_level change;
  if (const auto driver = behind(*name, "iot-logging-driver-"))
    change.logger = *driver;
  else if (const auto interface = behind(*name, "iot-logging-interface-"))
    change.logger = *interface;
  else if (*name != "iot-logging-root" && *name != "iot-logging-odoo")
    return fault{"odoo.unknown_logger", "There is no logger of that name.",
                 "Take a name from log_levels.", unprocessable};
  if (*level == "debug" || *level == "info" || *level == "warning" || *level == "error")
    change.level = *level;
  else if (*level != "parent")
    return fault{"odoo.unknown_level", "There is no log level of that name.",
                 "Use debug, info, warning, error or parent.", unprocessable};
  return std::optional(std::move(change));
}

const device_snapshot* find_odoo_device(std::span<const device_snapshot> devices,
                                        std::string_view name) {
  for (const auto& each : devices)
    if (each.description.id.text == name) return &each;
  device_kind kind{};
  if (!from_name(name, kind) || kind == device_kind::unsupported) return nullptr;
  for (const auto& each : devices)
    if (each.description.kind == kind) return &each;
  return nullptr;
}

const device_snapshot* default_odoo_scale(std::span<const device_snapshot> devices) {
  const device_snapshot* first = nullptr;
  for (const auto& each : devices) {
    if (each.description.kind != device_kind::scale) continue;
    if (!each.status.details["weight"].is_null()) return &each;
    if (first == nullptr) first = &each;
  }
  return first;
}

const device_snapshot* default_odoo_printer(std::span<const device_snapshot> devices) {
  for (const auto& each : devices)
    if (each.description.kind == device_kind::printer &&
        each.description.subtype == "receipt_printer")
      return &each;
  return nullptr;
}

} // namespace troupe::dialects
