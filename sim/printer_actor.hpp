#pragma once

#include "actors/runtime/behavior.hpp"
#include "sim/printer_device.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace troupe::sim {

/// Asks how a printer is; answered by `printer_snapshot`.
struct get_snapshot {
  static constexpr bool local_message = true;
};
/// Asks for the receipts on the spike; answered oldest first.
struct get_receipts {
  static constexpr bool local_message = true;
};
/// Asks for one of them; answered by it, or the fault "receipt.unknown" (404).
struct get_receipt {
  static constexpr bool local_message = true;
  std::string id;
};
/// Asks for the piece of paper that hangs out.
struct get_strip {
  static constexpr bool local_message = true;
};
struct strip_picture {
  static constexpr bool local_message = true;
  std::uint64_t number = 0; ///< of the receipt it will be
  std::size_t width = 0, height = 0;
  shared_bytes bits; ///< packed rows
};
/// Begins to watch: the actor gets a `printer_update` for each event until it ends. Answered by the
/// present snapshot.
struct watch_printer {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct printer_update {
  static constexpr bool local_message = true;
  std::string printer;
  std::shared_ptr<const printer_event> event;
};

/// One simulated printer as an actor: what people do to it comes as `play`.
using printer_actor =
    caf::typed_actor<caf::replies_to<play>::with<printer_snapshot>,
                     caf::replies_to<get_snapshot>::with<printer_snapshot>,
                     caf::replies_to<get_receipts>::with<std::vector<kept_receipt_ptr>>,
                     caf::replies_to<get_receipt>::with<kept_receipt_ptr>,
                     caf::replies_to<get_strip>::with<strip_picture>,
                     caf::replies_to<watch_printer>::with<printer_snapshot>>;

/// The actor shares the device with the hosts that print to it; all live on one loop.
printer_actor spawn_printer(caf::actor_system& system, std::shared_ptr<printer_device> device);

/// The time of an actor system for devices: the virtual clock in tests. Its helper actor ends with
/// the system's other actors.
device_time system_time(caf::actor_system& system);

} // namespace troupe::sim
