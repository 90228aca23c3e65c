#pragma once

#include "actors/box/connection_report.hpp"
#include "actors/box/event_hub.hpp"
#include "actors/box/network.hpp"
#include "actors/box/pairing.hpp"
#include "actors/box/services.hpp"
#include "actors/box/uplink.hpp"
#include "actors/box/way_probe.hpp"

#include <caf/typed_actor.hpp>

/// Walks the way from the box to its server when a person asks, and says which step fails.
namespace troupe::box {

/// Begins a test unless one is under way. Fault "connection_test.no_server" (409).
struct start_connection_test {
  static constexpr bool local_message = true;
};
struct get_connection_test {
  static constexpr bool local_message = true;
};
struct connection_test_info {
  static constexpr bool local_message = true;
  connection_report report;
};

using connection_test_actor =
    caf::typed_actor<caf::replies_to<start_connection_test>::with<connection_test_info>,
                     caf::replies_to<get_connection_test>::with<connection_test_info>>;

struct connection_test_neighbours {
  event_hub_actor events;
  network_actor network;
  pairing_actor pairing;
  uplink_actor uplink;
};
/// Each step is told by a transient event "connection.test".
connection_test_actor spawn_connection_test(caf::actor_system& system, const services& shared,
                                            way_out way, connection_test_neighbours neighbours);

} // namespace troupe::box
