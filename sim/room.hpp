#pragma once

#include "messages/result.hpp"
#include "sim/printer_actor.hpp"
#include "sim/scale_actor.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::sim {

/// Printers in one room.
constexpr std::size_t room_printers_limit = 8;
/// Scales in one room.
constexpr std::size_t room_scales_limit = 4;

struct room_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8090;        ///< 0: any free one
  std::vector<std::string> hosts{}; ///< further names under which browsers reach it
  std::string pages{}; ///< directory to serve instead of the embedded pages, for work on them
  std::map<std::string, printer_actor> printers{};
  std::map<std::string, scale_actor> scales{};
};

/// Asks for the port on which the room listens.
struct get_room_port {
  static constexpr bool local_message = true;
};

/// The paper room: pages, interface (docs/paper-room.md) and live events of some simulated
/// printers.
using room_actor = caf::typed_actor<caf::replies_to<get_room_port>::with<std::uint16_t>>;

/// Listens and spawns the actor. Fault: "transport.listen". Ending the actor ends the server.
result<room_actor> spawn_room(caf::actor_system& system, boost::asio::io_context& context,
                              room_options options);

} // namespace troupe::sim
