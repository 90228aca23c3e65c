#include "actors/server/whole_server.hpp"

#include <caf/all.hpp>

#include <memory>
#include <utility>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

/// Boxes say goodbye first, then running requests end.
constexpr auto web_grace = 8s;

} // namespace

std::vector<server_options::further_child> people_and_web(const services& shared,
                                                          people_options people, web_options web) {
  // The web is started anew whenever people are (rest_for_one), so it never keeps an old handle.
  auto present = std::make_shared<people_actor>();
  server_options::further_child first;
  first.id = "people";
  first.spawn = [&shared, present, people](caf::actor_system& system,
                                           const server_neighbours& near) {
    *present = spawn_people(system, shared, near.store, people);
    return caf::actor_cast<caf::actor>(*present);
  };
  auto finder = std::make_shared<box_finder_actor>();
  server_options::further_child middle;
  middle.id = "box_finder";
  middle.spawn = [&shared, finder](caf::actor_system& system, const server_neighbours&) {
    *finder = spawn_box_finder(system, shared, {.ask = http_asker(shared.loop)});
    return caf::actor_cast<caf::actor>(*finder);
  };
  auto tokens = std::make_shared<token_desk_actor>();
  server_options::further_child desk;
  desk.id = "token_desk";
  desk.spawn = [tokens](caf::actor_system& system, const server_neighbours& near) {
    *tokens = spawn_token_desk(system, near.store, near.identity);
    return caf::actor_cast<caf::actor>(*tokens);
  };
  server_options::further_child second;
  second.id = "web";
  second.grace = web_grace;
  second.spawn = [&shared, present, finder, tokens, web](caf::actor_system& system,
                                                         const server_neighbours& near) {
    web_neighbours around{
        near.identity.id, near.identity.name, near.store,
        near.bus,         near.fleet,         near.desk,
        near.logs,        *present,           *finder,
        *tokens,          near.door,          [root = near.root] { return std::vector{root}; }};
    return caf::actor_cast<caf::actor>(spawn_web(system, shared, web, std::move(around)));
  };
  return {std::move(first), std::move(middle), std::move(desk), std::move(second)};
}

} // namespace troupe::server
