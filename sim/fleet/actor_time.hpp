#pragma once

#include "sim/device_time.hpp"

namespace caf {
class actor_system;
}

namespace troupe::sim {

/// Time for simulated devices from the clock of an actor system: real on a loop, virtual in tests.
/// Jobs run one at a time in an actor of their own; they end with the system.
device_time actor_time(caf::actor_system& system);

} // namespace troupe::sim
