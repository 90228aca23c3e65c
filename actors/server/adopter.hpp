#pragma once

#include "actors/server/box_finder.hpp"
#include "actors/server/services.hpp"
#include "actors/server/token_desk.hpp"

#include <caf/typed_actor.hpp>

#include <functional>
#include <string>

/// Takes in boxes that were found in the network and have no server: gives them a connection token
/// that only they can use, and that ends soon.
namespace troupe::server {

/// Answered when the box took the token; it comes by itself then. Faults "adoption.paired",
/// "adoption.closed" (409), "adoption.unreachable" (502), and those of `make_connection_token`.
struct adopt_box {
  static constexpr bool local_message = true;
  found_box box;
  std::string server_url; ///< as the box reaches this server
  changer by;
};
/// Answered true when it was printed as well. Faults "adoption.closed", "blink.too_soon" (429),
/// "adoption.unreachable".
struct blink_found {
  static constexpr bool local_message = true;
  found_box box;
};
using adopter_actor = caf::typed_actor<caf::replies_to<adopt_box>::with<bool>,
                                       caf::replies_to<blink_found>::with<bool>>;

/// How long the box has to come with its token.
inline constexpr std::chrono::minutes adoption_life{10};

adopter_actor spawn_adopter(caf::actor_system& system, token_desk_actor tokens,
                            address_teller tell);

/// The address by which a box reaches this server: what the person's browser calls it, unless that
/// name means the machine itself and the box is another one; then this machine's address on the way
/// to the box.
std::string server_url_for(const std::string& browser_url, const std::string& box_url);

} // namespace troupe::server
