#pragma once

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/page_events.hpp"
#include "actors/server/web.hpp"
#include "actors/server/web_call.hpp"
#include "actors/server/web_front.hpp"
#include "actors/web/announcement_gate.hpp"
#include "transport/json.hpp"

#include <caf/all.hpp>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// The web's own state, for the files that hold its handlers.
namespace troupe::server {

/// A request that has passed all checks, from the sockets to the actor.
struct call_arrived {
  static constexpr bool local_message = true;
  call_ptr request;
  trace_context trace;
};
struct web_stopped {
  static constexpr bool local_message = true;
};

using web_self = web_actor::extend<caf::reacts_to<call_arrived>, caf::reacts_to<access_changed>,
                                   caf::reacts_to<web_stopped>, caf::reacts_to<runtime::tick>>;

struct web_state {
  static inline const char* name = "web";

  web_self::stateful_pointer<web_state> self = nullptr;
  const services* shared = nullptr;
  web_options options;
  web_neighbours neighbours;

  std::shared_ptr<web::request_metrics> metrics;
  std::unique_ptr<web_front> front;
  std::uint16_t port = 0;
  std::vector<caf::typed_response_promise<std::uint16_t>> port_wanted;

  access_ptr access_now = std::make_shared<const access_book>();
  bool access_known = false;
  bool settings_known = false;
  std::string server_name;
  runtime::timer again{1};
  runtime::timer leaving{2}; ///< looks whether all boxes have gone
  unsigned looks_left = 0;
  std::shared_ptr<page_share> share = std::make_shared<page_share>();
  web::announcement_gate announcements{"server", 200};
  std::vector<caf::actor_addr> pages;               ///< open event pages
  std::unordered_map<std::string, time_point> seen; ///< by digest: when it was last noted

  // web.cpp
  void start();
  void load_settings();
  void watch_people();
  void listen();
  void access_is(access_ptr now_is);
  void dispatch(const call_ptr& request);
  void leave();
  void look_for_links();
  void note_seen_now(const grant& given);
  time_point now() const { return runtime::wall_now(self); }
  bool ready() const { return access_known && settings_known; }

  /// Asks a neighbour; a fault refuses the call.
  template <class Handle, class Message, class OnValue>
  void ask(const call_ptr& request, const Handle& whom, Message message, OnValue on_value) {
    runtime::request_then(self, whom, neighbour_timeout, std::move(message), std::move(on_value),
                          [request](const fault& problem) { request->refuse(problem); });
  }
  /// Notes a change in the audit, then answers.
  void audit(const call_ptr& request, std::string action, std::string target, std::string text,
             transport::http_response response);
};

void answer_json(const call_ptr& request, const transport::json_value& body,
                 std::uint16_t status = 200);
/// The body as a JSON object, or nothing when the call was refused.
std::optional<transport::json_value> body_of(const call_ptr& request);
/// How the sender reached this server.
std::string base_url(const web_state& web, const transport::http_request& request);
/// The text of a member; refuses the call and gives nothing when it is no text. `needed`: also when
/// it is not there.
bool read_text(const call_ptr& request, const transport::json_value& body, const char* member,
               std::optional<std::string>& out, bool needed = false);

} // namespace troupe::server
