#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/services.hpp"
#include "transport/interfaces.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

/// The addresses of the box, kept up to date by the kernel's netlink messages: no polling.
namespace troupe::box {

using transport::network_address;
using transport::network_interface;

struct network_info {
  static constexpr bool local_message = true;
  std::vector<network_interface> interfaces;
  std::string gateway;         ///< of the default route, IPv4's first; empty: none
  std::string primary_address; ///< the one to show and to put into links; "127.0.0.1" without any
};
using network_info_ptr = std::shared_ptr<const network_info>;
/// As text, of all interfaces.
std::vector<std::string> all_addresses(const network_info& network);

/// The watcher gets `network_changed` at each change until it ends; answered by the present state.
struct watch_network {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct network_changed {
  static constexpr bool local_message = true;
  network_info_ptr network;
};

using network_actor = caf::typed_actor<caf::replies_to<watch_network>::with<network_info_ptr>>;

network_actor spawn_network(caf::actor_system& system, const services& shared,
                            event_hub_actor events);
/// Has no interface and never changes: for simulated boxes.
network_actor spawn_fixed_network(caf::actor_system& system);

} // namespace troupe::box
