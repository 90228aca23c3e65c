#include "actors/box/tracer.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/spans.hpp"
#include "messages/codec.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("box.tracer");

constexpr std::string_view level_setting = "log.level.";
/// Lines reach followers in batches this far apart, so that a busy log costs one message.
constexpr auto batch_delay = 100ms;
/// Lines of one batch; more are counted as left out.
constexpr std::size_t batch_bound = 500;
/// A level below `info` falls back after this (Odoo's boxes do the same).
constexpr auto verbose_for = std::chrono::hours(24 * 7);
constexpr std::size_t lines_of_trace = 500;

/// A line was written somewhere in the program: look into the ring.
struct log_moved {
  static constexpr bool local_message = true;
};
using tracer_self = tracer_actor::extend<caf::reacts_to<log_moved>, caf::reacts_to<runtime::tick>>;

struct follower {
  caf::actor handle;
  runtime::log_level level;
};

struct tracer_state {
  tracer_state() = default; // no aggregate: CAF would hand the actor to its first member
  static inline const char* name = "tracer";
  ledger_actor ledger;
  std::vector<follower> followers;
  runtime::log_subscription subscription;
  runtime::timer batch{1};
  runtime::timer fall_back{2};
  std::uint64_t shown = 0;
  std::vector<std::pair<std::string, time_point>> verbose_until;
};
using self_pointer = tracer_self::stateful_pointer<tracer_state>;

std::string setting_name(const std::string& logger) {
  return std::string(level_setting) + (logger.empty() ? "root" : logger);
}

void arm_fall_back(self_pointer self) {
  const auto& due = self->state.verbose_until;
  if (due.empty()) return self->state.fall_back.cancel();
  const auto first = std::min_element(
      due.begin(), due.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  self->state.fall_back.arm(
      self, std::max<runtime::actor_time::duration>(first->second - runtime::wall_now(self), 1s));
}

/// Takes a level into force; `until` is when a verbose one ends.
void apply(self_pointer self, const std::string& logger, std::optional<runtime::log_level> level,
           time_point until) {
  runtime::set_log_level(logger, level);
  auto& due = self->state.verbose_until;
  std::erase_if(due, [&](const auto& each) { return each.first == logger; });
  if (level && *level < runtime::log_level::info) due.emplace_back(logger, until);
  arm_fall_back(self);
}

void end_verbose(self_pointer self) {
  const auto now = runtime::wall_now(self);
  const auto due = self->state.verbose_until;
  for (const auto& [logger, until] : due) {
    if (until > now) continue;
    log_.info("The log level of {} falls back to normal after a week.", logger);
    apply(self, logger, std::nullopt, {});
    caf::anon_send(self->state.ledger, put_setting{setting_name(logger), ""});
  }
  arm_fall_back(self);
}

void restore_levels(self_pointer self) {
  runtime::request_then(
      self, self->state.ledger, neighbour_timeout, get_settings{std::string(level_setting)},
      [self](const setting_list& found) {
        for (const auto& [name, json] : found.settings) {
          const auto kept = from_json<value>(json);
          const auto level = kept ? runtime::log_level_from(kept->text_or("level")) : std::nullopt;
          if (!level) continue;
          auto logger = name.substr(level_setting.size());
          if (logger == "root") logger.clear();
          const auto until = from_rfc3339(kept->text_or("until"));
          apply(self, logger, level, until.value_or(runtime::wall_now(self)));
        }
      },
      [](const fault& problem) { log_.warning("Log levels could not be read: {}", problem.text); });
}

void give_lines(self_pointer self) {
  auto& state = self->state;
  auto fresh = runtime::recent_log_lines(state.shown, SIZE_MAX);
  if (fresh.empty()) return;
  const auto missed = fresh.front().number - state.shown - 1;
  if (state.shown != 0) fresh.front().left_out += static_cast<std::uint32_t>(missed);
  state.shown = fresh.back().number;
  if (fresh.size() > batch_bound) {
    const auto surplus = fresh.size() - batch_bound;
    fresh.erase(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(surplus));
    fresh.front().left_out += static_cast<std::uint32_t>(surplus);
  }
  for (const auto& each : state.followers) {
    auto lines = std::make_shared<std::vector<runtime::log_line>>();
    std::copy_if(fresh.begin(), fresh.end(), std::back_inserter(*lines),
                 [&](const runtime::log_line& line) { return line.level >= each.level; });
    if (!lines->empty()) caf::anon_send(each.handle, log_arrived{std::move(lines)});
  }
}

void follow(self_pointer self, const follow_log& wanted) {
  auto& state = self->state;
  self->monitor(wanted.follower);
  state.followers.push_back({wanted.follower, wanted.level});
  if (state.followers.size() > 1) return;
  const auto last = runtime::recent_log_lines(0, SIZE_MAX);
  state.shown = last.empty() ? 0 : last.back().number;
  // The callback runs on whichever thread wrote the line; it only knocks.
  state.subscription =
      runtime::subscribe_log([address = self->address()](const runtime::log_line&) {
        if (const auto handle = caf::actor_cast<caf::actor>(address))
          caf::anon_send(handle, log_moved{});
      });
}

trace_report report(const trace_context& trace) {
  trace_report out;
  out.spans = runtime::spans().of_trace(trace);
  std::sort(out.spans.begin(), out.spans.end(),
            [](const span& a, const span& b) { return a.start < b.start; });
  for (auto& line : runtime::recent_log_lines())
    if (line.trace.trace == trace.trace && out.lines.size() < lines_of_trace)
      out.lines.push_back(std::move(line));
  return out;
}

tracer_self::behavior_type tracer(self_pointer self, ledger_actor ledger) {
  runtime::prepare(self, "tracer");
  self->state.ledger = std::move(ledger);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& followers = self->state.followers;
    std::erase_if(followers,
                  [&](const follower& each) { return each.handle.address() == down.source; });
    if (followers.empty()) self->state.subscription = {};
  });
  restore_levels(self);
  return {
      [](const get_trace& wanted) { return report(wanted.trace); },
      [self](const set_level& wanted) -> caf::result<bool> {
        const auto until = runtime::wall_now(self) + verbose_for;
        apply(self, wanted.logger, wanted.level, until);
        std::string json;
        if (wanted.level)
          json = to_json(value(value::object{{"level", std::string(name_of(*wanted.level))},
                                             {"until", to_rfc3339(until)}}));
        auto promise = self->make_response_promise<bool>();
        runtime::request_then(
            self, self->state.ledger, neighbour_timeout,
            put_setting{setting_name(wanted.logger), std::move(json)},
            [promise](bool) mutable { promise.deliver(true); },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
      [self](const follow_log& wanted) {
        follow(self, wanted);
        return true;
      },
      [self](const log_moved&) {
        if (!self->state.batch.armed()) self->state.batch.arm(self, batch_delay);
      },
      [self](const runtime::tick& tick) {
        if (self->state.batch.due(self, tick))
          give_lines(self);
        else if (self->state.fall_back.due(self, tick))
          end_verbose(self);
      },
  };
}

} // namespace

tracer_actor spawn_tracer(caf::actor_system& system, const services&, ledger_actor ledger) {
  return system.spawn(tracer, std::move(ledger));
}

} // namespace troupe::box
