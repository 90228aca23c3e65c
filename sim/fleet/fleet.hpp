#pragma once

#include "actors/box/link_connection.hpp"
#include "actors/box/services.hpp"
#include "messages/result.hpp"
#include "sim/device_time.hpp"
#include "sim/fleet/life.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Many shops in one program, which pair themselves.
namespace troupe::sim {

/// Types a code on the server, as an owner would; tells how that went, later.
using code_typist = std::function<void(const std::string& code, std::function<void(result<bool>)>)>;

struct fleet_report {
  std::uint64_t boxes = 0;     ///< started
  std::uint64_t linked = 0;    ///< now
  std::uint64_t refused = 0;   ///< of those not linked: by the server
  std::uint64_t paired = 0;    ///< codes that the server took
  std::uint64_t events = 0;    ///< that the boxes made
  std::uint64_t confirmed = 0; ///< receipts printed
  std::uint64_t failed = 0;    ///< receipts that were not
  std::string no_code;         ///< why boxes get no code, in words; empty when some do
  std::string problem;         ///< the last code that was not taken, in words
};

struct fleet_options {
  std::uint64_t boxes = 1;
  std::uint64_t seed = 1;
  std::uint64_t starts_per_second = 500;
  std::string server;
  std::string name = "Shop"; ///< "Shop 00042"
  std::optional<life_options> life;
  box::link_opener open;
  device_time time;
  code_typist type_code;
  std::size_t codes_at_once = 16;
  std::chrono::milliseconds report_every{1'000};
  std::function<void(const fleet_report&)> report; ///< when something changed
};

/// What a shop's box is called by machines: the same for the same seed and number.
box_id shop_id(std::uint64_t seed, std::uint64_t number);

/// Ends with all its shops by an exit message.
caf::actor spawn_fleet(caf::actor_system& system, const box::services& shared,
                       fleet_options options);

} // namespace troupe::sim
