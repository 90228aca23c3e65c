#include "actors/box/homepage_documents.hpp"
#include "actors/box/homepage_state.hpp"
#include "actors/web/health.hpp"
#include "actors/web/process.hpp"
#include "messages/time.hpp"
#include "transport/websocket_echo.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using transport::json_value;

int severity(device_state state) {
  switch (state) {
  case device_state::ready:
    return 0;
  case device_state::unknown:
    return 1;
  case device_state::attention:
    return 2;
  case device_state::trouble:
    return 3;
  }
  return 1;
}

} // namespace

state_in_words state_of(const homepage_state& home) {
  if (!home.devices_known || !home.settings_known)
    return {device_state::attention, "The box is starting."};
  if (home.devices->empty()) return {device_state::ready, "No device yet."};
  const auto& worst = *std::max_element(
      home.devices->begin(), home.devices->end(), [](const auto& a, const auto& b) {
        return severity(a.status.state) < severity(b.status.state);
      });
  if (worst.status.state == device_state::ready)
    return {device_state::ready, home.devices->size() == 1 ? "1 device, ready."
                                                           : std::to_string(home.devices->size()) +
                                                                 " devices, all ready."};
  return {worst.status.state, worst.description.name + ": " + worst.status.text};
}

std::string url_of(const homepage_state& home, const std::string& address) {
  const bool ipv6 = address.find(':') != std::string::npos;
  return "http://" + (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(home.port);
}

namespace {

/// What anybody may know.
json_value public_box(const homepage_state& home) {
  const auto state = state_of(home);
  return {{"name", home.identity.name},
          {"version", home.shared->version},
          {"state", name_of(state.state)},
          {"text", state.text},
          {"blinks", home.blinked && runtime::now(home.self) - *home.blinked < blink_shown},
          {"signed_in", false}};
}

json_value whole_box(const homepage_state& home) {
  auto body = public_box(home);
  body["signed_in"] = true;
  body["identifier"] = home.neighbours.id.text;
  body["addresses"] = json_value::array();
  body["urls"] = json_value::array();
  body["urls"].push_back(url_of(home, home.network->primary_address));
  for (const auto& interface : home.network->interfaces) {
    if (interface.loopback) continue;
    for (const auto& address : interface.addresses) {
      body["addresses"].push_back({{"interface", interface.name},
                                   {"address", address.text},
                                   {"family", address.ipv6 ? "ipv6" : "ipv4"}});
      if (!address.link_local && address.text != home.network->primary_address)
        body["urls"].push_back(url_of(home, address.text));
    }
  }
  body["gateway"] = home.network->gateway;
  body["started"] = to_rfc3339(home.shared->started);
  body["uptime_s"] =
      std::chrono::duration_cast<std::chrono::seconds>(home.now() - home.shared->started).count();
  body["time"] = to_rfc3339(home.now());
  body["memory_bytes"] = web::read_process_facts().resident_bytes;
  body["origins_asking"] = home.origins.asking_origins().size();
  if (!home.screen.text.empty())
    body["screen"] = {{"state", name_of(home.screen.state)},
                      {"text", home.screen.text},
                      {"remedy", home.screen.remedy}};
  if (const auto network = judge_interfaces(*home.network); !network)
    body["network_problem"] = {{"text", network.error().text}, {"remedy", network.error().remedy}};
  return body;
}

} // namespace

void get_box(homepage_state& home, const call_ptr& request) {
  if (request->who().kind != caller_kind::person)
    return request->answer(transport::json_response(json_text(public_box(home))));
  home.ask(request, home.neighbours.discovery, get_discovery{},
           [&home, request](const discovery_info& info) {
             auto body = whole_box(home);
             body["announced"] = {{"by_configuration", info.announces},
                                  {"name", info.as.established ? info.as.name : ""},
                                  {"problem", info.as.problem},
                                  {"records", info.records}};
             request->answer(transport::json_response(json_text(body)));
           });
}

void rename_this_box(homepage_state& home, const call_ptr& request) {
  auto wanted = needed_text(request->request(), "name", "Send {\"name\": \"…\"}.");
  if (!wanted) return request->refuse(wanted.error());
  home.ask(request, home.neighbours.identity, rename_box{*std::move(wanted)},
           [&home, request](const identity_info& now) {
             home.identity = now;
             request->answer(transport::json_response(json_text(whole_box(home))));
           });
}

void post_box_restart(homepage_state& home, const call_ptr& request) {
  home.restart_soon.arm(home.self, restart_delay);
  request->answer(transport::json_response("{}", 202));
}

void get_version(homepage_state& home, const call_ptr& request) {
  request->answer(transport::json_response(
      json_text({{"program", "troupe-box"}, {"version", home.shared->version}})));
}

void get_alive(homepage_state&, const call_ptr& request) {
  request->answer(transport::json_response("{\"status\":\"ok\"}"));
}

void get_ready(homepage_state& home, const call_ptr& request) {
  std::vector<std::string> missing;
  if (!home.settings_known) missing.push_back("The ledger does not answer yet.");
  if (!home.devices_known) missing.push_back("The devices are not known yet.");
  web::gather_readiness(
      home.self, std::move(missing), home.neighbours.ledger, neighbour_timeout, check_ledger{},
      [request](transport::http_response answer) { request->answer(std::move(answer)); });
}

void get_health(homepage_state& home, const call_ptr& request) {
  web::gather_health(home.self, home.neighbours.supervisors(), neighbour_timeout,
                     [request](const json_value& report) {
                       request->answer(transport::json_response(json_text(report)));
                     });
}

void get_limits(homepage_state& home, const call_ptr& request) {
  request->answer(transport::json_response(json_text(web::limits_json(home.shared->limits))));
}

void get_metrics(homepage_state& home, const call_ptr& request) {
  transport::http_response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = home.shared->metrics.exposition() + home.shared->limits.exposition() +
                  web::server_exposition(home.front->counters()) +
                  web::process_exposition(web::read_process_facts());
  request->answer(std::move(response));
}

void get_openapi(homepage_state&, const call_ptr& request) {
  transport::http_response response;
  response.content_type = transport::mime_json;
  response.body = transport::http_body::of_static(openapi_document());
  request->answer(std::move(response));
}

void get_asyncapi(homepage_state&, const call_ptr& request) {
  transport::http_response response;
  response.content_type = transport::mime_json;
  response.body = transport::http_body::of_static(asyncapi_document());
  request->answer(std::move(response));
}

void open_test_echo(homepage_state&, const call_ptr& request) {
  transport::websocket_echo(request->release());
}

} // namespace troupe::box
