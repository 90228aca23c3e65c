#include "actors/server/web_state.hpp"
#include "messages/describe.hpp"

#include <utility>

/// Boxes that stand in the server's networks.
namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::size_t most_ranges = 64;

void answer_progress(const call_ptr& request, const search_progress& now, std::uint16_t status) {
  auto found = json_value::array();
  for (const auto& each : now.found) {
    auto& entry = found.emplace_back(
        json_value{{"kind", std::string(name_of(each.kind))}, {"url", each.url}});
    if (each.kind == found_kind::odoo) continue;
    entry["id"] = each.said.id.text;
    entry["name"] = each.said.name;
    entry["version"] = each.said.version;
    entry["paired"] = each.said.paired;
    entry["tls"] = each.said.tls;
  }
  answer_json(request,
              {{"running", now.running},
               {"ranges", now.ranges},
               {"asked", now.asked},
               {"total", now.total},
               {"found", std::move(found)}},
              status);
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
          [request](const search_progress_ptr& now) { answer_progress(request, *now, 202); });
}

void get_discovery(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.finder, get_search{},
          [request](const search_progress_ptr& now) { answer_progress(request, *now, 200); });
}

void delete_discovery(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.finder, stop_search{},
          [request](const search_progress_ptr& now) { answer_progress(request, *now, 200); });
}

} // namespace troupe::server
