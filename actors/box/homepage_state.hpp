#pragma once

#include "actors/box/homepage.hpp"
#include "actors/box/homepage_call.hpp"
#include "actors/box/homepage_front.hpp"
#include "actors/box/homepage_polls.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/web/announcement_gate.hpp"
#include "security/page_token.hpp"
#include "transport/json.hpp"

#include <caf/all.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The homepage's own state, for the files that hold its handlers.
namespace troupe::box {

/// A request that has passed all checks, from the sockets to the actor.
struct call_arrived {
  static constexpr bool local_message = true;
  call_ptr request;
  trace_context trace;
};
struct server_stopped {
  static constexpr bool local_message = true;
};

using homepage_self =
    homepage_actor::extend<caf::reacts_to<call_arrived>, caf::reacts_to<event_arrived>,
                           caf::reacts_to<devices_changed>, caf::reacts_to<network_changed>,
                           caf::reacts_to<poll_ended>, caf::reacts_to<server_stopped>,
                           caf::reacts_to<runtime::tick>>;

struct homepage_state {
  static inline const char* name = "homepage";
  /// Tabs of Odoo 19.1 and later that are remembered as such.
  static constexpr std::size_t newer_tabs_bound = 1024;

  homepage_self::stateful_pointer<homepage_state> self = nullptr;
  const services* shared = nullptr;
  homepage_options options;
  homepage_neighbours neighbours;

  origin_book origins;
  session_book sessions;
  page_session_book pages;
  security::used_page_tokens used_tokens;
  runtime::limit* used_tokens_limit = nullptr;
  runtime::limit* pages_limit = nullptr;
  setup_code_gate gate;
  std::shared_ptr<web::request_metrics> metrics;
  std::unique_ptr<homepage_front> front;
  std::uint16_t port = 0;
  std::vector<caf::typed_response_promise<std::uint16_t>> port_wanted;

  device_list_ptr devices = std::make_shared<const device_list>();
  std::map<device_id, device_kind> kinds; ///< also of what is being removed
  network_info_ptr network = std::make_shared<const network_info>();
  identity_info identity;
  pairing_info pairing;
  bool pairing_known = false;
  runtime::actor_time taken_in_until{}; ///< until then a server of the network may take the box in
  kiosk_info screen;
  std::optional<runtime::actor_time> blinked; ///< when it was last told to show itself
  runtime::actor_time started{};
  bool settings_known = false;
  bool devices_known = false;
  unsigned awaited = 0; ///< answers to come before it listens
  runtime::timer settings_again{1};
  runtime::timer restart_soon{2};

  /// One asks once for each box it finds; more in a second is no search.
  web::announcement_gate announcements{"box", 50};

  odoo_polls polls;
  std::deque<session_id> newer_tabs;

  // homepage.cpp
  void start();
  void load_settings();
  void watch_neighbours();
  void refresh_pairing();
  void pairing_is(const pairing_info& now_is);
  bool may_be_taken_in() const;
  void refresh_screen();
  void ready_to_listen();
  void listen();
  void network_is(network_info_ptr now);
  void publish(std::string type, value data) const;
  /// Writes the owner's decisions or the sessions down, then goes on.
  void keep(std::string setting, const value& content, std::function<void()> kept,
            std::function<void(const fault&)> not_kept);
  const device_snapshot* find_device(std::string_view id) const;
  time_point now() const { return runtime::wall_now(self); }

  /// Asks a neighbour; a fault refuses the call.
  template <class Handle, class Message, class OnValue>
  void ask(const call_ptr& request, const Handle& whom, Message message, OnValue on_value) {
    runtime::request_then(self, whom, neighbour_timeout, std::move(message), std::move(on_value),
                          [request](const fault& problem) { request->refuse(problem); });
  }
};

using web::json_body;
using web::json_text;
using web::needed_text;
using web::number_in_query;
using web::text_member;
fault unknown_device(std::string_view id);

/// Where the ledger keeps who may come.
inline constexpr const char* origins_setting = "rights.origins";
inline constexpr const char* sessions_setting = "rights.sessions";
/// How long the door of the homepage shows that the box was told to show itself.
inline constexpr std::chrono::seconds blink_shown{10};

// homepage_box.cpp
struct state_in_words {
  device_state state = device_state::ready;
  std::string text;
};
/// The worst of the devices speaks for the box.
state_in_words state_of(const homepage_state& home);
/// "http://192.168.1.20:8069"; IPv6 in brackets.
std::string url_of(const homepage_state& home, const std::string& address);
// homepage_pairing.cpp
transport::json_value pairing_body(const pairing_info& info, bool with_code);
// homepage_rights.cpp
origin_standings standings_of(const origin_book& origins);
/// `done` when the decision is on disk.
void change_origin(homepage_state& home, const decide_origin& wanted, std::function<void()> done,
                   std::function<void(const fault&)> failed);
// homepage_status.cpp
void gather_status(homepage_state& home, std::function<void(std::string)> done,
                   std::function<void(const fault&)> failed);

} // namespace troupe::box
