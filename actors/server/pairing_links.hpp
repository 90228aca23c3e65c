#pragma once

#include "actors/server/fleet_links.hpp"
#include "actors/server/pairing_desk.hpp"

/// What links tell the pairing desk, beside what owners ask it.
namespace troupe::server {

/// A box that proved its key waits for its owner.
struct wait_for_owner {
  static constexpr bool local_message = true;
  box_id box;
  std::string name;
  shared_bytes public_key;
  std::string instance;
  std::chrono::seconds valid_for{};
  caf::actor session; ///< takes the messages of `box_session_actor`
};
using pairing_links_actor =
    pairing_desk_actor::extend<caf::replies_to<wait_for_owner>::with<code_to_show>>;

pairing_links_actor spawn_pairing_desk(caf::actor_system& system, const services& shared,
                                       fleet_links_actor fleet, bus_actor bus);

} // namespace troupe::server
