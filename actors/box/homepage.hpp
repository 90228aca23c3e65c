#pragma once

#include "actors/box/blinker.hpp"
#include "actors/box/connection_test.hpp"
#include "actors/box/directory.hpp"
#include "actors/box/discovery.hpp"
#include "actors/box/event_hub.hpp"
#include "actors/box/identity.hpp"
#include "actors/box/kiosk.hpp"
#include "actors/box/ledger.hpp"
#include "actors/box/network.hpp"
#include "actors/box/origins.hpp"
#include "actors/box/pairing.hpp"
#include "actors/box/proxy.hpp"
#include "actors/box/services.hpp"
#include "actors/box/tracer.hpp"
#include "actors/box/uplink.hpp"
#include "actors/runtime/supervisor.hpp"
#include "security/signing_key.hpp"

#include <caf/typed_actor.hpp>

#include <functional>
#include <string>
#include <vector>

/// Everything the box says over HTTP and WebSocket: pages, the native interface, Odoo's and ePOS.
namespace troupe::box {

struct homepage_options {
  std::vector<std::string> listen_addresses{"::"}; ///< "::" takes IPv4 too
  std::uint16_t http_port = 8069;                  ///< 0: any free one
  std::vector<std::string> allowed_origins; ///< from configuration; cannot be refused by page
  std::vector<std::string> host_names;      ///< further names this box may be called by
  std::filesystem::path web_folder;         ///< empty: the embedded pages
  security::signing_key key;                ///< signs what the box says of itself
  bool adoption = false;       ///< a server of its network may take in a box that has none
  std::string screen_language; ///< of the status page; empty: the browser's
  bool test_echo = false;
  std::function<void()> restart;                ///< ends the program so that it is started anew
  std::function<void(std::uint16_t)> listening; ///< told the port once it answers
};
struct homepage_neighbours {
  box_id id;
  ledger_actor ledger;
  event_hub_actor events;
  directory_actor directory;
  identity_actor identity;
  network_actor network;
  tracer_actor tracer;
  pairing_actor pairing;
  uplink_actor uplink;
  discovery_actor discovery;
  blinker_actor blinker;
  /// All supervisors at the moment, for the health page.
  std::function<std::vector<runtime::supervisor_actor>()> supervisors;
  proxy_actor proxy{};
  connection_test_actor connection_test{};
  kiosk_actor kiosk{}; ///< may be none
};
struct get_http_port {
  static constexpr bool local_message = true;
};

/// What stands on the status page, as JSON.
struct get_status_text {
  static constexpr bool local_message = true;
};
struct status_text {
  static constexpr bool local_message = true;
  std::string json;
};

/// Answers the port it listens on. Ends with a fault when it cannot listen ("transport.listen").
using homepage_actor = origins_actor::extend<caf::replies_to<get_http_port>::with<std::uint16_t>,
                                             caf::replies_to<get_status_text>::with<status_text>>;

homepage_actor spawn_homepage(caf::actor_system& system, const services& shared,
                              homepage_options options, homepage_neighbours neighbours);

} // namespace troupe::box
