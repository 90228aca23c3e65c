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
                                                          people_options people, web_options web,
                                                          discovery_settings discovery) {
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
  middle.spawn = [&shared, finder, ranges = discovery.ranges](caf::actor_system& system,
                                                              const server_neighbours&) {
    *finder = spawn_box_finder(system, shared, {.ask = http_asker(shared.loop), .ranges = ranges});
    return caf::actor_cast<caf::actor>(*finder);
  };
  auto announced = std::make_shared<announced_boxes_actor>();
  server_options::further_child listener;
  listener.id = "announced_boxes";
  listener.spawn = [&shared, announced, discovery](caf::actor_system& system,
                                                   const server_neighbours& near) {
    announced_options options{http_asker(shared.loop), discovery.listen, discovery.domains,
                              [](const std::string& domain) {
                                return transport::find_dns_services(
                                    std::string(announcement_service), domain);
                              }};
    *announced = spawn_announced_boxes(system, shared, std::move(options), near.bus);
    return caf::actor_cast<caf::actor>(*announced);
  };
  auto tokens = std::make_shared<token_desk_actor>();
  server_options::further_child desk;
  desk.id = "token_desk";
  desk.spawn = [tokens](caf::actor_system& system, const server_neighbours& near) {
    *tokens = spawn_token_desk(system, near.store, near.identity);
    return caf::actor_cast<caf::actor>(*tokens);
  };
  auto adopter = std::make_shared<adopter_actor>();
  server_options::further_child taker;
  taker.id = "adopter";
  taker.spawn = [&shared, tokens, adopter](caf::actor_system& system, const server_neighbours&) {
    *adopter = spawn_adopter(system, *tokens, http_teller(shared.loop));
    return caf::actor_cast<caf::actor>(*adopter);
  };
  server_options::further_child second;
  second.id = "web";
  second.grace = web_grace;
  second.spawn = [&shared, present, finder, announced, tokens, adopter,
                  web](caf::actor_system& system, const server_neighbours& near) {
    web_neighbours around{near.identity.id, near.identity.name,
                          near.store,       near.bus,
                          near.fleet,       near.desk,
                          near.logs,        *present,
                          *finder,          *tokens,
                          *announced,       *adopter,
                          near.door,        [root = near.root] { return std::vector{root}; },
                          near.identity.key};
    return caf::actor_cast<caf::actor>(spawn_web(system, shared, web, std::move(around)));
  };
  return {std::move(first), std::move(middle), std::move(listener),
          std::move(desk),  std::move(taker),  std::move(second)};
}

} // namespace troupe::server
