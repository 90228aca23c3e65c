#include "sim/fleet/actor_time.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"

#include <caf/all.hpp>

namespace troupe::sim {
namespace {

struct run_job {
  static constexpr bool local_message = true;
  std::function<void()> job;
};

caf::behavior clockwork(caf::event_based_actor* self) {
  runtime::prepare(self, "device_clock");
  return {[](const run_job& due) { due.job(); }};
}

} // namespace

device_time actor_time(caf::actor_system& system) {
  const auto runner = system.spawn(clockwork);
  device_time time;
  time.now = [&system] {
    return std::chrono::time_point_cast<device_time::clock::duration>(runtime::now(system));
  };
  time.wall_now = [&system] { return runtime::wall_now(system); };
  time.after = [&system, runner](device_time::clock::duration delay, std::function<void()> job) {
    run_job due{std::move(job)};
    if (delay <= delay.zero()) return caf::anon_send(runner, std::move(due));
    system.clock().schedule_message(
        system.clock().now() + delay, caf::actor_cast<caf::strong_actor_ptr>(runner),
        caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages, std::move(due)));
  };
  return time;
}

} // namespace troupe::sim
