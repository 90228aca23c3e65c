#pragma once

#include "actors/box/pairing.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/watchers.hpp"

#include <caf/all.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the parts of the pairing actor share.
namespace troupe::box {

inline const runtime::logger pairing_log("box.pairing");

using pairing_self =
    pairing_actor::extend<caf::reacts_to<link_frame_arrived>, caf::reacts_to<link_ended>,
                          caf::reacts_to<devices_changed>, caf::reacts_to<identity_changed>,
                          caf::reacts_to<network_changed>, caf::reacts_to<proxy_changed>,
                          caf::reacts_to<runtime::tick>>;

struct state_of_pairing {
  state_of_pairing() = default; // no aggregate: CAF would hand the actor to its first member
  static inline const char* name = "pairing";

  pairing_self::stateful_pointer<state_of_pairing> self = nullptr;
  const services* shared = nullptr;
  link_options options;
  pairing_neighbours near;
  std::optional<pairing_core> core; ///< empty until the ledger answered
  server_note_ptr server;
  link_line line;
  runtime::timer wake{1};
  runtime::timer load_again{2};
  runtime::watcher_list watchers;
  std::vector<caf::typed_response_promise<pairing_info>> early; ///< before the ledger answered
  std::string published;
  std::string used_token; ///< id of the last one that led to a server, or was refused
  std::string why;        ///< the server gave this box up
  device_list_ptr devices = std::make_shared<const device_list>();
  std::map<device_id, action_id> slips; ///< of the present code; empty id: under way

  void load();
  void take_tokens(const std::string& kept, pairing_core::options& how);
  void keep_token(const std::string& text, const std::string& url);
  void end_token(const std::string& id);
  void put(std::string_view setting, std::string json);
  void loaded(const setting_list& list);
  void carry_out(pairing_core::effects effects);
  void say_hello(const pairing_core::send_hello& wanted);
  void keep(const pairing_core::keep_server& wanted);
  void print_slips();
  void print_slip(const device_id& device);
  void take_back_slips();
  void take_back_old_slips();
  server_note_ptr present_server() const;
  void tell_watchers();
  void publish();
  pairing_info info() const;
  auto now() const { return runtime::now(self); }
};
using pairing_pointer = pairing_self::stateful_pointer<state_of_pairing>;

// pairing.cpp
fault not_ready();
caf::result<pairing_info> set_url(pairing_pointer self, const std::string& typed);
// pairing_token.cpp
caf::result<pairing_info> use(pairing_pointer self, const std::string& text);
caf::result<pairing_info> offer(pairing_pointer self, const std::string& text);
caf::result<pairing_info> take_away(pairing_pointer self);

inline constexpr std::string_view note_setting = "link.server";
inline constexpr std::string_view url_setting = "link.url";
/// Identifier of the server that does not know yet that a person took the box from it.
inline constexpr std::string_view left_setting = "link.left";
/// The token that the box goes to its server with, as text; and the one that it used last, by id.
inline constexpr std::string_view token_setting = "link.token";
inline constexpr std::string_view used_token_setting = "link.used_token";

/// The note of the server as it is kept in the ledger; nothing when it cannot be read.
std::string note_json(const server_note& note);
server_note_ptr read_note(const std::string& json);

} // namespace troupe::box
