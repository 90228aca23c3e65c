#pragma once

#include "sim/scale_device.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>

namespace troupe::sim {

struct get_scale {
  static constexpr bool local_message = true;
};
/// Begins to watch: the actor gets a `scale_update` for each change until it ends.
struct watch_scale {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct scale_update {
  static constexpr bool local_message = true;
  scale_snapshot seen;
};

/// One simulated scale as an actor: what people do to it comes as `scale_play`; fault "scale.play"
/// (422).
using scale_actor = caf::typed_actor<caf::replies_to<scale_play>::with<scale_snapshot>,
                                     caf::replies_to<get_scale>::with<scale_snapshot>,
                                     caf::replies_to<watch_scale>::with<scale_snapshot>>;

/// The actor shares the device with the hosts that ask it; all live on one loop.
scale_actor spawn_scale(caf::actor_system& system, std::shared_ptr<scale_device> device);

} // namespace troupe::sim
