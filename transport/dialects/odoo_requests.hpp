#pragma once

#include "messages/device.hpp"
#include "messages/identifiers.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"
#include "messages/value.hpp"
#include "transport/json.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What clients of Odoo (17 to 19) ask of a box, as messages of ours. Pure: no socket, no actor.
namespace troupe::dialects {

using transport::json_value;

/// Longest session id, device name or unique id taken from a client.
inline constexpr std::size_t odoo_identifier_bytes = 128;
/// Most devices one listener may name.
inline constexpr std::size_t odoo_listener_devices = 256;

/// What a printer is asked: `data` of an action.
struct odoo_command {
  std::string
      action;      ///< print_receipt, cashbox, status; "print" for Odoo's nameless default action
  std::string key; ///< `action_unique_id`; empty: none
  printing::document document{}; ///< empty for "status"
  value arguments{};             ///< what the caller wants back: {"print_id": …}; null: nothing
};

/// Reads `data` for a printer. Faults (422): "odoo.wrong_type", "odoo.unknown_action",
/// "odoo.missing", "odoo.base64", "odoo.too_long".
result<odoo_command> read_odoo_command(const json_value& data);

/// Reads `data` for a scale: read_once, start_reading, stop_reading, get_status, status, zero,
/// tare. Faults (422): "odoo.wrong_type", "odoo.unknown_action", "odoo.too_long".
result<odoo_command> read_odoo_scale_command(const json_value& data);

/// Parameters of `/iot_drivers/action`.
struct odoo_action {
  session_id session; ///< a browser tab; empty: nobody waits for the event
  std::string device; ///< a device's id, a type name, or the box's own identifier
  json_value data;    ///< an object, also when it came as JSON text (Odoo up to 18.0)
};
/// Faults (422): "odoo.wrong_type", "odoo.missing", "odoo.too_long"; "json.…" for text that is no
/// JSON.
result<odoo_action> read_odoo_action(json_value params);

/// The name of the action in `data`; empty when there is none.
std::string odoo_action_name(const json_value& data);

/// Parameters of `/iot_drivers/event`.
struct odoo_listener {
  session_id session;
  std::int64_t after_us = 0;        ///< time of the last event seen, microseconds; 0: none yet
  std::vector<std::string> devices; ///< ids or type names
};
/// Faults (422): "odoo.wrong_type", "odoo.missing", "odoo.too_long".
result<odoo_listener> read_odoo_listener(const json_value& params);

/// One logger's new level: parameters of `/iot_drivers/log_levels_update`.
struct odoo_log_level {
  std::string logger; ///< empty: the root
  std::string level;  ///< debug, info, warning or error; empty: inherit
};
/// Understands iot-logging-root, iot-logging-odoo, iot-logging-driver-<name> and
/// iot-logging-interface-<name>. Nothing for `log-to-server`, which this box has no use for.
/// Faults (422): "odoo.wrong_type", "odoo.missing", "odoo.unknown_level".
result<std::optional<odoo_log_level>> read_odoo_log_level(const json_value& params);

/// The device of that id; else the first of that type name; else none. "unsupported" is no type
/// name.
const device_snapshot* find_odoo_device(std::span<const device_snapshot> devices,
                                        std::string_view name);
/// The scale behind `/hw_proxy/scale_read`: one that has a weight, else the first, or none.
const device_snapshot* default_odoo_scale(std::span<const device_snapshot> devices);
/// The printer behind `/hw_proxy/default_printer_action`: the first receipt printer, or none.
const device_snapshot* default_odoo_printer(std::span<const device_snapshot> devices);

} // namespace troupe::dialects
