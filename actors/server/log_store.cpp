#include "actors/server/log_store.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/spans.hpp"
#include "messages/codec.hpp"
#include "store/fleet_traces.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <tuple>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("server.traces");

/// Spans and lines wait so long for company.
constexpr auto write_delay = 200ms;
constexpr std::size_t waiting_bound = 20'000;
constexpr std::uint64_t kept_rows = 500'000;
constexpr auto prune_period = 60s;
constexpr std::uint32_t prune_step = 5000;
constexpr std::uint32_t rows_of_a_trace = 5000;

/// This program did something: look into its own spans and lines.
struct own_moved {
  static constexpr bool local_message = true;
};
using log_self = log_store_actor::extend<caf::reacts_to<own_moved>, caf::reacts_to<runtime::tick>>;

/// What only reads is not kept: a page that follows the fleet reads all day. Nor is the telling of
/// a page's own span.
bool is_kept(const span& own) {
  const bool asks = own.name.starts_with("GET ") || own.name.starts_with("POST /api/v1/traces/");
  return (own.place == "server" && !asks) || own.place == "link";
}

log_record record_of(const runtime::log_line& line) {
  return {line.at, std::string(name_of(line.level)), line.logger, line.text, line.trace};
}

struct log_state {
  log_state() = default;
  static inline const char* name = "log_store";

  log_self::stateful_pointer<log_state> self = nullptr;
  store_actor store;
  std::vector<store::trace_row> waiting;
  runtime::timer write{1};
  runtime::timer prune{2};
  runtime::limit* queue = nullptr;
  runtime::limit* kept = nullptr;
  std::uint64_t own_spans = runtime::spans().last_number(); ///< looked at
  std::uint64_t own_lines = last_line();                    ///< looked at
  std::shared_ptr<std::atomic<bool>> knocked = std::make_shared<std::atomic<bool>>(false);

  static std::uint64_t last_line() {
    const auto lines = runtime::recent_log_lines();
    return lines.empty() ? 0 : lines.back().number;
  }
  void watch_own();
  void take_own();
  bool take(const keep_trace_part& part);
  void keep(const keep_trace_part& message);
  void write_out();
  void prune_some();
};

/// False when there is no room: dropped as a whole, half a waterfall misleads.
bool log_state::take(const keep_trace_part& message) {
  const auto room = waiting_bound - std::min(waiting_bound, waiting.size());
  if (message.spans.size() + message.lines.size() > room) {
    queue->count_hit();
    return false;
  }
  for (const auto& each : message.spans)
    waiting.push_back({each.context, message.box, false, std::string(as_text(to_msgpack(each)))});
  for (const auto& each : message.lines)
    waiting.push_back({each.trace, message.box, true, std::string(as_text(to_msgpack(each)))});
  queue->set_fill(waiting.size());
  return true;
}

void log_state::keep(const keep_trace_part& message) {
  take(message);
  if (!waiting.empty() && !write.armed()) write.arm(self, write_delay);
}

/// The callback runs on whichever thread did something; it only knocks, once for all that follows.
void log_state::watch_own() {
  runtime::spans().on_record([address = self->address(), knocked = knocked](std::uint64_t) {
    if (knocked->exchange(true)) return;
    if (const auto handle = caf::actor_cast<caf::actor>(address))
      caf::anon_send(handle, own_moved{});
  });
}

/// Rings in memory turn fast: what this program did in a trace goes to where its boxes' part is.
void log_state::take_own() {
  knocked->store(false);
  keep_trace_part own;
  for (auto& each : runtime::spans().after(own_spans, SIZE_MAX)) {
    own_spans = each.number;
    if (is_kept(each.content)) own.spans.push_back(std::move(each.content));
  }
  for (auto& each : runtime::recent_log_lines(own_lines)) {
    own_lines = each.number;
    if (each.trace.valid() && each.level >= runtime::log_level::info)
      own.lines.push_back(record_of(each));
  }
  take(own);
}

void log_state::write_out() {
  take_own();
  if (waiting.empty()) return;
  auto rows = std::make_shared<const std::vector<store::trace_row>>(std::exchange(waiting, {}));
  queue->set_fill(0);
  run_in_store(
      self, store,
      [rows](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_trace_rows(connection, *rows)) return *problem;
        return true;
      },
      [](bool) {},
      [rows](const fault& problem) {
        log_.warning("{} spans and lines could not be written: {}", rows->size(), problem.text);
      });
}

void log_state::prune_some() {
  prune.arm(self, prune_period);
  run_in_store(
      self, store,
      [](store::sql_connection& connection) {
        return store::prune_traces(connection, kept_rows, prune_step);
      },
      [this](std::uint64_t gone) {
        if (gone >= prune_step) prune.arm(self, 1s);
      },
      [](const fault& problem) {
        log_.warning("Old traces could not be deleted: {}", problem.text);
      });
}

