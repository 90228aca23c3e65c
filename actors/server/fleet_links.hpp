#pragma once

#include "actors/server/fleet.hpp"
#include "actors/server/link_meter.hpp"
#include "actors/server/link_types.hpp"
#include "messages/link.hpp"

#include <caf/typed_actor.hpp>

/// What links and the pairing desk tell the fleet, beside what everybody may ask it.
namespace troupe::server {

struct admit_box {
  static constexpr bool local_message = true;
  box_id box;
  shared_bytes public_key;
  std::string instance;
  caf::actor session; ///< takes the messages of `box_session_actor`
};
struct admitted_box {
  static constexpr bool local_message = true;
  admission verdict = admission::unknown;
};
/// Whether a box that asks for a code is in the fleet with this key; answered by who connected it,
/// empty when it is not.
struct who_connected {
  static constexpr bool local_message = true;
  box_id box;
  shared_bytes public_key;
};
/// A box that proved this key says that somebody disconnected it at its homepage. Answered when
/// that is on disk; a box that is not of this fleet has nothing to say.
struct farewell_told {
  static constexpr bool local_message = true;
  box_id box;
  shared_bytes public_key;
};
/// The same over the box's link; nobody waits for the answer.
struct link_left {
  static constexpr bool local_message = true;
  box_id box;
  caf::actor session;
};
/// What a box shows of its connection token; the statement is what it proves.
struct token_claim {
  std::string id;
  shared_bytes proof;
  shared_bytes statement;
};
/// The owner typed the box's code, or the box has a token. Answered when it is on disk; with a
/// token its use is counted there in the same step, once for each box. Faults "fleet.full" (503);
/// with a token also "token.wrong", "token.expired", "token.used_up", "token.revoked",
/// "token.box_known".
struct add_box {
  static constexpr bool local_message = true;
  box_id box;
  std::string name;
  shared_bytes public_key;
  std::string person;                                 ///< by code
  std::shared_ptr<const token_claim> token = nullptr; ///< then its maker is the person
};
/// The link is up: the box is online.
struct link_up {
  static constexpr bool local_message = true;
  box_id box;
  caf::actor session;
};
struct snapshot_told {
  static constexpr bool local_message = true;
  box_id box;
  caf::actor session;
  std::shared_ptr<const link::snapshot> content;
};
/// A batch of events is on disk; those about devices change what the fleet shows.
struct events_told {
  static constexpr bool local_message = true;
  box_id box;
  std::vector<event> about_devices;
  std::string last_type;
  time_point last_at{};
};
struct result_told {
  static constexpr bool local_message = true;
  box_id box;
  link::command_result content;
};
/// The answer to `ask_alive`.
struct alive_told {
  static constexpr bool local_message = true;
  box_id box;
  caf::actor session;
};
/// A box that wants its link was turned away before the fleet was asked.
struct link_refused {
  static constexpr bool local_message = true;
  box_id box;
  connect_problem why;
};
/// The box answered a question for its time.
struct link_measured {
  static constexpr bool local_message = true;
  box_id box;
  caf::actor session;
  link_sample sample;
};
/// Frames of the box's open commands behind a number; from now on a link carries them.
struct fetch_commands {
  static constexpr bool local_message = true;
  box_id box;
  std::uint64_t after = 0;
};
using fleet_links_actor = fleet_actor::extend<
    caf::replies_to<admit_box>::with<admitted_box>,
    caf::replies_to<who_connected>::with<std::string>, caf::replies_to<farewell_told>::with<bool>,
    caf::reacts_to<link_left>, caf::replies_to<add_box>::with<fleet_box_ptr>,
    caf::reacts_to<link_up>, caf::reacts_to<snapshot_told>, caf::reacts_to<events_told>,
    caf::reacts_to<result_told>, caf::reacts_to<alive_told>, caf::reacts_to<link_refused>,
    caf::reacts_to<link_measured>, caf::replies_to<fetch_commands>::with<command_frames_ptr>>;

/// Ended commands kept for the history.
inline constexpr std::uint64_t kept_commands = 200'000;
/// How long the older of two links has to answer.
inline constexpr std::chrono::seconds probe_timeout{5};
/// A command that a link may have carried, but that its box never answered: `unknown` so long after
/// its end.
inline constexpr std::chrono::hours answer_patience{24};

fleet_links_actor spawn_fleet(caf::actor_system& system, const services& shared, store_actor store,
                              bus_actor bus);

} // namespace troupe::server
