#include "sim/printer_actor.hpp"

#include "actors/runtime/clock.hpp"

#include <caf/all.hpp>

namespace troupe::sim {

struct printer_actor_state {
  std::shared_ptr<printer_device> device;
  std::vector<std::shared_ptr<caf::actor>> watchers;
};
using self_pointer = printer_actor::stateful_pointer<printer_actor_state>;

static void watch(self_pointer self, const caf::actor& watcher) {
  auto held = std::make_shared<caf::actor>(watcher);
  self->state.watchers.push_back(held);
  self->monitor(watcher);
  auto& device = *self->state.device;
  device.watch(held, [to = std::weak_ptr<caf::actor>(held),
                      name = device.name()](const printer_event& event) {
    if (auto present = to.lock())
      caf::anon_send(*present, printer_update{name, std::make_shared<const printer_event>(event)});
  });
}

static void forget(self_pointer self, const caf::actor_addr& gone) {
  std::erase_if(self->state.watchers, [&](const auto& each) { return each->address() == gone; });
}

static printer_actor::behavior_type behave(self_pointer self,
                                           std::shared_ptr<printer_device> device) {
  runtime::prepare(self, "sim.printer." + device->name());
  self->state.device = std::move(device);
  self->set_down_handler([self](const caf::down_msg& down) { forget(self, down.source); });
  return {
      runtime::traced([self](const play& action) -> result<printer_snapshot> {
        if (auto done = self->state.device->play(action); !done) return done.error();
        return self->state.device->snapshot();
      }),
      runtime::traced([self](const get_snapshot&) { return self->state.device->snapshot(); }),
      runtime::traced([self](const get_receipts&) {
        const auto& kept = self->state.device->receipts();
        return std::vector<kept_receipt_ptr>(kept.begin(), kept.end());
      }),
      runtime::traced([self](const get_receipt& asked) -> result<kept_receipt_ptr> {
        if (auto found = self->state.device->find_receipt(asked.id)) return found;
        return fault{"receipt.unknown", "There is no receipt " + asked.id + " on the spike.",
                     "Only the last fifty are kept.", 404};
      }),
      runtime::traced([self](const get_strip&) {
        const auto& paper = self->state.device->model().paper();
        auto bits = paper.dots().bits();
        return strip_picture{paper.number(), paper.width(), paper.height(),
                             byte_vector(bits.begin(), bits.end())};
      }),
      runtime::traced([self](const watch_printer& asked) {
        watch(self, asked.watcher);
        return self->state.device->snapshot();
      }),
  };
}

printer_actor spawn_printer(caf::actor_system& system, std::shared_ptr<printer_device> device) {
  return system.spawn(behave, std::move(device));
}

using job = std::function<void()>;

static caf::behavior run_jobs(caf::event_based_actor* self) {
  runtime::prepare(self, "sim.time");
  return {[](const job& due) { due(); }};
}

device_time system_time(caf::actor_system& system) {
  device_time time;
  auto runner = system.spawn(run_jobs);
  time.now = [&system] {
    return device_time::clock::time_point(system.clock().now().time_since_epoch());
  };
  time.wall_now = [&system] { return runtime::wall_now(system); };
  time.after = [runner](device_time::clock::duration delay, job due) {
    if (delay <= delay.zero())
      caf::anon_send(runner, std::move(due));
    else
      caf::delayed_anon_send(runner, delay, std::move(due));
  };
  return time;
}

} // namespace troupe::sim
