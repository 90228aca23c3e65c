#include "actors/box/homepage_state.hpp"
#include "actors/web/qr_rows.hpp"
#include "messages/time.hpp"

#include <utility>

namespace troupe::box {
namespace {

using transport::json_value;

/// The code belongs on the box's own page and to people who signed in, and to nobody's other page.
bool may_see_code(const call& request) {
  const auto& who = request.who();
  if (who.kind == caller_kind::person) return true;
  const auto site = request.request().headers.find("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  return who.origin.empty() || who.own_page;
}

} // namespace

json_value pairing_body(const pairing_info& info, bool with_code) {
  json_value body{{"state", name_of(info.state)}, {"text", info.text}, {"remedy", info.remedy}};
  if (!info.why.empty()) body["why"] = info.why;
  body["server"] = {{"url", info.url}, {"configured", info.configured}};
  if (info.server) {
    body["server"]["url"] = info.server->url;
    body["server"]["id"] = info.server->id;
    body["server"]["name"] = info.server->name;
    body["server"]["person"] = info.server->person;
    body["server"]["since"] = to_rfc3339(info.server->since);
  }
  if (info.token)
    body["token"] = {{"id", info.token->id},
                     {"server_name", info.token->server_name},
                     {"url", info.token->url},
                     {"expires", to_rfc3339(info.token->expires)}};
  if (const auto& problem = info.token_problem; !problem.code.empty())
    body["token_problem"] = {
        {"code", problem.code}, {"text", problem.text}, {"remedy", problem.remedy}};
  if (!info.code.empty() && with_code) {
    body["code"] = info.code;
    body["shown"] = shown_code(info.code);
    body["expires_at"] = to_rfc3339(info.expires_at);
    body["connect_url"] = info.connect_url;
    body["qr"] = web::qr_rows(info.connect_url);
  }
  return body;
}

namespace {

/// The answer of all these routes.
auto answer_with_pairing(homepage_state& home, const call_ptr& request) {
  return [&home, request](const pairing_info& info) {
    home.pairing_is(info);
    request->answer(
        transport::json_response(json_text(pairing_body(info, may_see_code(*request)))));
  };
}

} // namespace

void get_pairing_state(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.pairing, get_pairing{}, answer_with_pairing(home, request));
}

void delete_pairing(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.pairing, forget_server{}, answer_with_pairing(home, request));
}

void post_pairing_code(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.pairing, renew_code{}, answer_with_pairing(home, request));
}

void put_pairing_server(homepage_state& home, const call_ptr& request) {
  auto url = needed_text(request->request(), "url",
                         "Send {\"url\": \"http://server:8080\"}; \"\" takes it away.");
  if (!url) return request->refuse(url.error());
  home.ask(request, home.neighbours.pairing, set_server_url{*std::move(url)},
           answer_with_pairing(home, request));
}

void post_pairing_token(homepage_state& home, const call_ptr& request) {
  auto token = needed_text(request->request(), "token",
                           "Send {\"token\": \"…\"} with the token as the server shows it.");
  if (!token) return request->refuse(token.error());
  home.ask(request, home.neighbours.pairing, use_token{*std::move(token)},
           answer_with_pairing(home, request));
}

void delete_pairing_token(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.pairing, take_token_away{}, answer_with_pairing(home, request));
}

void get_link_state(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.uplink, get_link{}, [request](const link_info& info) {
    json_value body{{"state", name_of(info.state)},
                    {"since", to_rfc3339(info.since)},
                    {"code", info.code},
                    {"text", info.text},
                    {"remedy", info.remedy},
                    {"buffered_events", info.buffered_events},
                    {"buffer_events", info.buffer_events},
                    {"buffer_hours", info.buffer_hours},
                    {"stage", name_of(info.stage)},
                    {"first_time", info.first_time},
                    {"devices_told", info.devices_told}};
    if (info.completed) body["completed"] = to_rfc3339(*info.completed);
    if (info.server)
      body["server"] = {
          {"url", info.server->url}, {"id", info.server->id}, {"name", info.server->name}};
    if (info.last_ack) body["last_ack"] = to_rfc3339(*info.last_ack);
    if (info.next_try_at) body["next_try_at"] = to_rfc3339(*info.next_try_at);
    request->answer(transport::json_response(json_text(body)));
  });
}

} // namespace troupe::box
