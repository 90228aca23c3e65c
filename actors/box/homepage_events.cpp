#include "actors/box/homepage_state.hpp"
#include "actors/box/session_streams.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

/// Devices a page may name; more is a mistake.
constexpr std::size_t devices_bound = 64;

/// Leaves the devices that the page may see; false when it asks for another.
bool narrow_to(const security::page_token& page, std::vector<device_id>& wanted) {
  if (page_sees(page, "*")) return true;
  if (wanted.empty())
    for (const auto& each : page.devices)
      wanted.emplace_back(each);
  return std::ranges::all_of(wanted,
                             [&](const device_id& each) { return page_sees(page, each.text); });
}

} // namespace

void get_last_event(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.events, get_last_sequence{}, [request](std::uint64_t last) {
    request->answer(transport::json_response("{\"sequence\":" + std::to_string(last) + "}"));
  });
}

void open_event_stream(homepage_state& home, const call_ptr& request) {
  const auto& who = request->who();
  event_page wanted{home.neighbours.id, home.neighbours.events, std::nullopt, {}, std::nullopt};
  for (const auto& [parameter, text] : transport::parse_query(request->request().query))
    if (parameter == "device" && !text.empty() && wanted.devices.size() < devices_bound)
      wanted.devices.emplace_back(text);
  if (who.kind == caller_kind::page) {
    wanted.ends = home.pages.end_of(who.token);
    if (!narrow_to(*who.page, wanted.devices))
      return request->refuse({"rights.not_covered", "The page's token does not cover this device.",
                              "Ask the server for a token with it.", 403});
  }
  if (transport::query_value(request->request().query, "after")) {
    const auto after = number_in_query(request->request(), "after", 0);
    if (!after) return request->refuse(after.error());
    wanted.after = *after;
  }
  if (home.front->counters().websockets_open >= pages_bound)
    return request->refuse({"homepage.too_many_pages", "Too many pages are open.",
                            "Close pages that nobody looks at.", 503});
  auto options = web::page_options();
  options.subprotocols = {std::string(msgpack_subprotocol), std::string(json_subprotocol)};
  request->upgrade(std::move(options), [&system = home.self->home_system(),
                                        wanted = std::move(wanted)](transport::websocket_ptr page) {
    spawn_session_events(system, std::move(page), wanted);
  });
}

} // namespace troupe::box
