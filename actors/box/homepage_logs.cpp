#include "actors/box/homepage_state.hpp"
#include "actors/box/session_streams.hpp"
#include "actors/web/trace_json.hpp"
#include "messages/codec.hpp"
#include "messages/time.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

constexpr std::uint64_t lines_default = 200;
constexpr std::uint64_t lines_most = 1000;

struct line_filter {
  std::uint64_t after = 0;
  std::uint64_t limit = lines_default;
  runtime::log_level level = runtime::log_level::trace;
  std::string text;
  std::string trace;

  bool wants(const runtime::log_line& line) const {
    return line.level >= level && (trace.empty() || trace_id_text(line.trace) == trace) &&
           (text.empty() || line.text.find(text) != std::string::npos ||
            line.fields.find(text) != std::string::npos);
  }
};

fault unknown_level() {
  return {"log.unknown_level", "There is no log level of that name.",
          "Use debug, info, warning or error.", 422};
}

result<line_filter> read_filter(const call& request) {
  line_filter filter;
  const auto query = request.request().query;
  const auto after = number_in_query(request.request(), "after", 0);
  if (!after) return after.error();
  const auto limit = number_in_query(request.request(), "limit", lines_default);
  if (!limit) return limit.error();
  filter.after = *after;
  filter.limit = std::clamp<std::uint64_t>(*limit, 1, lines_most);
  filter.text = transport::query_value(query, "text").value_or("");
  filter.trace = transport::query_value(query, "trace").value_or("");
  const auto level = transport::query_value(query, "level").value_or("");
  if (level.empty()) return filter;
  const auto known = runtime::log_level_from(level);
  if (!known) return unknown_level();
  filter.level = *known;
  return filter;
}

} // namespace

transport::json_value log_line_json(const runtime::log_line& line) {
  auto text = line.text;
  if (!line.fields.empty()) text += " " + line.fields;
  if (line.left_out > 0) text += " (" + std::to_string(line.left_out) + " like it were left out)";
  return {{"number", line.number},
          {"time", to_rfc3339(line.at)},
          {"level", name_of(line.level)},
          {"logger", line.logger},
          {"text", std::move(text)},
          {"trace", line.trace.valid() ? trace_id_text(line.trace) : std::string()}};
}

void get_logs(homepage_state&, const call_ptr& request) {
  const auto filter = read_filter(*request);
  if (!filter) return request->refuse(filter.error());
  auto lines = runtime::recent_log_lines(filter->after);
  std::erase_if(lines, [&](const runtime::log_line& line) { return !filter->wants(line); });
  // Without `after` the newest are wanted, with it the next ones.
  if (lines.size() > filter->limit) {
    const auto limit = static_cast<std::ptrdiff_t>(filter->limit);
    if (filter->after == 0)
      lines.erase(lines.begin(), lines.end() - limit);
    else
      lines.erase(lines.begin() + limit, lines.end());
  }
  auto body = transport::json_value{{"lines", transport::json_value::array()}};
  for (const auto& line : lines)
    body["lines"].push_back(log_line_json(line));
  body["next"] = lines.empty() ? filter->after : lines.back().number;
  request->answer(transport::json_response(json_text(body)));
}

void get_log_levels(homepage_state&, const call_ptr& request) {
  transport::json_value body{{"root", "info"},
                             {"loggers", transport::json_value::array()},
                             {"levels", {"debug", "info", "warning", "error"}}};
  for (const auto& each : runtime::log_levels()) {
    if (each.logger.empty())
      body["root"] = name_of(each.level);
    else
      body["loggers"].push_back(
          {{"name", each.logger}, {"level", name_of(each.level)}, {"inherited", !each.own}});
  }
  request->answer(transport::json_response(json_text(body)));
}

void put_log_level(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  if (!body->contains("level"))
    return request->refuse({"request.shape", "The body has no level.",
                            "Send {\"level\": \"debug\"}, or null to inherit.", 422});
  const auto word = text_member(*body, "level");
  if (!word) return request->refuse(word.error());
  const auto& logger = request->parameter(0);
  set_level message{logger == "root" ? std::string() : logger, std::nullopt};
  if (*word) {
    message.level = runtime::log_level_from(**word);
    if (!message.level || *message.level == runtime::log_level::off)
      return request->refuse(unknown_level());
  }
  home.ask(request, home.neighbours.tracer, std::move(message),
           [&home, request](bool) { get_log_levels(home, request); });
}

void get_trace_report(homepage_state& home, const call_ptr& request) {
  const auto wanted = web::trace_named(request->parameter(0));
  if (!wanted) return request->refuse(wanted.error());
  home.ask(request, home.neighbours.tracer, get_trace{*wanted},
           [request, wanted = *wanted](const trace_report& report) {
             auto body = transport::json_value{{"trace", trace_id_text(wanted)},
                                               {"spans", transport::json_value::array()},
                                               {"lines", transport::json_value::array()}};
             for (const auto& each : report.spans)
               body["spans"].push_back(web::span_json(each));
             for (const auto& line : report.lines)
               body["lines"].push_back(log_line_json(line));
             request->answer(transport::json_response(json_text(body)));
           });
}

void open_log_stream(homepage_state& home, const call_ptr& request) {
  const auto word = transport::query_value(request->request().query, "level").value_or("info");
  const auto level = runtime::log_level_from(word);
  if (!level) return request->refuse(unknown_level());
  transport::websocket_options options = web::page_options();
  request->upgrade(options, [&system = home.self->home_system(), tracer = home.neighbours.tracer,
                             level = *level](transport::websocket_ptr page) {
    spawn_session_logs(system, std::move(page), tracer, level);
  });
}

} // namespace troupe::box
