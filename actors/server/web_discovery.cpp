#include "actors/server/adopter.hpp"
#include "actors/server/announced_boxes.hpp"
#include "actors/server/web_state.hpp"
#include "messages/describe.hpp"

#include <utility>

/// Boxes that stand in the server's networks.
namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::size_t most_ranges = 64;

json_value found_json(const std::vector<found_box>& all) {
  auto found = json_value::array();
  for (const auto& each : all) {
    auto& entry = found.emplace_back(json_value{{"kind", std::string(name_of(each.kind))},
                                                {"url", each.url},
                                                {"way", std::string(name_of(each.way))},
                                                {"answers", each.answers}});
    if (each.kind == found_kind::odoo) continue;
    entry["id"] = each.said.id.text;
    entry["name"] = each.said.name;
    entry["version"] = each.said.version;
    entry["paired"] = each.said.paired;
    entry["tls"] = each.said.tls;
  }
  return found;
}

/// What announced itself, and what the search found.
std::vector<found_box> all_found(const search_progress& now, const announced_boxes& announced) {
  auto all = announced.found;
  for (const auto& each : now.found)
    merge_found(all, each);
  return all;
}

/// Everything that is found at the moment, then `go_on`.
void with_found(web_state& web, const call_ptr& request, const search_progress_ptr& now,
                std::function<void(std::vector<found_box>, const announced_boxes&)> go_on) {
  web.ask(request, web.neighbours.announced, get_announced{},
          [now, go_on = std::move(go_on)](const announced_boxes& announced) {
            go_on(all_found(*now, announced), announced);
          });
}

void answer_progress(web_state& web, const call_ptr& request, const search_progress_ptr& now,
                     std::uint16_t status) {
  with_found(web, request, now,
             [request, now, status](const std::vector<found_box>& found,
                                    const announced_boxes& announced) {
               json_value body{{"running", now->running},   {"ranges", now->ranges},
                               {"asked", now->asked},       {"total", now->total},
                               {"nonce", now->nonce},       {"listening", announced.listening},
                               {"found", found_json(found)}};
               if (const auto& problem = announced.problem; !problem.code.empty())
                 body["problem"] = {
                     {"code", problem.code}, {"text", problem.text}, {"remedy", problem.remedy}};
               answer_json(request, body, status);
             });
}

/// The box that stands at the address in the body; the call is refused when none was found there.
void with_box(web_state& web, const call_ptr& request,
              std::function<void(const found_box&)> go_on) {
  const auto body = body_of(request);
  std::optional<std::string> url;
  if (!body || !read_text(request, *body, "url", url, true)) return;
  web.ask(request, web.neighbours.finder, get_search{},
          [&web, request, url = *url, go_on = std::move(go_on)](const search_progress_ptr& now) {
            with_found(
                web, request, now,
                [request, url, go_on](const std::vector<found_box>& found, const announced_boxes&) {
                  for (const auto& each : found)
                    if (each.kind == found_kind::box && each.url == url) return go_on(each);
                  request->refuse({"discovery.unknown", "No box was found at this address.",
                                   "Search again; GET /api/v1/discovery lists what was "
                                   "found.",
                                   404});
                });
          });
}

/// What the body asks for; nothing when the call was refused.
std::optional<start_search> read_search(const call_ptr& request, const json_value& body) {
  start_search out;
  const auto ranges = body.value("ranges", json_value::array());
  const auto ports = body.value("ports", json_value::array());
  bool good = ranges.is_array() && ports.is_array() && ranges.size() <= most_ranges &&
              ports.size() <= sweep_ports;
  if (good) {
    for (const auto& each : ranges)
      if ((good = good && each.is_string())) out.ranges.push_back(each.get<std::string>());
    for (const auto& each : ports)
      if ((good = good && each.is_number_integer() && each > 0 && each <= 65'535))
        out.ports.push_back(each.get<std::uint16_t>());
  }
  if (good) return out;
  request->refuse({"request.shape",
                   "ranges is a list of texts, at most 64; ports is a list of numbers from 1 to "
                   "65535, at most four.",
                   "See /openapi.json.", 422});
  return std::nullopt;
}

} // namespace

void post_discovery(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  if (!body) return;
  auto wanted = read_search(request, *body);
  if (!wanted) return;
  web.ask(request, web.neighbours.finder, std::move(*wanted),
          [&web, request](const search_progress_ptr& now) {
            caf::anon_send(web.neighbours.announced, look_for_announced{});
            answer_progress(web, request, now, 202);
          });
}

void get_discovery(web_state& web, const call_ptr& request) {
  web.ask(
      request, web.neighbours.finder, get_search{},
      [&web, request](const search_progress_ptr& now) { answer_progress(web, request, now, 200); });
}

void delete_discovery(web_state& web, const call_ptr& request) {
  web.ask(
      request, web.neighbours.finder, stop_search{},
      [&web, request](const search_progress_ptr& now) { answer_progress(web, request, now, 200); });
}

void post_discovery_seen(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> url;
  if (!body || !read_text(request, *body, "url", url, true)) return;
  const auto said = body->find("announcement");
  if (said == body->end() || !said->is_object())
    return request->refuse({"request.shape", "announcement must be what the box answered.",
                            "See /openapi.json.", 422});
  web.ask(
      request, web.neighbours.finder, browser_saw{*url, web::json_text(*said)},
      [&web, request](const search_progress_ptr& now) { answer_progress(web, request, now, 200); });
}

void post_discovery_adopt(web_state& web, const call_ptr& request) {
  with_box(web, request, [&web, request](const found_box& box) {
    adopt_box wanted{box, server_url_for(base_url(web, request->request()), box.url),
                     request->by()};
    web.ask(request, web.neighbours.adopter, std::move(wanted),
            [request, id = box.said.id, name = box.said.name](bool) {
              answer_json(request, {{"box", id.text}, {"name", name}}, 202);
            });
  });
}

void post_discovery_blink(web_state& web, const call_ptr& request) {
  with_box(web, request, [&web, request](const found_box& box) {
    web.ask(request, web.neighbours.adopter, blink_found{box}, [request](bool printed) {
      answer_json(request, {{"printed", printed}}, 202);
    });
  });
}

} // namespace troupe::server
