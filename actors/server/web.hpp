#pragma once

#include "actors/runtime/supervisor.hpp"
#include "actors/server/adopter.hpp"
#include "actors/server/announced_boxes.hpp"
#include "actors/server/box_finder.hpp"
#include "actors/server/bus.hpp"
#include "actors/server/fleet.hpp"
#include "actors/server/link_gate.hpp"
#include "actors/server/log_store.hpp"
#include "actors/server/pairing_desk.hpp"
#include "actors/server/people.hpp"
#include "actors/server/services.hpp"
#include "actors/server/store.hpp"
#include "actors/server/token_desk.hpp"

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Everything the server says over HTTP and WebSocket: pages, the native interface, and the door
/// for links of boxes.
namespace troupe::server {

struct web_options {
  std::vector<std::string> listen_addresses{"::"}; ///< "::" takes IPv4 too
  std::uint16_t http_port = 8080;                  ///< 0: any free one
  std::vector<std::string> host_names;             ///< further names this server may be called by
  std::string public_url;           ///< as boxes and browsers reach it; empty: as they did
  std::filesystem::path web_folder; ///< empty: the embedded pages
  std::size_t connections = 25'000; ///< links of boxes included
  std::size_t connections_per_address = 25'000; ///< many boxes may stand behind one address
  std::function<void(std::uint16_t)> listening; ///< told the port once it answers
};
struct web_neighbours {
  std::string server_id;
  std::string server_name; ///< until the store has another
  store_actor store;
  bus_actor bus;
  fleet_actor fleet;
  pairing_desk_actor pairing;
  log_store_actor logs;
  people_actor people;
  box_finder_actor finder;
  token_desk_actor tokens;
  announced_boxes_actor announced;
  adopter_actor adopter;
  link_door_ptr door;
  /// All supervisors at the moment, for the health page.
  std::function<std::vector<runtime::supervisor_actor>()> supervisors;
  security::signing_key key{}; ///< signs what the server says of itself
};
struct get_http_port {
  static constexpr bool local_message = true;
};

/// Answers the port it listens on. Ends with a fault when it cannot listen ("transport.listen").
using web_actor = caf::typed_actor<caf::replies_to<get_http_port>::with<std::uint16_t>>;

web_actor spawn_web(caf::actor_system& system, const services& shared, web_options options,
                    web_neighbours neighbours);

/// Pages that follow the events at a time.
inline constexpr std::size_t pages_bound = 2000;

} // namespace troupe::server