/// Only what completes a trace is kept: a page cannot fill the disk with traces of its own.
void keep_span_of_page(log_self::stateful_pointer<log_state> self, const span& content,
                       caf::typed_response_promise<bool> promise) {
  self->state.write_out();
  run_in_store(
      self, self->state.store,
      [trace = content.context](store::sql_connection& connection) {
        return store::read_trace_rows(connection, trace, rows_of_a_trace);
      },
      [self, content, promise](const std::vector<store::trace_row>& rows) mutable {
        const auto is_told = [&](const store::trace_row& row) {
          if (row.line || !row.box.empty()) return false;
          const auto known = from_msgpack<span>(as_bytes(row.content));
          return known && known->context.span == content.context.span;
        };
        if (rows.empty() || rows.size() >= rows_of_a_trace)
          return promise.deliver(runtime::to_error(
                     {"trace.unknown", "Nothing is kept of that trace, or no more fits in.",
                      "Tell spans of traces that began with the page.", 404})),
                 void();
        if (std::any_of(rows.begin(), rows.end(), is_told)) return promise.deliver(true), void();
        if (!self->state.take({{}, {content}, {}}))
          return promise.deliver(
                     runtime::to_error({"trace.too_many", "Too much waits to be written down.",
                                        "Try again in a few seconds.", 503})),
                 void();
        self->state.write_out();
        promise.deliver(true);
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
}

/// What this program itself did in the trace and is not on disk.
void add_own(trace_report& report, const trace_context& trace) {
  std::set<std::array<std::uint8_t, 8>> known;
  for (const auto& each : report.spans)
    known.insert(each.content.context.span);
  for (auto& each : runtime::spans().of_trace(trace))
    if (!known.contains(each.context.span)) report.spans.push_back({{}, std::move(each)});
  const auto written = report.lines;
  for (const auto& each : runtime::recent_log_lines()) {
    if (each.trace.trace != trace.trace) continue;
    auto own = record_of(each);
    if (std::none_of(written.begin(), written.end(), [&](const placed_line& line) {
          return line.content.time == own.time && line.content.text == own.text;
        }))
      report.lines.push_back({{}, std::move(own)});
  }
}

trace_report report_of(const std::vector<store::trace_row>& rows, const trace_context& trace) {
  trace_report report;
  for (const auto& each : rows) {
    if (each.line) {
      if (auto line = from_msgpack<log_record>(as_bytes(each.content)))
        report.lines.push_back({each.box, std::move(*line)});
    } else if (auto read = from_msgpack<span>(as_bytes(each.content))) {
      report.spans.push_back({each.box, std::move(*read)});
    }
  }
  add_own(report, trace);
  std::stable_sort(report.spans.begin(), report.spans.end(),
                   [](const auto& a, const auto& b) { return a.content.start < b.content.start; });
  std::stable_sort(report.lines.begin(), report.lines.end(),
                   [](const auto& a, const auto& b) { return a.content.time < b.content.time; });
  return report;
}

log_self::behavior_type log_store(log_self::stateful_pointer<log_state> self,
                                  const services* shared, store_actor store) {
  runtime::prepare(self, "log_store");
  auto& mine = self->state;
  mine.self = self;
  mine.store = std::move(store);
  mine.queue = &shared->limits.declare("traces.waiting", "records", waiting_bound,
                                       runtime::limit_policy::refuse);
  mine.kept = &shared->limits.declare("traces.kept", "records", kept_rows,
                                      runtime::limit_policy::drop_oldest);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.write_out();
    self->quit(std::move(stop.reason));
  });
  mine.watch_own();
  mine.prune.arm(self, prune_period);
  return {
      [self](const own_moved&) {
        if (!self->state.write.armed()) self->state.write.arm(self, write_delay);
      },
      [self](const keep_trace_part& message) { self->state.keep(message); },
      [self](const keep_page_span& message) -> caf::result<bool> {
        auto promise = self->make_response_promise<bool>();
        keep_span_of_page(self, message.content, promise);
        return promise;
      },
      [self](const get_trace& message) -> caf::result<trace_report> {
        auto promise = self->make_response_promise<trace_report>();
        self->state.write_out();
        run_in_store(
            self, self->state.store,
            [trace = message.trace](store::sql_connection& connection) {
              return store::read_trace_rows(connection, trace, rows_of_a_trace);
            },
            [promise, trace = message.trace](const std::vector<store::trace_row>& rows) mutable {
              promise.deliver(report_of(rows, trace));
            },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.write.due(self, tick)) state.write_out();
        if (state.prune.due(self, tick)) state.prune_some();
      },
  };
}

} // namespace

log_store_actor spawn_log_store(caf::actor_system& system, const services& shared,
                                store_actor store) {
  return system.spawn(log_store, &shared, std::move(store));
}

} // namespace troupe::server
