#include "actors/server/web_routes.hpp"

#include "messages/link.hpp"
#include "messages/server_announcement.hpp"

#include <array>

namespace troupe::server {
namespace {

using transport::http_method;
using p = permission;
using handler = void (*)(web_state&, const call_ptr&);

constexpr route native(http_method method, std::string_view pattern, permission needs,
                       handler handle, std::uint64_t body = web::small_body) {
  return {method, pattern, needs, route_class::native, body, handle};
}
constexpr route probe(std::string_view pattern, handler handle) {
  return {http_method::get, pattern, p::open, route_class::probe, web::small_body, handle};
}

constexpr auto get = http_method::get;
constexpr auto post = http_method::post;
constexpr auto put = http_method::put;
constexpr auto patch = http_method::patch;
constexpr auto delete_ = http_method::delete_;

constexpr std::array table{
    probe("/healthz", get_alive),
    probe("/readyz", get_ready),
    probe("/version", get_version),
    probe(server_announcement::path, get_announcement),
    native(get, "/openapi.json", p::open, get_openapi),
    native(get, "/asyncapi.json", p::open, get_asyncapi),
    native(get, "/metrics", p::viewer_or_loopback, get_metrics),
    route{get, link::path, p::open, route_class::link, web::small_body, open_box_link},

    native(get, "/api/v1/setup", p::open, get_setup),
    native(post, "/api/v1/setup", p::open, post_setup),
    native(get, "/api/v1/session", p::open, get_session),
    native(post, "/api/v1/session", p::open, post_session),
    native(delete_, "/api/v1/session", p::viewer, delete_session),
    native(post, "/api/v1/session/end-all", p::viewer, end_all_sessions),
    native(put, "/api/v1/session/password", p::viewer, put_password),

    native(get, "/api/v1/people", p::owner, get_people),
    native(post, "/api/v1/people", p::owner, post_person),
    native(patch, "/api/v1/people/{person}", p::owner, patch_person),
    native(delete_, "/api/v1/people/{person}", p::owner, delete_person),
    native(get, "/api/v1/tokens", p::owner, get_tokens),
    native(post, "/api/v1/tokens", p::owner, post_token),
    native(delete_, "/api/v1/tokens/{token}", p::owner, delete_token),
    native(get, "/api/v1/connection-tokens", p::owner, get_connection_tokens_of),
    native(post, "/api/v1/connection-tokens", p::owner, post_connection_token),
    native(delete_, "/api/v1/connection-tokens/{token}", p::owner, delete_connection_token),
    native(get, "/api/v1/audit", p::owner, get_audit),

    native(get, "/api/v1/boxes", p::viewer, get_fleet),
    native(get, "/api/v1/boxes/{box}", p::viewer, get_one_box),
    native(patch, "/api/v1/boxes/{box}", p::operator_, patch_box),
    native(delete_, "/api/v1/boxes/{box}", p::owner, delete_one_box),
    native(post, "/api/v1/boxes/{box}/restart", p::operator_, post_restart),
    native(post, "/api/v1/boxes/{box}/blink", p::operator_, post_blink),
    native(post, "/api/v1/boxes/{box}/copy", p::owner, post_copy),
    native(get, "/api/v1/boxes/{box}/link", p::viewer, get_box_link),
    native(post, "/api/v1/boxes/{box}/homepage-token", p::owner, post_homepage_token),
    native(post, "/api/v1/boxes/{box}/page-token", p::operator_, post_page_token),
    native(put, "/api/v1/boxes/{box}/origins/{origin}", p::owner, put_box_origin),
    native(delete_, "/api/v1/boxes/{box}/origins/{origin}", p::owner, delete_box_origin),
    native(get, "/api/v1/boxes/{box}/commands", p::viewer, get_commands),
    native(get, "/api/v1/boxes/{box}/devices", p::viewer, get_devices),
    native(post, "/api/v1/boxes/{box}/devices", p::operator_, post_device),
    native(get, "/api/v1/boxes/{box}/devices/{device}", p::viewer, get_device),
    native(patch, "/api/v1/boxes/{box}/devices/{device}", p::operator_, patch_device),
    native(delete_, "/api/v1/boxes/{box}/devices/{device}", p::operator_, delete_device),
    native(post, "/api/v1/boxes/{box}/devices/{device}/actions", p::operator_, post_action,
           web::document_body),
    native(get, "/api/v1/commands/{command}", p::viewer, get_one_command),
    native(post, "/api/v1/pairing", p::operator_, post_pairing),
    native(get, "/api/v1/discovery", p::operator_, get_discovery),
    native(post, "/api/v1/discovery", p::operator_, post_discovery),
    native(delete_, "/api/v1/discovery", p::operator_, delete_discovery),
    native(post, "/api/v1/discovery/seen", p::operator_, post_discovery_seen),
    native(post, "/api/v1/discovery/blink", p::operator_, post_discovery_blink),
    native(post, "/api/v1/discovery/adopt", p::operator_, post_discovery_adopt),

    native(get, "/api/v1/points-of-sale", p::viewer, get_points),
    native(post, "/api/v1/points-of-sale", p::owner, post_point),
    native(patch, "/api/v1/points-of-sale/{point}", p::owner, patch_point),
    native(delete_, "/api/v1/points-of-sale/{point}", p::owner, delete_point),

    native(get, "/api/v1/events", p::viewer, get_events),
    native(get, "/api/v1/traces/{trace}", p::viewer, get_trace_report),
    native(post, "/api/v1/traces/{trace}/spans", p::operator_, post_trace_span),
    native(get, "/api/v1/server", p::viewer, get_server),
    native(get, "/api/v1/settings", p::viewer, get_settings),
    native(patch, "/api/v1/settings", p::owner, patch_settings),
    native(get, "/api/v1/limits", p::viewer, get_limits),
    native(get, "/api/v1/health", p::viewer, get_health),
};

} // namespace

std::span<const std::string_view> names_of_classes() {
  static constexpr std::string_view names[] = {"probe", "native", "link", "page"};
  return names;
}

std::span<const route> routes() {
  return table;
}

route_match find_route(http_method method, std::string_view target) {
  return web::find_in(routes(), method, target);
}

std::optional<role> role_for(permission needs) {
  switch (needs) {
  case permission::open:
    return std::nullopt;
  case permission::viewer_or_loopback:
  case permission::viewer:
    return role::viewer;
  case permission::operator_:
    return role::operator_;
  case permission::owner:
    return role::owner;
  }
  return role::owner;
}

} // namespace troupe::server
