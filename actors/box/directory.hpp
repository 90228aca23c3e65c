#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/identity.hpp"
#include "actors/box/ledger.hpp"
#include "actors/box/network.hpp"
#include "actors/box/services.hpp"
#include "actors/runtime/supervisor.hpp"
#include "messages/action.hpp"
#include "messages/device.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Which devices exist. Spawns and supervises one actor a device; a crash of one never touches
/// another. Readers get an immutable list at each change.
namespace troupe::box {

using device_list = std::vector<device_snapshot>; ///< in the order they were added
using device_list_ptr = std::shared_ptr<const device_list>;

/// A receipt printer from which paper comes out at once.
inline bool prints_at_once(const device_snapshot& device) {
  return device.description.kind == device_kind::printer &&
         device.description.subtype == "receipt_printer" &&
         device.status.state == device_state::ready;
}

/// Adds a device; answered by it, or "device.address_taken" (409), "device.bad_address" (422),
/// "device.too_many" (409). Without an id one is made from the name, and kept for ever.
struct add_device {
  static constexpr bool local_message = true;
  device_description description;
  bool keep = true; ///< false: given on the command line, not written down
};
/// Changes what is given. Fault "device.unknown" (404).
struct change_device {
  static constexpr bool local_message = true;
  device_id id;
  std::optional<std::string> name;
  std::optional<std::string> subtype;
  std::optional<std::string> language;
};
struct remove_device {
  static constexpr bool local_message = true;
  device_id id;
};
/// Takes back an action that waits. Faults "action.unknown" (404), "action.already_sent" (409).
struct cancel_action {
  static constexpr bool local_message = true;
  action_id id;
};
/// Prints again what an action printed: a new action with `repeats`. Answered like an
/// action_request.
struct repeat_action {
  static constexpr bool local_message = true;
  action_id id;
  std::string origin;
  trace_context trace = current_trace();
};
/// The watcher gets `devices_changed` at each change until it ends; answered by the present list.
struct watch_devices {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct devices_changed {
  static constexpr bool local_message = true;
  device_list_ptr devices;
};
/// From a device actor: how it is now.
struct device_status_changed {
  static constexpr bool local_message = true;
  device_id id;
  device_status status;
  /// A live value only: readers see it and who listens gets a transient event, but it is not kept.
  bool live = false;
};

/// Every device actor, whatever its kind, takes these. An `action_request` is answered by
/// `action_accepted` once it is on disk, or by a fault that says why it is not taken
/// ("action.unknown_action" 422, "picture.…" 422, "device.busy" 503).
using device_actor =
    caf::typed_actor<caf::replies_to<std::shared_ptr<const action_request>>::with<action_accepted>,
                     caf::replies_to<cancel_action>::with<action_record>>;

using directory_actor = caf::typed_actor<caf::replies_to<action_request>::with<action_accepted>,
                                         caf::replies_to<repeat_action>::with<action_accepted>,
                                         caf::replies_to<cancel_action>::with<action_record>,
                                         caf::replies_to<add_device>::with<device_snapshot>,
                                         caf::replies_to<change_device>::with<device_snapshot>,
                                         caf::replies_to<remove_device>::with<bool>,
                                         caf::replies_to<watch_devices>::with<device_list_ptr>,
                                         caf::reacts_to<device_status_changed>>;

/// Devices of one box; more are refused.
inline constexpr std::size_t device_bound = 64;
/// Actions held for a device whose actor is just being restarted; more are refused.
inline constexpr std::size_t held_actions_bound = 64;

/// What a device actor is given at each start.
struct device_neighbours {
  ledger_actor ledger;
  event_hub_actor events;
  directory_actor directory;
  identity_actor identity;
  network_actor network;
};

/// How devices come to be; the directory knows no kind of device itself.
struct device_drivers {
  /// Fills in what follows from the address (kind, connection, name, language) or says what is
  /// wrong with it (422).
  std::function<result<device_description>(device_description)> complete;
  std::function<device_actor(caf::actor_system&, const device_description&,
                             const device_neighbours&)>
      spawn;
  /// Whether this change of a description is one that its actor must be started anew for.
  std::function<bool(const device_description& before, const device_description& after)>
      needs_restart;
};

struct directory_options {
  device_drivers drivers;
  std::vector<device_description> given; ///< from the command line or configuration; not kept
  /// Told the supervisor of the device actors, for the health page.
  std::function<void(runtime::supervisor_actor)> supervising;
};

directory_actor spawn_directory(caf::actor_system& system, const services& shared,
                                directory_options options, ledger_actor ledger,
                                event_hub_actor events, identity_actor identity,
                                network_actor network);

} // namespace troupe::box
