#pragma once

#include "actors/box/link_connection.hpp"
#include "actors/box/services.hpp"
#include "messages/identifiers.hpp"
#include "messages/result.hpp"
#include "security/signing_key.hpp"
#include "sim/device_time.hpp"
#include "sim/fleet/life.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// One shop: a whole box over simulated devices, and the people in it. The box is the real one;
/// only its ledger is in memory, and it serves no pages.
namespace troupe::sim {

struct shop_options {
  std::uint64_t number = 0; ///< of the fleet's shops, from 1
  box_id id;
  std::string name;
  std::string server; ///< "http://server:8080"
  security::signing_key key;
  box::link_opener open;
  device_time time;
  std::optional<life_options> life; ///< none: nothing happens there
  caf::actor fleet;                 ///< is told how the shop fares, see below
};

/// To the fleet: the box shows this code.
struct shop_shows_code {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
  std::string code;
};
/// To the fleet: the box asks for a code and gets none; why.
struct shop_has_no_code {
  static constexpr bool local_message = true;
  std::string text;
};
/// To the fleet: the box's link came up, or is down.
struct shop_linked {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
  bool linked = false;
  std::string code; ///< why it is down: "link.copied" …
};
/// To the fleet, now and then: what happened since the last time.
struct shop_counts {
  static constexpr bool local_message = true;
  std::uint64_t events = 0;
  std::uint64_t confirmed = 0; ///< receipts and weighings
  std::uint64_t refused = 0;   ///< not taken by the box, or failed
};

/// Ends with its box by an exit message. `shared` is the same for all shops of a program.
caf::actor spawn_shop(caf::actor_system& system, const box::services& shared, shop_options options);

} // namespace troupe::sim
