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
  server_options::further_child second;
  second.id = "web";
  second.grace = web_grace;
  second.spawn = [&shared, present, finder, web](caf::actor_system& system,
                                                 const server_neighbours& near) {
    web_neighbours around{near.identity.id,
                          near.identity.name,
                          near.store,
                          near.bus,
                          near.fleet,
                          near.desk,
                          near.logs,
                          *present,
                          *finder,
                          near.door,
                          [root = near.root] { return std::vector{root}; }};
    return caf::actor_cast<caf::actor>(spawn_web(system, shared, web, std::move(around)));
  };
  return {std::move(first), std::move(middle), std::move(second)};
}

} // namespace troupe::server
