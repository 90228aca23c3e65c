#include "actors/server/web_state.hpp"
#include "actors/web/page.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::uint64_t page_default = 100;
constexpr std::uint64_t page_most = 1000;
/// Beginnings of types a reader may name; more is a mistake.
constexpr std::size_t types_bound = 32;

event_filter read_filter(const transport::http_request& request) {
  event_filter filter;
  for (auto& [name, text] : transport::parse_query(request.query)) {
    if (text.empty()) continue;
    if (name == "box") filter.box = box_id(text);
    if (name == "device") filter.device = device_id(text);
    if (name == "type" && filter.types.size() < types_bound) filter.types.push_back(text);
  }
  return filter;
}

/// A number of the query that may be absent; false when the call was refused.
bool read_number(const call_ptr& request, const char* name, std::optional<std::uint64_t>& out) {
  if (!transport::query_value(request->request().query, name)) return true;
  const auto number = web::number_in_query(request->request(), name, 0);
  if (number) {
    out = *number;
    return true;
  }
  request->refuse(number.error());
  return false;
}

void open_stream(web_state& web, const call_ptr& request, event_page wanted) {
  const auto& http = request->request();
  // The browser sends the cookie along with any page's attempt; only our own pages may use it.
  if (request->who().by_cookie && !http.origin().empty() && !web::is_own_origin(http))
    return request->refuse({"session.foreign", "Pages of other sites may not listen here.",
                            "Use the server's own pages, or a key for programs.", 403});
  std::erase_if(web.pages, [](const auto& each) { return !caf::actor_cast<caf::actor>(each); });
  if (web.pages.size() >= pages_bound)
    return request->refuse({"server.too_many_pages", "Too many pages are open.",
                            "Close pages that nobody looks at.", 503});
  request->upgrade(
      web::page_options(), [&web, wanted = std::move(wanted)](transport::websocket_ptr page) {
        const auto session = spawn_event_page(web.self->home_system(), std::move(page), wanted);
        web.pages.push_back(session.address());
      });
}

void answer_history(web_state& web, const call_ptr& request, const event_filter& filter,
                    std::optional<std::uint64_t> after) {
  find_events wanted;
  if (!filter.box.empty()) wanted.box = filter.box;
  if (!filter.device.empty()) wanted.device = filter.device;
  if (filter.types.size() > 1)
    return request->refuse({"request.query", "The past is looked through by one type at a time.",
                            "Name one type, or listen by WebSocket.", 400});
  if (!filter.types.empty()) wanted.type_prefix = filter.types.front();
  wanted.after = after;
  const auto limit = web::number_in_query(request->request(), "limit", page_default);
  if (!limit) return request->refuse(limit.error());
  if (!read_number(request, "before", wanted.before)) return;
  wanted.limit = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*limit, 1, page_most));
  web.ask(request, web.neighbours.bus, wanted,
          [request, most = wanted.limit](const event_list_ptr& found) {
            auto list = join_events(*found, {}, 0);
            std::string next = "null";
            if (found->size() >= most) next = std::to_string(found->back()->content.sequence);
            request->answer(transport::json_response("{\"events\":" + (list.empty() ? "[]" : list) +
                                                     ",\"next\":" + next + "}"));
          });
}

} // namespace

void get_events(web_state& web, const call_ptr& request) {
  auto filter = read_filter(request->request());
  std::optional<std::uint64_t> after;
  if (!read_number(request, "after", after)) return;
  if (!request->request().headers.has_token("upgrade", "websocket"))
    return answer_history(web, request, filter, after);
  open_stream(
      web, request,
      {web.neighbours.bus, std::move(filter), after, request->who().granted->digest, web.share});
}

} // namespace troupe::server
