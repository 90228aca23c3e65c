#include "actors/web/trace_json.hpp"

#include "messages/time.hpp"

#include <string>

namespace troupe::web {

result<trace_context> trace_named(std::string_view digits) {
  const auto found = from_traceparent("00-" + std::string(digits) + "-0000000000000001-01");
  if (found) return *found;
  return fault{"trace.bad_identifier", "A trace is named by 32 hexadecimal digits.",
               "Take it from a traceparent header or an error.", 400};
}

transport::json_value span_json(const span& content) {
  trace_context parent = content.context;
  parent.span = content.parent;
  const bool has_parent = content.parent != decltype(content.parent){};
  return {{"name", content.name},
          {"place", content.place},
          {"span", span_id_text(content.context)},
          {"parent", has_parent ? span_id_text(parent) : ""},
          {"start", to_rfc3339(content.start)},
          {"duration_us", content.duration.count()},
          {"failed", content.failed},
          {"note", content.note}};
}

} // namespace troupe::web
