#pragma once

#include "actors/server/link_gate.hpp"

#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// One link of one box, from its challenge to its end.
namespace troupe::server {

/// A command for the box, on disk and marked as handed over; without a frame it must be fetched.
struct offer_command {
  static constexpr bool local_message = true;
  store::command_frame content;
};
/// Asks for a sign of life; the fleet gets `alive_told`.
struct ask_alive {
  static constexpr bool local_message = true;
};
struct end_link {
  static constexpr bool local_message = true;
  link_end reason = link_end::replaced;
};
/// The server ends: "come back in".
struct say_goodbye {
  static constexpr bool local_message = true;
  std::chrono::seconds come_back_in{};
};
/// The owner typed the code, and the box is in the fleet.
struct tell_paired {
  static constexpr bool local_message = true;
  std::string person;
};

using box_session_actor = caf::typed_actor<caf::reacts_to<offer_command>, caf::reacts_to<ask_alive>,
                                           caf::reacts_to<end_link>, caf::reacts_to<say_goodbye>,
                                           caf::reacts_to<tell_paired>>;

/// `open_link` for actors' tests, which want the handle.
box_session_actor spawn_box_session(const link_door_ptr& door, transport::websocket_ptr socket,
                                    std::string base_url);

} // namespace troupe::server
