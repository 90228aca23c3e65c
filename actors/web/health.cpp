#include "actors/web/health.hpp"

#include "actors/web/request.hpp"
#include "messages/time.hpp"

namespace troupe::web {
namespace {

using transport::json_value;

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

json_value health_json(const std::vector<runtime::children_status>& found) {
  json_value parts = json_value::array();
  for (const auto& supervisor : found)
    for (const auto& child : supervisor.children)
      parts.push_back({{"name", child.id},
                       {"state", name_of(child.phase)},
                       {"restarts", child.restarts},
                       {"reason", child.last_reason},
                       {"since", to_rfc3339(child.since)}});
  return {{"parts", std::move(parts)}};
}

runtime::children_status silent_supervisor(std::size_t index, const fault& problem) {
  runtime::child_status silent;
  silent.id = "supervisor " + std::to_string(index + 1);
  silent.phase = runtime::child_phase::failed;
  silent.last_reason = problem.text;
  runtime::children_status out;
  out.children.push_back(std::move(silent));
  return out;
}

transport::http_response readiness(std::string_view status, std::vector<std::string> reasons) {
  json_value body{{"status", status}};
  if (reasons.empty()) return transport::json_response(json_text(body));
  body["reasons"] = std::move(reasons);
  return transport::json_response(json_text(body), 503);
}

json_value limits_json(const runtime::limits& limits) {
  json_value list = json_value::array();
  for (const auto& each : limits.snapshot())
    list.push_back({{"name", each.name},
                    {"text", words_of(each)},
                    {"unit", each.unit},
                    {"bound", each.bound},
                    {"fill", each.fill},
                    {"hits", each.hits},
                    {"policy", name_of(each.policy)}});
  return {{"limits", std::move(list)}};
}

} // namespace troupe::web
