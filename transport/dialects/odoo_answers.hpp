#pragma once

#include "messages/device.hpp"
#include "messages/event.hpp"
#include "messages/identifiers.hpp"
#include "transport/json.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a box answers to clients of Odoo (17 to 19). Member order and spacing are Odoo's.
namespace troupe::dialects {

using transport::json_value;

/// The text of `/hw_proxy/hello`.
inline constexpr std::string_view odoo_hello = "ping";

/// `/iot_drivers/ping`.
json_value odoo_pong();
/// `{"status": "success"}`.
json_value odoo_success();

/// `/hw_proxy/status_json`: printer, scale and scanner with status connected, connecting,
/// disconnected or error, and the trouble in words.
json_value odoo_status_map(std::span<const device_snapshot> devices);

/// `/hw_proxy/scale_read`: `{"weight": 0.452}`, or null when there is none that may be charged.
json_value odoo_scale_weight(const device_status& status);

/// An event as Odoo's clients know it, without `session_id`; nothing for events that Odoo does not
/// have. `time_us` is what the client sends back as `last_event`. docs/odoo.md has the table.
std::optional<json_value> odoo_event(const event& content, std::int64_t time_us,
                                     device_kind kind = device_kind::printer);
/// The copy for one listener: its own session, and the name under which it knows the device.
json_value odoo_event_for(json_value content, const session_id& listener, std::string_view device);
/// The copy that is posted to a database: with the identifier of the box.
json_value odoo_event_posted(json_value content, const session_id& session, const box_id& box);

/// How an action went, for the answer of `/iot_drivers/action` since 19.1.
enum class odoo_outcome : std::uint8_t { success, error, disconnected, duplicate };

/// The answer object of `/iot_drivers/action` since 19.1. `result` is "pending" for printers: the
/// event tells the rest.
json_value odoo_action_answer(odoo_outcome outcome, json_value result, const session_id& session,
                              std::string_view device, const box_id& box, double time);

/// One network interface in `/iot_drivers/data`.
struct odoo_interface {
  std::string name;
  std::string address;
  bool wireless = false;
};
/// What `/iot_drivers/data` tells.
struct odoo_box_facts {
  std::string name;
  std::string identifier;
  std::string version;     ///< ours: "0.1.0"
  std::string address;     ///< the box's main address
  std::string mac_address; ///< of the interface that has it
  std::vector<odoo_interface> interfaces;
  std::span<const device_snapshot> devices;
  std::string server_url;   ///< of the server that has the box; empty: none has
  std::string pairing_code; ///< empty: none counts
  bool pairing_code_expired = false;
  std::int64_t uptime_seconds = 0;        ///< of the program
  std::int64_t system_uptime_seconds = 0; ///< of the machine
};
/// For callers with rights: all members that Odoo's own box has; those this box has nothing for are
/// empty, false or null.
json_value odoo_box_data(const odoo_box_facts& facts);
/// For anybody: that there is a box, its version, and whether somebody has it ("connected").
json_value odoo_public_data(const odoo_box_facts& facts);

/// One logger in `/iot_drivers/log_levels`.
struct odoo_logger {
  std::string name;  ///< empty: the root
  std::string level; ///< debug, info, warning, error
  bool inherited = false;
};
json_value odoo_log_levels(std::span<const odoo_logger> loggers);

} // namespace troupe::dialects
