#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/homepage.hpp"
#include "actors/box/tracer.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/log.hpp"
#include "actors/web/page.hpp"
#include "messages/identifiers.hpp"
#include "transport/json.hpp"
#include "transport/websocket.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstdint>
#include <optional>
#include <vector>

/// Open pages: one actor a WebSocket.
namespace troupe::box {

inline constexpr std::string_view msgpack_subprotocol = "troupe.msgpack";
/// What comes without a subprotocol too; for pages that must offer one (`bearer_subprotocol`).
inline constexpr std::string_view json_subprotocol = "troupe.json";
/// Pages open at a time.
inline constexpr std::size_t pages_bound = 256;

struct event_page {
  box_id box;
  event_hub_actor events;
  std::optional<std::uint64_t> after;
  std::vector<device_id> devices;          ///< empty: all
  std::optional<runtime::actor_time> ends; ///< when its right ends
};
/// Tells a page every event until it closes, in order, none lost and none twice.
caf::actor spawn_session_events(caf::actor_system& system, transport::websocket_ptr page,
                                event_page wanted);
/// Tells a page new log lines; those it cannot take in time are left out, and counted.
caf::actor spawn_session_logs(caf::actor_system& system, transport::websocket_ptr page,
                              tracer_actor tracer, runtime::log_level level);

struct status_page {
  event_hub_actor events;
  homepage_actor homepage;
};
/// Tells a status page how the box is, at once and at each change.
caf::actor spawn_session_status(caf::actor_system& system, transport::websocket_ptr page,
                                status_page wanted);

/// A line as `GET /api/v1/logs` gives it.
transport::json_value log_line_json(const runtime::log_line& line);

} // namespace troupe::box
