#pragma once

#include "actors/runtime/supervisor.hpp"
#include "actors/server/link_gate.hpp"
#include "actors/server/store.hpp"

#include <caf/actor.hpp>

#include <functional>
#include <string>

/// The whole server: its actors under one supervisor.
namespace troupe::server {

/// What serves HTTP is given all it stands on.
struct server_neighbours {
  server_identity identity;
  store_actor store;
  bus_actor bus;
  fleet_actor fleet;
  pairing_desk_actor desk;
  log_store_actor logs;
  link_gate_actor gate;
  link_door_ptr door; ///< for `open_link`
  runtime::supervisor_actor root;
};

struct server_options {
  store_options store;
  std::string name = "Troupe"; ///< of a new server; later what the store has
  /// Further children behind the core, in order: people, web. Called at each start of theirs.
  struct further_child {
    std::string id;
    std::function<caf::actor(caf::actor_system&, const server_neighbours&)> spawn;
    std::chrono::milliseconds grace{5000};
  };
  std::vector<further_child> further;
  /// Told when a part of the server could not be started or has ended.
  std::function<void(const runtime::child_changed&)> observer;
};

/// Spawns the server on the loop's system. The store is opened first, here: its fault is the
/// server's ("store.newer", "store.unreachable" …; "key.…" of the server's key). Ending the
/// supervisor ends the server in order. `shared` and the loop outlive it.
result<runtime::supervisor_actor> spawn_server(caf::actor_system& system, const services& shared,
                                               server_options options);

} // namespace troupe::server
