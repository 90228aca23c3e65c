#include "actors/box/homepage_documents.hpp"
#include "actors/box/homepage_process.hpp"
#include "actors/box/homepage_state.hpp"
#include "messages/time.hpp"
#include "transport/websocket_echo.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using transport::json_value;

struct state_in_words {
  device_state state = device_state::ready;
  std::string text;
};

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

/// The worst of the devices speaks for the box.
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

/// "http://192.168.1.20:8069"; IPv6 in brackets.
std::string url_of(const homepage_state& home, const std::string& address) {
  const bool ipv6 = address.find(':') != std::string::npos;
  return "http://" + (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(home.port);
}

/// What anybody may know.
json_value public_box(const homepage_state& home) {
  const auto state = state_of(home);
  return {{"name", home.identity.name},
          {"version", home.shared->version},
          {"state", name_of(state.state)},
          {"text", state.text},
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
  body["memory_bytes"] = read_process_facts().resident_bytes;
  body["origins_asking"] = home.origins.asking_origins().size();
  return body;
}

/// The parts of all supervisors, gathered as their answers come.
struct health_report {
  call_ptr request;
  std::vector<runtime::children_status> found;
  std::size_t missing = 0;

  void answer() const {
    json_value parts = json_value::array();
    for (const auto& supervisor : found)
      for (const auto& child : supervisor.children)
        parts.push_back({{"name", child.id},
                         {"state", name_of(child.phase)},
                         {"restarts", child.restarts},
                         {"reason", child.last_reason},
                         {"since", to_rfc3339(child.since)}});
    request->answer(transport::json_response(json_text({{"parts", std::move(parts)}})));
  }
};

std::string words_of(const runtime::limit_snapshot& limit) {
  const auto at_most = "At most " + std::to_string(limit.bound) + " " + limit.unit;
  switch (limit.policy) {
  case runtime::limit_policy::refuse:
    return at_most + "; one more is refused.";
  case runtime::limit_policy::coalesce:
    return at_most + "; more are taken together.";
  case runtime::limit_policy::drop_oldest:
    return at_most + "; one more pushes the oldest out.";
  }
  return at_most + ".";
}

} // namespace

void get_box(homepage_state& home, const call_ptr& request) {
  const bool signed_in = request->who().kind == caller_kind::person;
  request->answer(
      transport::json_response(json_text(signed_in ? whole_box(home) : public_box(home))));
}

void rename_this_box(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(*request);
  if (!body) return request->refuse(body.error());
  const auto wanted = text_member(*body, "name");
  if (!wanted) return request->refuse(wanted.error());
  if (!*wanted)
    return request->refuse(
        {"request.shape", "The body has no name.", "Send {\"name\": \"…\"}.", 422});
  home.ask(request, home.neighbours.identity, rename_box{**wanted},
           [&home, request](const identity_info& now) {
             home.identity = now;
             request->answer(transport::json_response(json_text(whole_box(home))));
           });
}

void get_version(homepage_state& home, const call_ptr& request) {
  request->answer(transport::json_response(
      json_text({{"program", "troupe-box"}, {"version", home.shared->version}})));
}

void get_alive(homepage_state&, const call_ptr& request) {
  request->answer(transport::json_response("{\"status\":\"ok\"}"));
}

void get_ready(homepage_state& home, const call_ptr& request) {
  json_value reasons = json_value::array();
  if (!home.settings_known) reasons.push_back("The ledger does not answer yet.");
  if (!home.devices_known) reasons.push_back("The devices are not known yet.");
  if (reasons.empty()) return request->answer(transport::json_response("{\"status\":\"ok\"}"));
  request->answer(transport::json_response(
      json_text({{"status", "starting"}, {"reasons", std::move(reasons)}}), 503));
}

void get_health(homepage_state& home, const call_ptr& request) {
  const auto supervisors = home.neighbours.supervisors();
  auto report = std::make_shared<health_report>();
  report->request = request;
  report->found.resize(supervisors.size());
  report->missing = supervisors.size();
  if (supervisors.empty()) return report->answer();
  for (std::size_t i = 0; i < supervisors.size(); ++i) {
    const auto arrived = [report] {
      if (--report->missing == 0) report->answer();
    };
    runtime::request_then(
        home.self, supervisors[i], neighbour_timeout, runtime::get_children{},
        [report, arrived, i](const runtime::children_status& children) {
          report->found[i] = children;
          arrived();
        },
        [report, arrived, i](const fault& problem) {
          // A supervisor that does not answer is itself what is ill.
          runtime::child_status silent;
          silent.id = "supervisor " + std::to_string(i + 1);
          silent.phase = runtime::child_phase::failed;
          silent.last_reason = problem.text;
          report->found[i].children.push_back(std::move(silent));
          arrived();
        });
  }
}

void get_limits(homepage_state& home, const call_ptr& request) {
  json_value list = json_value::array();
  for (const auto& each : home.shared->limits.snapshot())
    list.push_back({{"name", each.name},
                    {"text", words_of(each)},
                    {"unit", each.unit},
                    {"bound", each.bound},
                    {"fill", each.fill},
                    {"hits", each.hits},
                    {"policy", name_of(each.policy)}});
  request->answer(transport::json_response(json_text({{"limits", std::move(list)}})));
}

void get_metrics(homepage_state& home, const call_ptr& request) {
  transport::http_response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = home.shared->metrics.exposition() + home.shared->limits.exposition() +
                  server_exposition(home.front->counters()) +
                  process_exposition(read_process_facts());
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
