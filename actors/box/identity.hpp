#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/ledger.hpp"
#include "actors/box/services.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <string>

/// Who the box is: its serial number and its name.
namespace troupe::box {

struct identity_info {
  static constexpr bool local_message = true;
  box_id id;
  std::string name; ///< 1..64 characters; the owner's, else "Box " and the end of the id
};
struct get_identity {
  static constexpr bool local_message = true;
};
/// Fault "box.bad_name" (422).
struct rename_box {
  static constexpr bool local_message = true;
  std::string name;
};
/// The watcher gets `identity_changed` after each change, until it ends; answered by what is now.
struct watch_identity {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct identity_changed {
  static constexpr bool local_message = true;
  identity_info present;
};

using identity_actor = caf::typed_actor<caf::replies_to<get_identity>::with<identity_info>,
                                        caf::replies_to<rename_box>::with<identity_info>,
                                        caf::replies_to<watch_identity>::with<identity_info>>;

identity_actor spawn_identity(caf::actor_system& system, const services& shared, box_id id,
                              ledger_actor ledger, event_hub_actor events);

} // namespace troupe::box
