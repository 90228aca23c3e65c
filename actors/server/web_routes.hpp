#pragma once

#include "actors/web/front.hpp"
#include "actors/web/routes.hpp"
#include "store/people.hpp"
#include "transport/http.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

/// Every route of the server in one table: who may use it, whether it changes anything, who handles
/// it. The tests walk the same table.
namespace troupe::server {

struct web_state;
class call;
using call_ptr = std::shared_ptr<call>;
using store::role;

/// What a caller needs to be.
enum class permission : std::uint8_t {
  open,
  viewer_or_loopback, ///< signed in, or a program on this machine
  viewer,
  operator_,
  owner
};
/// For metrics.
enum class route_class : std::uint8_t { probe, native, link, page };
std::span<const std::string_view> names_of_classes();

struct route {
  transport::http_method method;
  std::string_view pattern; ///< "/api/v1/boxes/{box}"
  permission needs;
  route_class group;
  std::uint64_t body_bytes;
  void (*handle)(web_state& web, const call_ptr& request);
  /// True: POST, PUT, PATCH or DELETE; needs a JSON body (DELETE may have none) and, by cookie, the
  /// CSRF token.
  bool changes() const { return method != transport::http_method::get; }
};
using route_match = web::route_match<route>;

std::span<const route> routes();
route_match find_route(transport::http_method method, std::string_view target);
/// The role that a permission asks for; nothing when it asks for none.
std::optional<role> role_for(permission needs);

// The handlers, by the file they stand in.

// web_server.cpp
void get_alive(web_state&, const call_ptr&);
void get_ready(web_state&, const call_ptr&);
void get_version(web_state&, const call_ptr&);
void get_metrics(web_state&, const call_ptr&);
void get_openapi(web_state&, const call_ptr&);
void get_asyncapi(web_state&, const call_ptr&);
void get_server(web_state&, const call_ptr&);
void get_announcement(web_state&, const call_ptr&);
void get_settings(web_state&, const call_ptr&);
void patch_settings(web_state&, const call_ptr&);
void get_limits(web_state&, const call_ptr&);
void get_health(web_state&, const call_ptr&);
void open_box_link(web_state&, const call_ptr&);

// web_session.cpp
void get_setup(web_state&, const call_ptr&);
void post_setup(web_state&, const call_ptr&);
void get_session(web_state&, const call_ptr&);
void post_session(web_state&, const call_ptr&);
void delete_session(web_state&, const call_ptr&);
void end_all_sessions(web_state&, const call_ptr&);
void put_password(web_state&, const call_ptr&);

// web_people.cpp
void get_people(web_state&, const call_ptr&);
void post_person(web_state&, const call_ptr&);
void patch_person(web_state&, const call_ptr&);
void delete_person(web_state&, const call_ptr&);
void get_tokens(web_state&, const call_ptr&);
void post_token(web_state&, const call_ptr&);
void delete_token(web_state&, const call_ptr&);
void get_audit(web_state&, const call_ptr&);

// web_connection_tokens.cpp
void get_connection_tokens_of(web_state&, const call_ptr&);
void post_connection_token(web_state&, const call_ptr&);
void delete_connection_token(web_state&, const call_ptr&);

// web_page_tokens.cpp
void post_homepage_token(web_state&, const call_ptr&);
void post_page_token(web_state&, const call_ptr&);

// web_boxes.cpp
void get_fleet(web_state&, const call_ptr&);
void get_one_box(web_state&, const call_ptr&);
void patch_box(web_state&, const call_ptr&);
void get_box_link(web_state&, const call_ptr&);
void delete_one_box(web_state&, const call_ptr&);
void post_copy(web_state&, const call_ptr&);
void get_devices(web_state&, const call_ptr&);
void get_device(web_state&, const call_ptr&);
void post_pairing(web_state&, const call_ptr&);

// web_points.cpp
void get_points(web_state&, const call_ptr&);
void post_point(web_state&, const call_ptr&);
void patch_point(web_state&, const call_ptr&);
void delete_point(web_state&, const call_ptr&);

// web_discovery.cpp
void get_discovery(web_state&, const call_ptr&);
void post_discovery(web_state&, const call_ptr&);
void delete_discovery(web_state&, const call_ptr&);
void post_discovery_seen(web_state&, const call_ptr&);
void post_discovery_blink(web_state&, const call_ptr&);
void post_discovery_adopt(web_state&, const call_ptr&);

// web_commands.cpp
void post_restart(web_state&, const call_ptr&);
void post_blink(web_state&, const call_ptr&);
void put_box_origin(web_state&, const call_ptr&);
void delete_box_origin(web_state&, const call_ptr&);
void post_device(web_state&, const call_ptr&);
void patch_device(web_state&, const call_ptr&);
void delete_device(web_state&, const call_ptr&);
void post_action(web_state&, const call_ptr&);
void get_one_command(web_state&, const call_ptr&);
void get_commands(web_state&, const call_ptr&);

// web_events.cpp
void get_events(web_state&, const call_ptr&);
// web_traces.cpp
void get_trace_report(web_state&, const call_ptr&);
void post_trace_span(web_state&, const call_ptr&);

} // namespace troupe::server
