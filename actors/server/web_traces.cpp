#include "actors/server/web_state.hpp"
#include "actors/web/trace_json.hpp"
#include "transport/utf8.hpp"

#include <string>
#include <utility>

/// Traces: read, and completed by what only the page itself knows.
namespace troupe::server {
namespace {

using transport::json_value;
using namespace std::chrono_literals;

constexpr std::size_t longest_span_name = 200;
constexpr std::chrono::microseconds longest_span = 1h;

/// The span that a page tells; nothing when the call was refused.
std::optional<span> read_span(const call_ptr& request, const trace_context& trace,
                              const json_value& body) {
  std::optional<std::string> id;
  std::optional<std::string> name;
  std::optional<std::string> start;
  if (!read_text(request, body, "span", id, true) ||
      !read_text(request, body, "name", name, true) ||
      !read_text(request, body, "start", start, true))
    return std::nullopt;
  const auto context = from_traceparent("00-" + trace_id_text(trace) + "-" + *id + "-01");
  const auto begun = from_rfc3339(*start);
  const auto shown = transport::read_name(*name, longest_span_name);
  const auto took = body.find("duration_us");
  const bool timed = took != body.end() && took->is_number_integer() && *took >= 0 &&
                     *took <= longest_span.count();
  if (context && begun && shown && timed) {
    span told;
    told.context = *context;
    told.name = std::string(*shown);
    told.place = "browser";
    told.start = *begun;
    told.duration = std::chrono::microseconds(took->get<std::int64_t>());
    return told;
  }
  request->refuse({"request.shape",
                   "A span has 16 hexadecimal digits, a name of 1 to 200 characters on one line, a "
                   "start as in RFC 3339 and a duration_us of at most an hour.",
                   "See /openapi.json.", 422});
  return std::nullopt;
}

} // namespace

void get_trace_report(web_state& web, const call_ptr& request) {
  const auto wanted = web::trace_named(request->parameter(0));
  if (!wanted) return request->refuse(wanted.error());
  web.ask(
      request, web.neighbours.logs, get_trace{*wanted},
      [request, wanted = *wanted](const trace_report& report) {
        auto body = json_value{{"trace", trace_id_text(wanted)},
                               {"spans", json_value::array()},
                               {"lines", json_value::array()}};
        for (const auto& each : report.spans)
          body["spans"].push_back({{"box", each.box.text}, {"span", web::span_json(each.content)}});
        for (const auto& each : report.lines)
          body["lines"].push_back(
              {{"box", each.box.text},
               {"line",
                {{"time", to_rfc3339(each.content.time)},
                 {"level", each.content.level},
                 {"logger", each.content.logger},
                 {"text", each.content.text},
                 {"trace", each.content.trace.valid() ? trace_id_text(each.content.trace)
                                                      : std::string()}}}});
        answer_json(request, body);
      });
}

void post_trace_span(web_state& web, const call_ptr& request) {
  const auto trace = web::trace_named(request->parameter(0));
  if (!trace) return request->refuse(trace.error());
  const auto body = body_of(request);
  if (!body) return;
  auto told = read_span(request, *trace, *body);
  if (!told) return;
  web.ask(request, web.neighbours.logs, keep_page_span{std::move(*told)},
          [request](bool) { request->answer(transport::no_content()); });
}

} // namespace troupe::server
