#pragma once

#include "actors/server/services.hpp"
#include "actors/server/store.hpp"
#include "messages/bytes.hpp"
#include "messages/fleet.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Numbers the events of the fleet when they are on disk, and gives them to who listens.
namespace troupe::server {

/// An event with its wire form, made once for all readers.
struct numbered_event {
  fleet_event content;
  std::shared_ptr<const std::string> json; ///< CloudEvents in JSON; source is "/boxes/ID"
};
using event_ptr = std::shared_ptr<const numbered_event>;
using event_list_ptr = std::shared_ptr<const std::vector<event_ptr>>;

/// A state of a command whose event it is: on disk it counts as told together with that event.
struct told_command {
  command_id id;
  action_state state = action_state::accepted;
  bool again = false; ///< by a fleet that does not know whether it is told: only if it is not
};
/// Events of one box in order, or of the server itself (`box` empty or named). Written down in one
/// group with `epoch` and the box's last sequence; answered by the newest sequence of that box on
/// disk; those the disk already has are left out. Then they go to the subscribers. While the store
/// takes no changes they wait, for as long as who sent them; "bus.gap": what came before them from
/// that box was not written, and neither are they.
struct publish_batch {
  static constexpr bool local_message = true;
  box_id box;
  std::string epoch; ///< of the box's numbering; empty: the server's own events
  std::vector<event> events;
  std::optional<told_command> tells{}; ///< what the events say
  std::uint64_t after = 0; ///< with an epoch: the box's number that must be on disk before these
};
/// Live values: to the subscribers at once, not numbered, not kept.
struct publish_live {
  static constexpr bool local_message = true;
  box_id box;
  std::vector<event> events;
};
/// The subscriber gets `events_arrived` for all events behind `after` (missing: from now on), in
/// order, without a gap, until it ends; what is no longer kept is told by an event of type "gap".
/// Answered by the number of the newest event. Who is far behind gets the first of them and
/// subscribes again for the rest, as fast as it can read; a new subscription replaces the old.
struct subscribe_events {
  static constexpr bool local_message = true;
  caf::actor subscriber;
  std::optional<std::uint64_t> after;
};
/// The subscriber reads slowly: only live values go to it until it subscribes again.
struct hold_events {
  static constexpr bool local_message = true;
  caf::actor subscriber;
};
/// All events with numbers above `after`, up to `last`; shared by all subscribers. Live values have
/// no numbers: `last` is 0.
struct events_arrived {
  static constexpr bool local_message = true;
  event_list_ptr events;
  std::uint64_t after = 0;
  std::uint64_t last = 0;
  bool more = false; ///< the rest, and what is new, comes when it subscribes again
};
/// A page of the past, newest first when `before` is given or nothing is, oldest first with
/// `after`.
struct find_events {
  static constexpr bool local_message = true;
  std::optional<box_id> box;
  std::optional<device_id> device;
  std::string type_prefix; ///< "action." …; empty: all
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  std::uint32_t limit = 100; ///< 1..1000
};
struct get_last_sequence {
  static constexpr bool local_message = true;
};
/// The newest event of a box on disk, for `link::welcome`; 0 for an unknown epoch.
struct get_box_position {
  static constexpr bool local_message = true;
  box_id box;
  std::string epoch;
};

using bus_actor = caf::typed_actor<
    caf::replies_to<publish_batch>::with<std::uint64_t>, caf::reacts_to<publish_live>,
    caf::replies_to<subscribe_events>::with<std::uint64_t>, caf::reacts_to<hold_events>,
    caf::replies_to<find_events>::with<event_list_ptr>,
    caf::replies_to<get_last_sequence>::with<std::uint64_t>,
    caf::replies_to<get_box_position>::with<std::uint64_t>>;

bus_actor spawn_bus(caf::actor_system& system, const services& shared, store_actor store);

} // namespace troupe::server
