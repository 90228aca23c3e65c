#pragma once

#include "actors/server/link_gate.hpp"
#include "actors/server/people.hpp"
#include "store/connection_tokens.hpp"

#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

/// Connection tokens as owners make them: with one, boxes come into the fleet without a code.
namespace troupe::server {

using connection_token_ptr = std::shared_ptr<const store::connection_token_row>;

/// Answered when it is on disk. Faults "token.bad_note", "token.bad_boxes", "token.bad_end",
/// "token.bad_url" (422), "token.too_many" (409).
struct make_connection_token {
  static constexpr bool local_message = true;
  std::string note;
  std::uint32_t boxes = 1;
  time_point expires{};
  std::string url;     ///< where boxes reach this server
  std::string box_key; ///< fingerprint of the only box that may come with it; empty: any may
  changer by;
};
struct made_connection_token {
  static constexpr bool local_message = true;
  connection_token_ptr row;
  std::string text; ///< exists only here
};
struct get_connection_tokens {
  static constexpr bool local_message = true;
};
/// Newest first.
struct connection_tokens {
  static constexpr bool local_message = true;
  std::vector<store::connection_token_row> all;
};
/// From now on no further box comes with it. Fault "token.unknown" (404).
struct revoke_connection_token {
  static constexpr bool local_message = true;
  std::string id;
  changer by;
};
/// A token that one box takes once: from a page of `origin`, for some actions on some devices; or,
/// without an origin, to open its homepage signed in. Faults "page_token.bad_origin",
/// "page_token.bad_scope", "page_token.bad_life" (422).
struct make_page_token {
  static constexpr bool local_message = true;
  box_id box;
  std::string box_name;
  std::string origin;
  std::vector<std::string> actions;
  std::vector<std::string> devices; ///< identifiers; "*" is each
  std::chrono::seconds life{};
  changer by;
};
struct made_page_token {
  static constexpr bool local_message = true;
  std::string text;
  time_point expires{};
};
using token_desk_actor =
    caf::typed_actor<caf::replies_to<make_connection_token>::with<made_connection_token>,
                     caf::replies_to<make_page_token>::with<made_page_token>,
                     caf::replies_to<get_connection_tokens>::with<connection_tokens>,
                     caf::replies_to<revoke_connection_token>::with<connection_token_ptr>>;

/// A token ends after this at the latest.
inline constexpr std::chrono::hours longest_token_life{24 * 366};
/// Long enough for a browser to open the page.
inline constexpr std::chrono::seconds homepage_token_life{60};

token_desk_actor spawn_token_desk(caf::actor_system& system, store_actor store,
                                  server_identity identity);

} // namespace troupe::server
