#include "actors/server/web_documents.hpp"
#include "actors/server/web_state.hpp"
#include "actors/web/health.hpp"
#include "actors/web/process.hpp"
#include "messages/codec.hpp"
#include "messages/link.hpp"
#include "messages/server_announcement.hpp"
#include "security/announcement.hpp"
#include "store/fleet_schema.hpp"
#include "transport/names.hpp"
#include "transport/query.hpp"

#include <utility>

namespace troupe::server {
namespace {

using transport::json_value;

void answer_document(const call_ptr& request, std::string_view document) {
  transport::http_response response;
  response.content_type = transport::mime_json;
  response.body = transport::http_body::of_static(document);
  request->answer(std::move(response));
}

json_value settings_json(const web_state& web) {
  return {{"server_name", web.server_name}};
}

} // namespace

std::string base_url(const web_state& web, const transport::http_request& request) {
  if (!web.options.public_url.empty()) return web.options.public_url;
  return (request.secure ? "https://" : "http://") + std::string(request.host());
}

void get_alive(web_state&, const call_ptr& request) {
  request->answer(transport::json_response("{\"status\":\"ok\"}"));
}

void get_ready(web_state& web, const call_ptr& request) {
  std::vector<std::string> missing;
  if (!web.settings_known || !web.access_known)
    missing.push_back("The database does not answer yet.");
  web::gather_readiness(
      web.self, std::move(missing), web.neighbours.store, neighbour_timeout, check_store{},
      [request](transport::http_response answer) { request->answer(std::move(answer)); });
}

void get_version(web_state& web, const call_ptr& request) {
  answer_json(request, {{"program", "troupe-server"}, {"version", web.shared->version}});
}

void get_metrics(web_state& web, const call_ptr& request) {
  transport::http_response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = web.shared->metrics.exposition() + web.shared->limits.exposition() +
                  web::server_exposition(web.front->counters()) +
                  web::process_exposition(web::read_process_facts());
  request->answer(std::move(response));
}

void get_openapi(web_state&, const call_ptr& request) {
  answer_document(request, openapi_document());
}

void get_asyncapi(web_state&, const call_ptr& request) {
  answer_document(request, asyncapi_document());
}

void get_server(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_boxes{}, [&web, request](const box_list_ptr& boxes) {
    std::size_t online = 0;
    for (const auto& each : *boxes)
      online += each->online ? 1 : 0;
    const auto up =
        std::chrono::duration_cast<std::chrono::seconds>(web.now() - web.shared->started);
    answer_json(request, {{"id", web.neighbours.server_id},
                          {"name", web.server_name},
                          {"version", web.shared->version},
                          {"started", to_rfc3339(web.shared->started)},
                          {"uptime_s", up.count()},
                          {"time", to_rfc3339(web.now())},
                          {"memory_bytes", web::read_process_facts().resident_bytes},
                          {"boxes", boxes->size()},
                          {"online", online},
                          {"people", web.access_now->all().people.size()}});
  });
}

/// A box asks only when it cannot link, or when a person tests its connection.
void get_announcement(web_state& web, const call_ptr& request) {
  auto nonce = web.announcements.nonce_of(request->request(), runtime::now(web.self));
  if (!nonce) return request->refuse(nonce.error());
  server_announcement told;
  told.id = web.neighbours.server_id;
  told.name = web.server_name;
  told.version = web.shared->version;
  told.time = web.now();
  told.nonce = std::move(*nonce);
  security::sign(told, web.neighbours.key);
  auto response = transport::json_response(to_json(told));
  response.header("Cache-Control", "no-store");
  request->answer(std::move(response));
}

void get_settings(web_state& web, const call_ptr& request) {
  answer_json(request, settings_json(web));
}

void patch_settings(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> wanted;
  if (!body || !read_text(request, *body, "server_name", wanted)) return;
  if (!wanted) return answer_json(request, settings_json(web));
  auto name = transport::checked_name(*wanted, "settings.bad_name");
  if (!name) return request->refuse(name.error());
  run_in_store(
      web.self, web.neighbours.store,
      [name = *name](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_fact(connection, "server_name", name)) return *problem;
        return true;
      },
      [&web, request, name = *name](bool) {
        web.server_name = name;
        if (web.neighbours.door) caf::anon_send(web.neighbours.door->gate, set_server_name{name});
        web.audit(request, "settings.changed", name, "The server is now called " + name + ".",
                  transport::json_response(web::json_text(settings_json(web))));
      },
      [request](const fault& problem) { request->refuse(problem); });
}

void get_limits(web_state& web, const call_ptr& request) {
  answer_json(request, web::limits_json(web.shared->limits));
}

void get_health(web_state& web, const call_ptr& request) {
  web::gather_health(web.self, web.neighbours.supervisors(), neighbour_timeout,
                     [request](const json_value& report) { answer_json(request, report); });
}

void open_box_link(web_state& web, const call_ptr& request) {
  if (!web.neighbours.door)
    return request->refuse(
        {"link.busy", "This server takes no boxes at the moment.", "Come back later.", 503});
  // Pages have no business here: a box shows no origin.
  if (!request->request().origin().empty())
    return request->refuse({"link.page", "Only boxes link here.", "Follow /api/v1/events.", 403});
  request->upgrade(link_options(),
                   [door = web.neighbours.door,
                    url = base_url(web, request->request())](transport::websocket_ptr socket) {
                     open_link(door, std::move(socket), url);
                   });
}

} // namespace troupe::server
