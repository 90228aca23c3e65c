#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/waterfall.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

namespace troupe::apps {
namespace {

/// 32 hex digits from what a person has: those, a traceparent, or nothing.
std::optional<std::string> as_trace_id(const std::string& text) {
  if (const auto context = from_traceparent(text)) return trace_id_text(*context);
  const bool hex = text.size() == 32 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
                     return std::isxdigit(c) != 0;
                   });
  if (!hex) return std::nullopt;
  auto id = text;
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
  return id;
}

result<std::string> find_trace(caller& server, const std::string& wanted) {
  if (const auto id = as_trace_id(wanted)) return *id;
  const auto body = server.get("/api/v1/commands/" + transport::percent_encode(wanted));
  if (!body && body.error().status != 404) return body.error();
  const auto record =
      body ? from_json<command_record>(*body) : result<command_record>(body.error());
  if (record && record->trace.valid()) return trace_id_text(record->trace);
  return fault{"trace.unknown", "\"" + wanted + "\" is neither a trace nor a command.",
               "Give the 32 digits of a trace, a traceparent, or the id of a command.", 404};
}

int show(command_context& context, const std::string& wanted) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto trace = find_trace(**server, wanted);
  if (!trace) return context.complain(trace.error());
  const auto body = (*server)->get("/api/v1/traces/" + *trace);
  if (!body) return context.complain(body.error());
  if (context.json) return context.out << *body << "\n", all_well;
  const auto content = from_json<value>(*body);
  if (!content) return context.complain(content.error());
  const auto names = box_names::load(**server);
  if (!names) return context.complain(names.error());
  const auto place_of = [&](const value& each) {
    const auto box = each.text_or("box");
    return box.empty() ? std::string("server") : (*names)[box];
  };
  std::vector<waterfall_span> spans;
  if (const auto* all = (*content)["spans"].as_list())
    for (const auto& each : *all)
      if (auto parsed = read_span(each["span"]))
        spans.push_back({place_of(each), std::move(*parsed)});
  std::vector<waterfall_line> lines;
  if (const auto* all = (*content)["lines"].as_list())
    for (const auto& each : *all)
      if (auto parsed = read_line(each["line"]))
        lines.push_back({place_of(each), std::move(*parsed)});
  const bool nothing = spans.empty() && lines.empty();
  context.out << waterfall(*trace, std::move(spans), std::move(lines), context.columns);
  return nothing ? not_found : all_well;
}

} // namespace

void add_trace_commands(CLI::App& program, command_context& context) {
  auto* trace =
      program.add_subcommand("trace", "What happened, across machines")->require_subcommand(1);
  auto wanted = std::make_shared<std::string>();
  auto* showing = trace->add_subcommand("show", "Show a trace as a waterfall, and its log lines");
  showing->add_option("id", *wanted, "The trace's id, a traceparent, or a command's id")
      ->required();
  showing->callback([&context, wanted] {
    context.chosen = [&context, wanted] { return show(context, *wanted); };
  });
}

} // namespace troupe::apps
