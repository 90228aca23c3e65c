#pragma once

#include "actors/box/blinker.hpp"
#include "actors/box/homepage_listens.hpp"
#include "actors/box/network.hpp"
#include "actors/box/origins.hpp"
#include "actors/box/pairing.hpp"
#include "actors/box/proxy.hpp"
#include "actors/box/tracer.hpp"
#include "actors/box/uplink_core.hpp"

#include <caf/typed_actor.hpp>

#include <functional>
#include <optional>
#include <string>

/// The one link of a box to its server: what the box is, what happens on it, what it is asked to
/// do. docs/link.md says what goes over it.
namespace troupe::box {

struct link_info {
  static constexpr bool local_message = true;
  link_state state = link_state::unpaired;
  time_point since{};
  std::string code; ///< why it is refused or waits; empty: nothing to say
  std::string text;
  std::string remedy;
  server_note_ptr server;                    ///< null: none
  std::uint64_t buffered_events = 0;         ///< waiting to be forwarded
  std::uint64_t buffer_events = 0;           ///< kept for the server at most
  double buffer_hours = 0;                   ///< how long that lasts at the present rate
  connect_stage stage = connect_stage::none; ///< how far it came since the box has this server
  bool first_time = false;                   ///< the box was never linked to it before
  std::optional<time_point> completed;       ///< when it was done, in this run of the program
  std::size_t devices_told = 0;              ///< to the server
  std::optional<time_point> last_ack;
  std::optional<time_point> next_try_at;
  std::optional<time_point> server_now; ///< by the server's clock; empty: not known in this run
};
struct get_link {
  static constexpr bool local_message = true;
};

using uplink_actor =
    caf::typed_actor<caf::replies_to<get_link>::with<link_info>, caf::reacts_to<homepage_listens>>;

struct uplink_options {
  link_options link;
  std::function<void()> restart;            ///< of the program; empty: it cannot be restarted
  std::function<std::uint16_t()> http_port; ///< of the homepage, for the link on the server's page
  std::function<origins_actor()> origins{}; ///< who keeps them at the moment; empty: nobody
};
struct uplink_neighbours {
  box_id id;
  ledger_actor ledger;
  event_hub_actor events;
  identity_actor identity;
  network_actor network;
  directory_actor directory;
  pairing_actor pairing;
  blinker_actor blinker;
  tracer_actor tracer; ///< null: no traces go upward (simulated boxes)
  proxy_actor proxy{}; ///< may be none
};

/// Live values go out at most so often a device; the newest wins.
inline constexpr std::chrono::milliseconds live_period{50};
/// Log lines that wait for their trip to the server; beyond it the oldest go.
inline constexpr std::size_t upward_lines_bound = 200;
/// Traces that came with commands and are followed; beyond it the oldest is left.
inline constexpr std::size_t followed_traces_bound = 64;
/// Commands to the box itself whose end is remembered; beyond it the oldest are forgotten.
inline constexpr std::size_t remembered_commands_bound = 256;

uplink_actor spawn_uplink(caf::actor_system& system, const services& shared, uplink_options options,
                          uplink_neighbours neighbours);

} // namespace troupe::box
