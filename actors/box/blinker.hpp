#pragma once

#include "actors/box/directory.hpp"
#include "actors/box/event_hub.hpp"
#include "actors/box/identity.hpp"
#include "actors/box/services.hpp"

#include <caf/typed_actor.hpp>

#include <chrono>
#include <string>

/// Shows which of several boxes this one is: its pages flash, and its receipt printers print its
/// name.
namespace troupe::box {

/// Answered true when it was printed as well. Fault "blink.too_soon" (429).
struct blink {
  static constexpr bool local_message = true;
  std::string by; ///< who wants it, for the pages
};
using blinker_actor = caf::typed_actor<caf::replies_to<blink>::with<bool>>;

/// At most one in this time …
inline constexpr std::chrono::seconds blink_rest{2};
/// … and paper at most this often: it costs money, and a server in the network may ask before
/// anybody has let it in.
inline constexpr std::chrono::seconds blink_paper_rest{30};

blinker_actor spawn_blinker(caf::actor_system& system, event_hub_actor events,
                            identity_actor identity, directory_actor directory);

} // namespace troupe::box
