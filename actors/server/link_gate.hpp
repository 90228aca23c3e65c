#pragma once

#include "actors/server/log_store.hpp"
#include "actors/server/pairing_links.hpp"
#include "security/signing_key.hpp"
#include "transport/websocket.hpp"

#include <memory>
#include <string>

/// Where the links of boxes come in (docs/link.md).
namespace troupe::server {

/// What the server is to its boxes.
struct server_identity {
  std::string id;            ///< made once, kept in the database
  std::string name;          ///< as people call it
  security::signing_key key; ///< proves the server to its boxes
};

/// Checks the signature of a hello on a worker, and signs what the server would answer.
struct check_hello {
  static constexpr bool local_message = true;
  shared_bytes nonce; ///< of our challenge
  std::shared_ptr<const link::hello> content;
};
struct checked_hello {
  static constexpr bool local_message = true;
  bool genuine = false;
  shared_bytes proof; ///< for `welcome`; empty when a code was asked for
  std::string server_name;
};
/// Signs on a worker: "paired", "forget", "refuse" + code.
struct sign_proof {
  static constexpr bool local_message = true;
  std::string kind;
  box_id box;
  shared_bytes nonce; ///< of its hello
};
/// A link came; it is told to say goodbye when the server ends. Fault "link.busy" above the bound.
struct enter_link {
  static constexpr bool local_message = true;
  caf::actor session;
};
struct set_server_name {
  static constexpr bool local_message = true;
  std::string name;
};
struct count_links {
  static constexpr bool local_message = true;
};
/// The server is about to end: all links are told when to come back, and none is let in any more.
struct end_links {
  static constexpr bool local_message = true;
};
using link_gate_actor =
    caf::typed_actor<caf::replies_to<check_hello>::with<checked_hello>,
                     caf::replies_to<sign_proof>::with<shared_bytes>,
                     caf::replies_to<enter_link>::with<bool>, caf::reacts_to<set_server_name>,
                     caf::reacts_to<end_links>, caf::replies_to<count_links>::with<std::uint64_t>>;

/// Links at a time, those included that are not yet known or wait for their owner.
inline constexpr std::uint64_t links_bound = 100'000;
/// Hellos that wait for their signature to be checked.
inline constexpr std::uint64_t hellos_bound = 20'000;

link_gate_actor spawn_link_gate(caf::actor_system& system, const services& shared,
                                server_identity identity);

/// What all links share.
struct link_door {
  caf::actor_system* system = nullptr;
  const services* shared = nullptr;
  std::string server_id;
  shared_bytes server_key;
  link_gate_actor gate;
  bus_actor bus;
  fleet_links_actor fleet;
  pairing_links_actor desk;
  log_store_actor logs;
};
using link_door_ptr = std::shared_ptr<const link_door>;

/// For the route GET `link::path`: the subprotocol, no compression, the longest frame.
transport::websocket_options link_options();
/// Takes over a WebSocket whose handshake is done; at once, on the loop's thread. `base_url` is how
/// the box reached this server ("http://server:8080"), for the address in its code.
void open_link(const link_door_ptr& door, transport::websocket_ptr socket, std::string base_url);

} // namespace troupe::server
