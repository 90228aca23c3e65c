#include "sim/scale_actor.hpp"

#include "actors/runtime/behavior.hpp"

#include <caf/all.hpp>

#include <vector>

namespace troupe::sim {
namespace {

struct scale_actor_state {
  scale_actor_state() = default; // no aggregate: CAF would hand the actor to its first member
  std::shared_ptr<scale_device> device;
  std::vector<std::shared_ptr<caf::actor>> watchers;
};
using self_pointer = scale_actor::stateful_pointer<scale_actor_state>;

scale_actor::behavior_type behave(self_pointer self, std::shared_ptr<scale_device> device) {
  runtime::prepare(self, "sim.scale." + device->name());
  self->state.device = std::move(device);
  self->set_down_handler([self](const caf::down_msg& down) {
    std::erase_if(self->state.watchers,
                  [&](const auto& each) { return each->address() == down.source; });
  });
  return {
      runtime::traced([self](const scale_play& action) -> result<scale_snapshot> {
        if (auto done = self->state.device->play(action); !done) return done.error();
        return self->state.device->snapshot();
      }),
      runtime::traced([self](const get_scale&) { return self->state.device->snapshot(); }),
      runtime::traced([self](const watch_scale& asked) {
        auto held = std::make_shared<caf::actor>(asked.watcher);
        self->state.watchers.push_back(held);
        self->monitor(asked.watcher);
        auto& watched = *self->state.device;
        watched.watch(held, [to = std::weak_ptr<caf::actor>(held),
                             device = std::weak_ptr<scale_device>(self->state.device)] {
          const auto watcher = to.lock();
          const auto present = device.lock();
          if (watcher && present) caf::anon_send(*watcher, scale_update{present->snapshot()});
        });
        return watched.snapshot();
      }),
  };
}

} // namespace

scale_actor spawn_scale(caf::actor_system& system, std::shared_ptr<scale_device> device) {
  return system.spawn(behave, std::move(device));
}

} // namespace troupe::sim
