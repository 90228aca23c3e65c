#pragma once

#include "actors/web/front.hpp"
#include "actors/web/routes.hpp"
#include "transport/http.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Every route of the box in one table: who may use it, whether it changes anything, who handles
/// it. The tests walk the same table.
namespace troupe::box {

struct homepage_state;
class call;
using call_ptr = std::shared_ptr<call>;

/// What a caller needs to be (docs/rights.md).
enum class permission : std::uint8_t {
  open,
  sign_in,           ///< open, but to pages of other origins only with a page token
  page,              ///< a page with a token for the device, an allowed origin, or a person
  till,              ///< an allowed origin, or a person
  person,            ///< signed in
  neighbour,         ///< signed in, or a program of its own network while the box may be taken in
  person_or_loopback ///< signed in, or on this machine
};
/// How a refusal is said.
enum class answer_style : std::uint8_t {
  problem, ///< RFC 9457
  jsonrpc, ///< HTTP 200 with an error member
  epos     ///< a response element
};
/// For metrics and CORS.
enum class route_class : std::uint8_t { probe, native, odoo, epos, page };
std::span<const std::string_view> names_of_classes();

using web::document_body;
using web::small_body;
using web::text_of;

struct route {
  transport::http_method method;
  std::string_view pattern; ///< "/api/v1/devices/{id}"
  permission needs;
  /// True: needs POST, PUT, PATCH or DELETE with a JSON body (DELETE may have none).
  bool json_body;
  route_class group;
  answer_style style;
  std::uint64_t body_bytes;
  void (*handle)(homepage_state& home, const call_ptr& request);
};

std::span<const route> routes();
using route_match = web::route_match<route>;
/// `target` as it stands on the request line, since an encoded slash does not part a path.
route_match find_route(transport::http_method method, std::string_view target);

// The handlers, by the file they stand in.

// homepage_announcement.cpp
void get_announcement(homepage_state&, const call_ptr&);

// homepage_adoption.cpp
void post_blink(homepage_state&, const call_ptr&);
void post_adoption(homepage_state&, const call_ptr&);

// homepage_box.cpp
void get_box(homepage_state&, const call_ptr&);
void rename_this_box(homepage_state&, const call_ptr&);
void post_box_restart(homepage_state&, const call_ptr&);
void get_version(homepage_state&, const call_ptr&);
void get_alive(homepage_state&, const call_ptr&);
void get_ready(homepage_state&, const call_ptr&);
void get_health(homepage_state&, const call_ptr&);
void get_pairing_state(homepage_state& home, const call_ptr& request);
void delete_pairing(homepage_state& home, const call_ptr& request);
void post_pairing_code(homepage_state& home, const call_ptr& request);
void put_pairing_server(homepage_state& home, const call_ptr& request);
void post_pairing_token(homepage_state& home, const call_ptr& request);
void delete_pairing_token(homepage_state& home, const call_ptr& request);
void get_link_state(homepage_state& home, const call_ptr& request);
void get_limits(homepage_state&, const call_ptr&);
void get_metrics(homepage_state&, const call_ptr&);
void get_openapi(homepage_state&, const call_ptr&);
void get_asyncapi(homepage_state&, const call_ptr&);
void open_test_echo(homepage_state&, const call_ptr&);

// homepage_network.cpp
void get_proxy_setting(homepage_state&, const call_ptr&);
void put_proxy_setting(homepage_state&, const call_ptr&);
void get_connection_report(homepage_state&, const call_ptr&);
void post_connection_test(homepage_state&, const call_ptr&);

// homepage_status.cpp
void get_screen_status(homepage_state&, const call_ptr&);
void open_status_stream(homepage_state&, const call_ptr&);

// homepage_devices.cpp
void get_devices(homepage_state&, const call_ptr&);
void post_device(homepage_state&, const call_ptr&);
void get_device(homepage_state&, const call_ptr&);
void patch_device(homepage_state&, const call_ptr&);
void delete_device(homepage_state&, const call_ptr&);

// homepage_actions.cpp
void post_action(homepage_state&, const call_ptr&);
void get_actions(homepage_state&, const call_ptr&);
void get_one_action(homepage_state&, const call_ptr&);
void post_repeat(homepage_state&, const call_ptr&);
void post_confirm(homepage_state&, const call_ptr&);
void post_cancel(homepage_state&, const call_ptr&);

// homepage_rights.cpp
void get_rights(homepage_state&, const call_ptr&);
void get_origins(homepage_state&, const call_ptr&);
void put_origin(homepage_state&, const call_ptr&);
void delete_origin(homepage_state&, const call_ptr&);

// homepage_session.cpp
void post_session(homepage_state&, const call_ptr&);
void delete_session(homepage_state&, const call_ptr&);
void delete_other_sessions(homepage_state&, const call_ptr&);
void put_setup_code(homepage_state&, const call_ptr&);

// homepage_logs.cpp
void get_logs(homepage_state&, const call_ptr&);
void get_log_levels(homepage_state&, const call_ptr&);
void put_log_level(homepage_state&, const call_ptr&);
void get_trace_report(homepage_state&, const call_ptr&);
void open_log_stream(homepage_state&, const call_ptr&);

// homepage_events.cpp
void get_last_event(homepage_state&, const call_ptr&);
void open_event_stream(homepage_state&, const call_ptr&);

// homepage_odoo.cpp
void odoo_get_hello(homepage_state&, const call_ptr&);
void odoo_handshake(homepage_state&, const call_ptr&);
void odoo_status(homepage_state&, const call_ptr&);
void odoo_default_printer(homepage_state&, const call_ptr&);
void odoo_display(homepage_state&, const call_ptr&);
void odoo_scale_read(homepage_state&, const call_ptr&);
void odoo_post_action(homepage_state&, const call_ptr&);
void odoo_event_poll(homepage_state&, const call_ptr&);

// homepage_odoo_box.cpp
void odoo_get_ping(homepage_state&, const call_ptr&);
void odoo_get_data(homepage_state&, const call_ptr&);
void odoo_restart(homepage_state&, const call_ptr&);
void odoo_get_logs(homepage_state&, const call_ptr&);
void odoo_download_logs(homepage_state&, const call_ptr&);
void odoo_get_log_levels(homepage_state&, const call_ptr&);
void odoo_set_log_level(homepage_state&, const call_ptr&);
void odoo_connect_to_server(homepage_state&, const call_ptr&);
void odoo_clear_server(homepage_state&, const call_ptr&);

// homepage_epos.cpp
void epos_service(homepage_state&, const call_ptr&);

} // namespace troupe::box
