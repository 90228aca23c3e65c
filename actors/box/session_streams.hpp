#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/tracer.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/log.hpp"
#include "messages/identifiers.hpp"
#include "transport/json.hpp"
#include "transport/websocket.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Open pages: one actor a WebSocket.
namespace troupe::box {

/// Bytes that may wait for a slow page. From half of it on, the page gets no new events until it
/// has read most of them; none is lost, since it is told the rest from where it stopped.
inline constexpr std::size_t page_queue_bytes = 1024 * 1024;
/// Pages send nothing but control frames; more than this is refused (1009).
inline constexpr std::size_t page_message_bytes = 4096;
inline constexpr std::string_view msgpack_subprotocol = "troupe.msgpack";
/// Pages open at a time.
inline constexpr std::size_t pages_bound = 256;

transport::websocket_options stream_options();

struct event_page {
  box_id box;
  event_hub_actor events;
  std::optional<std::uint64_t> after;
  std::vector<device_id> devices; ///< empty: all
};
/// Tells a page every event until it closes, in order, none lost and none twice.
caf::actor spawn_session_events(caf::actor_system& system, transport::websocket_ptr page,
                                event_page wanted);
/// Tells a page new log lines; those it cannot take in time are left out, and counted.
caf::actor spawn_session_logs(caf::actor_system& system, transport::websocket_ptr page,
                              tracer_actor tracer, runtime::log_level level);

/// A line as `GET /api/v1/logs` gives it.
transport::json_value log_line_json(const runtime::log_line& line);

} // namespace troupe::box
