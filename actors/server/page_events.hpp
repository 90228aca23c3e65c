#pragma once

#include "actors/server/bus.hpp"
#include "actors/server/people.hpp"
#include "transport/websocket.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Open pages that follow the events: one actor a WebSocket.
namespace troupe::server {

/// What of the events a reader wants.
struct event_filter {
  box_id box = {};                     ///< empty: all
  device_id device = {};               ///< likewise
  std::vector<std::string> types = {}; ///< beginnings: "device.", "action.failed"; empty: all
  bool everything() const { return box.empty() && device.empty() && types.empty(); }
  /// A gap concerns everybody.
  bool wants(const fleet_event& event) const;
};

/// The events of a batch that a reader wants and does not have yet, as one JSON array; empty when
/// there is none. Live values (number 0) always count as new. Pure.
std::string join_events(const std::vector<event_ptr>& events, const event_filter& filter,
                        std::uint64_t after);

/// The text of the batch that comes at the moment, made once for all readers who want everything.
class batch_texts {
public:
  const std::shared_ptr<const std::string>& of(const event_list_ptr& events);

private:
  event_list_ptr events_;
  std::shared_ptr<const std::string> text_;
};

struct event_page {
  bus_actor bus;
  event_filter filter;
  std::optional<std::uint64_t> after;
  std::string digest; ///< of the secret it was opened with
  std::shared_ptr<batch_texts> texts;
};
/// Tells a page every event it wants until it closes, in order, none lost and none twice; of live
/// values the newest of each device when it reads slowly. Ends when it gets an `access_changed` in
/// which its secret is no longer good.
caf::actor spawn_event_page(caf::actor_system& system, transport::websocket_ptr page,
                            event_page wanted);

} // namespace troupe::server
