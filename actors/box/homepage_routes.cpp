#include "actors/box/homepage_routes.hpp"

#include "messages/announcement.hpp"

#include <array>

namespace troupe::box {
namespace {

using transport::http_method;
using p = permission;

constexpr route native(http_method method, std::string_view pattern, permission needs,
                       void (*handle)(homepage_state&, const call_ptr&),
                       std::uint64_t body = small_body) {
  const bool changes = method != http_method::get;
  return {method, pattern, needs, changes, route_class::native, answer_style::problem,
          body,   handle};
}
/// A probe that anybody may read, from any origin.
constexpr route probe(http_method method, std::string_view pattern,
                      void (*handle)(homepage_state&, const call_ptr&)) {
  return {method,     pattern, p::open, false, route_class::probe, answer_style::problem,
          small_body, handle};
}
/// JSON-RPC of Odoo.
constexpr route rpc(std::string_view pattern, permission needs,
                    void (*handle)(homepage_state&, const call_ptr&),
                    std::uint64_t body = small_body) {
  return {http_method::post,     pattern, needs, true, route_class::odoo,
          answer_style::jsonrpc, body,    handle};
}
/// Odoo's plain routes that answer JSON.
constexpr route plain(http_method method, std::string_view pattern, permission needs,
                      void (*handle)(homepage_state&, const call_ptr&), bool json_body = false) {
  return {method,     pattern, needs, json_body, route_class::odoo, answer_style::problem,
          small_body, handle};
}

constexpr auto get = http_method::get;
constexpr auto post = http_method::post;
constexpr auto put = http_method::put;
constexpr auto patch = http_method::patch;
constexpr auto delete_ = http_method::delete_;

constexpr std::array table{
    probe(get, "/healthz", get_alive),
    probe(get, "/readyz", get_ready),
    probe(get, "/version", get_version),
    native(get, "/openapi.json", p::open, get_openapi),
    native(get, "/asyncapi.json", p::open, get_asyncapi),
    native(get, "/metrics", p::person_or_loopback, get_metrics),

    native(post, "/api/v1/session", p::sign_in, post_session),
    native(delete_, "/api/v1/session", p::person, delete_session),
    native(delete_, "/api/v1/session/others", p::person, delete_other_sessions),
    native(put, "/api/v1/setup-code", p::person, put_setup_code),
    native(get, "/api/v1/rights", p::person, get_rights),
    probe(get, announcement::path, get_announcement),
    native(get, "/api/v1/box", p::open, get_box),
    native(patch, "/api/v1/box", p::person, rename_this_box),
    native(post, "/api/v1/box/restart", p::person, post_box_restart),
    native(post, "/api/v1/blink", p::neighbour, post_blink),
    native(get, "/api/v1/devices", p::page, get_devices),
    native(post, "/api/v1/devices", p::person, post_device),
    native(get, "/api/v1/devices/{id}", p::page, get_device),
    native(patch, "/api/v1/devices/{id}", p::person, patch_device),
    native(delete_, "/api/v1/devices/{id}", p::person, delete_device),
    native(post, "/api/v1/devices/{id}/actions", p::page, post_action, document_body),
    native(get, "/api/v1/actions", p::person, get_actions),
    native(get, "/api/v1/actions/{id}", p::page, get_one_action),
    native(post, "/api/v1/actions/{id}/repeat", p::person, post_repeat),
    native(post, "/api/v1/actions/{id}/confirm", p::person, post_confirm),
    native(post, "/api/v1/actions/{id}/cancel", p::person, post_cancel),
    native(get, "/api/v1/events", p::page, open_event_stream),
    native(get, "/api/v1/events/last", p::page, get_last_event),
    native(get, "/api/v1/origins", p::person, get_origins),
    native(put, "/api/v1/origins/{origin}", p::person, put_origin),
    native(delete_, "/api/v1/origins/{origin}", p::person, delete_origin),
    native(get, "/api/v1/pairing", p::open, get_pairing_state),
    native(delete_, "/api/v1/pairing", p::person, delete_pairing),
    native(post, "/api/v1/pairing/code", p::person, post_pairing_code),
    native(put, "/api/v1/pairing/server", p::person, put_pairing_server),
    native(post, "/api/v1/pairing/adoption", p::neighbour, post_adoption),
    native(post, "/api/v1/pairing/token", p::person, post_pairing_token),
    native(delete_, "/api/v1/pairing/token", p::person, delete_pairing_token),
    native(get, "/api/v1/link", p::person, get_link_state),
    native(get, "/api/v1/network/proxy", p::person, get_proxy_setting),
    native(put, "/api/v1/network/proxy", p::person, put_proxy_setting),
    native(get, "/api/v1/connection-test", p::person, get_connection_report),
    native(post, "/api/v1/connection-test", p::person, post_connection_test),
    native(get, "/api/v1/status", p::person_or_loopback, get_screen_status),
    native(get, "/api/v1/status/live", p::person_or_loopback, open_status_stream),
    native(get, "/api/v1/limits", p::person, get_limits),
    native(get, "/api/v1/health", p::person, get_health),
    native(get, "/api/v1/logs", p::person, get_logs),
    native(get, "/api/v1/logs/live", p::person, open_log_stream),
    native(get, "/api/v1/logs/levels", p::person, get_log_levels),
    native(put, "/api/v1/logs/levels/{logger}", p::person, put_log_level),
    native(get, "/api/v1/traces/{trace}", p::person, get_trace_report),
    native(get, "/test/echo", p::open, open_test_echo),

    probe(get, "/hw_proxy/hello", odoo_get_hello),
    probe(post, "/hw_proxy/hello", odoo_get_hello),
    rpc("/hw_proxy/handshake", p::till, odoo_handshake),
    rpc("/hw_proxy/status_json", p::till, odoo_status),
    rpc("/hw_proxy/default_printer_action", p::till, odoo_default_printer, document_body),
    rpc("/hw_proxy/customer_facing_display", p::till, odoo_display),
    rpc("/hw_proxy/scale_read", p::till, odoo_scale_read),

    probe(get, "/iot_drivers/ping", odoo_get_ping),
    probe(post, "/iot_drivers/ping", odoo_get_ping),
    probe(get, "/iot_drivers/data", odoo_get_data),
    probe(post, "/iot_drivers/data", odoo_get_data),
    rpc("/iot_drivers/action", p::till, odoo_post_action, document_body),
    rpc("/iot_drivers/event", p::till, odoo_event_poll),
    plain(post, "/iot_drivers/restart_odoo_service", p::person, odoo_restart, true),
    plain(get, "/iot_drivers/iot_logs", p::person, odoo_get_logs),
    plain(get, "/iot_drivers/download_logs", p::person, odoo_download_logs),
    plain(get, "/iot_drivers/log_levels", p::person, odoo_get_log_levels),
    rpc("/iot_drivers/log_levels_update", p::person, odoo_set_log_level),
    rpc("/iot_drivers/connect_to_server", p::person, odoo_connect_to_server),
    plain(post, "/iot_drivers/server_clear", p::person, odoo_clear_server, true),

    // Odoo up to 18.3 calls them so, and 19.1 and later both ways.
    probe(get, "/hw_drivers/ping", odoo_get_ping),
    probe(post, "/hw_drivers/ping", odoo_get_ping),
    probe(get, "/hw_drivers/data", odoo_get_data),
    probe(post, "/hw_drivers/data", odoo_get_data),
    rpc("/hw_drivers/action", p::till, odoo_post_action, document_body),
    rpc("/hw_drivers/event", p::till, odoo_event_poll),
    plain(post, "/hw_drivers/restart_odoo_service", p::person, odoo_restart, true),
    plain(get, "/hw_drivers/iot_logs", p::person, odoo_get_logs),
    plain(get, "/hw_drivers/download_logs", p::person, odoo_download_logs),
    plain(get, "/hw_drivers/log_levels", p::person, odoo_get_log_levels),
    rpc("/hw_drivers/log_levels_update", p::person, odoo_set_log_level),
    rpc("/hw_drivers/connect_to_server", p::person, odoo_connect_to_server),
    plain(post, "/hw_drivers/server_clear", p::person, odoo_clear_server, true),

    // No JSON is asked for: browsers may send XML as text/plain without a preflight. The origin is
    // checked all the same, and a cookie counts only from the box's own pages.
    route{post, "/cgi-bin/epos/service.cgi", p::till, false, route_class::epos, answer_style::epos,
          document_body, epos_service},
};

} // namespace

std::span<const route> routes() {
  return table;
}

std::span<const std::string_view> names_of_classes() {
  static constexpr std::string_view names[] = {"probe", "native", "odoo", "epos", "page"};
  return names;
}

route_match find_route(http_method method, std::string_view target) {
  return web::find_in(routes(), method, target);
}

} // namespace troupe::box
