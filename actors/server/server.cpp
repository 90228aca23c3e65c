#include "actors/server/server.hpp"

#include "messages/identifiers.hpp"
#include "store/fleet_schema.hpp"

#include <caf/all.hpp>

#include <optional>
#include <stdexcept>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

/// Long enough for the store's last commit on a slow disk.
constexpr auto stop_grace = 10s;

/// The present handles of the server's actors. Written by the supervisor's start functions, which
/// all run inside it; a restart of one restarts all that come after it (rest_for_one).
struct handles {
  server_neighbours near;
  fleet_links_actor fleet;
  pairing_links_actor desk;
  std::optional<store_actor> opened; ///< the store that `spawn_server` opened, for its first start
};

result<server_identity> load_identity(const services& shared, const server_options& options) {
  auto opened = store::open_sql(options.store.url);
  if (!opened) return opened.error();
  auto& connection = **opened;
  if (auto problem = store::migrate_fleet(connection, shared.version)) return *problem;
  auto id = store::read_fact(connection, "server_id");
  if (!id) return id.error();
  auto name = store::read_fact(connection, "server_name");
  if (!name) return name.error();
  if (id->empty()) {
    *id = random_hex(16);
    if (auto problem = store::write_fact(connection, "server_id", *id)) return *problem;
  }
  auto key = security::signing_key::load_or_make(shared.state_folder / "server-key.pem");
  if (!key) return key.error();
  return server_identity{*id, name->empty() ? options.name : *name, std::move(*key)};
}

template <class T>
T started(result<T> spawned) {
  if (!spawned) throw std::runtime_error(spawned.error().text + " " + spawned.error().remedy);
  return std::move(*spawned);
}

link_door_ptr make_door(caf::actor_system& system, const services& shared, const handles& all) {
  link_door door;
  door.system = &system;
  door.shared = &shared;
  door.server_id = all.near.identity.id;
  door.server_key = all.near.identity.key.public_key();
  door.gate = all.near.gate;
  door.bus = all.near.bus;
  door.fleet = all.fleet;
  door.desk = all.desk;
  door.logs = all.near.logs;
  return std::make_shared<const link_door>(std::move(door));
}

} // namespace

result<runtime::supervisor_actor> spawn_server(caf::actor_system& system, const services& shared,
                                               server_options options) {
  auto identity = load_identity(shared, options);
  if (!identity) return identity.error();
  auto opened = spawn_store(system, shared, options.store);
  if (!opened) return opened.error();
  auto all = std::make_shared<handles>(
      handles{{*identity, {}, {}, {}, {}, {}, {}, {}, {}}, {}, {}, std::move(*opened)});
  auto given = std::make_shared<server_options>(std::move(options));
  const auto child = [](std::string id, auto spawn, std::chrono::milliseconds grace = stop_grace) {
    return runtime::make_child(std::move(id), std::move(spawn), runtime::restart_kind::permanent,
                               grace);
  };
  runtime::supervisor_options tree;
  tree.name = "server";
  tree.strategy = runtime::supervision::rest_for_one;
  tree.observer = given->observer;
  tree.children = {
      child("store",
            [&shared, all, given](caf::actor_system& sys) {
              if (auto first = std::exchange(all->opened, std::nullopt))
                return all->near.store = std::move(*first);
              return all->near.store = started(spawn_store(sys, shared, given->store));
            }),
      child("bus",
            [&shared, all](caf::actor_system& sys) {
              return all->near.bus = spawn_bus(sys, shared, all->near.store);
            }),
      child("log_store",
            [&shared, all](caf::actor_system& sys) {
              return all->near.logs = spawn_log_store(sys, shared, all->near.store);
            }),
      child("fleet",
            [&shared, all](caf::actor_system& sys) {
              all->fleet = spawn_fleet(sys, shared, all->near.store, all->near.bus);
              all->near.fleet = all->fleet;
              return all->fleet;
            }),
      child("pairing_desk",
            [&shared, all](caf::actor_system& sys) {
              all->desk = spawn_pairing_desk(sys, shared, all->fleet, all->near.bus);
              all->near.desk = all->desk;
              return all->desk;
            }),
      child("link_gate",
            [&shared, all](caf::actor_system& sys) {
              all->near.gate = spawn_link_gate(sys, shared, all->near.identity);
              all->near.door = make_door(sys, shared, *all);
              return all->near.gate;
            }),
  };
  for (const auto& each : given->further)
    tree.children.push_back(child(
        each.id,
        [all, spawn = each.spawn](caf::actor_system& sys) { return spawn(sys, all->near); },
        each.grace));
  // The supervisor starts its children when it runs, which is after this.
  all->near.root = runtime::spawn_supervisor(system, std::move(tree));
  return all->near.root;
}

} // namespace troupe::server
