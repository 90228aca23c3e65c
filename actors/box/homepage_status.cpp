#include "actors/box/homepage_state.hpp"
#include "actors/box/session_streams.hpp"
#include "actors/box/way_words.hpp"
#include "messages/time.hpp"

#include <utility>

/// What an attached screen shows: for this machine itself, and for people who are signed in.
namespace troupe::box {
namespace {

using transport::json_value;

constexpr std::size_t most_problems = 4;
constexpr std::size_t most_addresses = 6;

json_value network_body(const homepage_state& home) {
  const auto judged = judge_interfaces(*home.network);
  json_value addresses = json_value::array();
  for (const auto& interface : home.network->interfaces)
    for (const auto& each : interface.addresses)
      if (!interface.loopback && interface.up && !each.link_local &&
          addresses.size() < most_addresses)
        addresses.push_back({{"interface", interface.name}, {"address", each.text}});
  json_value body{{"state", judged ? "ready" : "trouble"},
                  {"text", judged ? std::string() : judged.error().text},
                  {"remedy", judged ? std::string() : judged.error().remedy}};
  body["addresses"] = std::move(addresses);
  body["url"] = url_of(home, home.network->primary_address);
  return body;
}

json_value problems_body(const homepage_state& home) {
  json_value list = json_value::array();
  for (const auto& each : *home.devices) {
    if (each.status.state == device_state::ready || list.size() == most_problems) continue;
    list.push_back({{"name", each.description.name},
                    {"state", name_of(each.status.state)},
                    {"text", each.status.text},
                    {"remedy", each.status.remedy}});
  }
  return list;
}

json_value link_body(const link_info& link) {
  json_value body{{"state", name_of(link.state)},
                  {"code", link.code},
                  {"text", link.text},
                  {"remedy", link.remedy},
                  {"since", to_rfc3339(link.since)}};
  if (link.server) body["server"] = link.server->name;
  return body;
}

json_value status_body(const homepage_state& home, const pairing_info& pairing,
                       const link_info& link) {
  const auto state = state_of(home);
  json_value body{{"type", "status"},
                  {"name", home.identity.name},
                  {"identifier", home.neighbours.id.text},
                  {"version", home.shared->version},
                  {"time", to_rfc3339(home.now())},
                  {"language", home.options.screen_language},
                  {"state", name_of(state.state)},
                  {"text", state.text},
                  {"devices", home.devices->size()}};
  body["clock_never_set"] = clock_was_never_set(home.now());
  body["network"] = network_body(home);
  body["problems"] = problems_body(home);
  body["pairing"] = pairing_body(pairing, true);
  body["link"] = link_body(link);
  // Who sets the box up stands before its screen; later the screen may hang where customers see it.
  if (!pairing.server && !home.gate.code().empty()) body["setup_code"] = home.gate.code();
  return body;
}

} // namespace

void gather_status(homepage_state& home, std::function<void(std::string)> done,
                   std::function<void(const fault&)> failed) {
  runtime::request_then(
      home.self, home.neighbours.pairing, neighbour_timeout, get_pairing{},
      [&home, done = std::move(done), failed](const pairing_info& pairing) {
        runtime::request_then(
            home.self, home.neighbours.uplink, neighbour_timeout, get_link{},
            [&home, done, pairing](const link_info& link) {
              done(json_text(status_body(home, pairing, link)));
            },
            failed);
      },
      failed);
}

void get_screen_status(homepage_state& home, const call_ptr& request) {
  gather_status(
      home,
      [request](std::string json) { request->answer(transport::json_response(std::move(json))); },
      [request](const fault& problem) { request->refuse(problem); });
}

void open_status_stream(homepage_state& home, const call_ptr& request) {
  if (home.front->counters().websockets_open >= pages_bound)
    return request->refuse({"homepage.too_many_pages", "Too many pages are open.",
                            "Close pages that nobody looks at.", 503});
  status_page wanted{home.neighbours.events, homepage_actor(home.self)};
  request->upgrade(web::page_options(),
                   [&system = home.self->home_system(),
                    wanted = std::move(wanted)](transport::websocket_ptr page) {
                     spawn_session_status(system, std::move(page), wanted);
                   });
}

} // namespace troupe::box
