#include "actors/box/uplink_state.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// Spans end a little after the step that they belong to.
constexpr auto trace_delay = 700ms;
constexpr std::size_t lines_at_once = 200;

log_record record_of(const runtime::log_line& line) {
  log_record out;
  out.time = line.at;
  out.level = name_of(line.level);
  out.logger = line.logger;
  out.text = line.fields.empty() ? line.text : line.text + " " + line.fields;
  out.trace = line.trace;
  return out;
}

} // namespace

void uplink_state::follow_trace(const link::command& wanted) {
  if (!near.tracer || !wanted.trace.valid() || followed.contains(wanted.id)) return;
  // Identifiers of commands sort by time.
  if (followed.size() >= followed_traces_bound) followed.erase(followed.begin());
  followed[wanted.id].trace = wanted.trace;
  if (!traces.armed()) traces.arm(self, trace_delay);
}

void uplink_state::trace_moved(const command_id& id, bool ended) {
  const auto found = followed.find(id);
  if (found == followed.end()) return;
  found->second.ended = found->second.ended || ended;
  if (!traces.armed()) traces.arm(self, trace_delay);
}

/// What is new of the traces that came with commands, and the lines that wait.
void uplink_state::send_traces() {
  if (!linked()) return;
  if (!lines.empty()) {
    link::trace_part part;
    part.lines.assign(std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
    lines.clear();
    lines_limit->set_fill(0);
    send(std::move(part));
  }
  std::vector<std::pair<command_id, trace_context>> wanted;
  for (const auto& [id, each] : followed)
    wanted.emplace_back(id, each.trace);
  for (const auto& [id, trace] : wanted)
    runtime::request_then(
        self, near.tracer, neighbour_timeout, get_trace{trace},
        [this, id = id](const trace_report& report) {
          const auto found = followed.find(id);
          if (found == followed.end() || !linked()) return;
          auto& mine = found->second;
          link::trace_part part;
          for (const auto& each : report.spans)
            if (mine.spans.insert(each.context.span).second) part.spans.push_back(each);
          for (const auto& each : report.lines)
            if (std::exchange(mine.line, std::max(mine.line, each.number)) < each.number &&
                part.lines.size() < lines_at_once)
              part.lines.push_back(record_of(each));
          if (!part.spans.empty() || !part.lines.empty()) send(std::move(part));
          if (mine.ended) followed.erase(found);
        },
        [](const fault& problem) { uplink_log.warning("A trace is not known: {}", problem.text); });
}

/// Warnings and errors; those of followed traces go with their trace.
void uplink_state::take_lines(const log_arrived& arrived) {
  if (!server) return;
  for (const auto& each : *arrived.lines) {
    const bool with_trace =
        each.trace.valid() && std::any_of(followed.begin(), followed.end(), [&](const auto& trace) {
          return trace.second.trace.trace == each.trace.trace;
        });
    if (with_trace) continue;
    if (lines.size() >= upward_lines_bound) {
      lines.pop_front();
      lines_limit->count_hit();
    }
    lines.push_back(record_of(each));
    lines_limit->set_fill(lines.size());
  }
  if (linked() && !lines.empty() && !traces.armed()) traces.arm(self, trace_delay);
}

} // namespace troupe::box
