#pragma once

#include "actors/box/directory.hpp"
#include "actors/box/event_hub.hpp"
#include "actors/box/identity.hpp"
#include "actors/box/ledger.hpp"
#include "actors/box/link_connection.hpp"
#include "actors/box/network.hpp"
#include "actors/box/pairing_core.hpp"
#include "actors/box/proxy.hpp"
#include "actors/box/services.hpp"
#include "security/signing_key.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

/// To which server the box belongs; and while it belongs to none, the code with which an owner
/// connects it.
namespace troupe::box {

/// The server that has this box, as written down at pairing.
struct server_note {
  std::string pairing; ///< random, of this pairing: numbering of events begins anew with each
  std::string id;
  std::string name;
  shared_bytes key;   ///< public key, DER
  std::string url;    ///< where it was
  std::string person; ///< who connected the box
  time_point since{};
};
using server_note_ptr = std::shared_ptr<const server_note>; ///< null: the box has no server

/// A connection token that the box goes to its server with, as it may be shown.
struct shown_token {
  std::string id;
  std::string server_name;
  std::string url;
  time_point expires{};
};
struct pairing_info {
  static constexpr bool local_message = true;
  pairing_state state = pairing_state::off;
  std::string code; ///< empty: none counts at the moment
  time_point expires_at{};
  std::string connect_url;
  std::string url;         ///< of the server; empty: none is set
  bool configured = false; ///< by configuration: pages cannot change it
  server_note_ptr server;
  std::optional<shown_token> token; ///< until the box is connected, or its server refuses it
  fault token_problem;              ///< why the server refused the last one; empty code: it did not
  std::string text;
  std::string remedy;
  std::string why; ///< it has no server any more, when that was not this box's doing
};
struct get_pairing {
  static constexpr bool local_message = true;
};
/// Where to ask for a code, and where a server that moved is now. Faults "server.bad_url" (422),
/// "server.configured" (409). Answered when written down.
struct set_server_url {
  static constexpr bool local_message = true;
  std::string url;
};
/// A new code, valid for two hours. Faults "pairing.paired", "pairing.no_server" (409).
struct renew_code {
  static constexpr bool local_message = true;
};
/// A connection token as somebody pasted it, or what Odoo calls one (actors/box/server_token.hpp):
/// the box goes to that server with it, now or when there is a network. Answered when written down.
/// Faults "token.malformed", "token.forged" (422), "pairing.paired" (409); of an Odoo token also
/// "server.configured" (409).
struct use_token {
  static constexpr bool local_message = true;
  std::string text;
};
/// The text of a file on a stick. Not taken: one that this box used or has, and any by a box that
/// has a server; what is no token is shown as `token_problem`.
struct offer_token {
  static constexpr bool local_message = true;
  std::string text;
};
struct take_token_away {
  static constexpr bool local_message = true;
};
/// The box forgets its server and asks for a code. Answered when the note is erased. Without a
/// reason it is a person's wish, and the server is told.
struct forget_server {
  static constexpr bool local_message = true;
  std::string why; ///< the server's doing, in words
};
/// The watcher gets `server_changed` whenever the box gets or loses its server or that moves, until
/// it ends; answered by the present one.
struct watch_server {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct server_changed {
  static constexpr bool local_message = true;
  server_note_ptr server;
};

using pairing_actor = caf::typed_actor<caf::replies_to<get_pairing>::with<pairing_info>,
                                       caf::replies_to<set_server_url>::with<pairing_info>,
                                       caf::replies_to<renew_code>::with<pairing_info>,
                                       caf::replies_to<use_token>::with<pairing_info>,
                                       caf::replies_to<offer_token>::with<pairing_info>,
                                       caf::replies_to<take_token_away>::with<pairing_info>,
                                       caf::replies_to<forget_server>::with<pairing_info>,
                                       caf::replies_to<watch_server>::with<server_changed>>;

/// What pairing and uplink share, made once when the program starts.
struct link_options {
  security::signing_key key;
  link_opener open;
  std::string url;      ///< of the server, by configuration; empty: set by page, or none
  std::string token;    ///< given with the start: used once, unless the box has a server
  std::string instance; ///< random, of this run of the program
  std::chrono::steady_clock::time_point power_on{};
  bool print_codes = true; ///< on attached receipt printers
};

struct pairing_neighbours {
  box_id id;
  ledger_actor ledger;
  event_hub_actor events;
  identity_actor identity;
  directory_actor directory;
  network_actor network{}; ///< this and the next may be none
  proxy_actor proxy{};
};

pairing_actor spawn_pairing(caf::actor_system& system, const services& shared, link_options options,
                            pairing_neighbours neighbours);

} // namespace troupe::box
