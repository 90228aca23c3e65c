#include "actors/runtime/supervisor_core.hpp"

#include <algorithm>
#include <utility>

namespace troupe::runtime {

supervisor_core::supervisor_core(supervision strategy, restart_limits limits, escalation then,
                                 std::uint64_t seed)
    : strategy_(strategy), limits_(limits), escalation_(then),
      random_(static_cast<std::minstd_rand::result_type>(seed % 2'147'483'646 + 1)) {}

supervisor_core::child* supervisor_core::find_child(std::string_view id) {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [&](const child& each) { return each.what.id == id; });
  return found == children_.end() ? nullptr : &*found;
}

const supervisor_core::child* supervisor_core::find(std::string_view id) const {
  return const_cast<supervisor_core*>(this)->find_child(id);
}

void supervisor_core::enter(child& which, child_phase phase, time now) {
  if (which.phase == phase) return;
  which.phase = phase;
  which.since = now;
}

void supervisor_core::begin_start(child& which, time now, effects& out) {
  if (std::exchange(which.started_before, true)) ++which.restarts;
  which.alive = true;
  which.ready = false;
  ++which.generation;
  which.phase = child_phase::running;
  which.since = now;
  out.push_back(start_child{which.what.id});
}

void supervisor_core::begin_stop(child& which, time now, effects& out) {
  enter(which, child_phase::stopping, now);
  out.push_back(stop_child{which.what.id});
  out.push_back(wait{which.what.id, ++which.generation, which.what.grace});
}

supervisor_core::effects supervisor_core::add(definition what, time now) {
  effects out;
  if (closing_ || find(what.id) != nullptr) return out;
  child fresh{std::move(what)};
  fresh.phase = child_phase::restarting;
  fresh.ready = true;
  fresh.since = now;
  children_.push_back(std::move(fresh));
  settle(now, out);
  return out;
}

supervisor_core::effects supervisor_core::remove(std::string_view id, time now) {
  effects out;
  auto* const which = find_child(id);
  if (which == nullptr) return out;
  which->removing = true;
  if (which->alive && which->phase != child_phase::stopping) begin_stop(*which, now, out);
  settle(now, out);
  return out;
}

supervisor_core::effects supervisor_core::ended(std::string_view id, std::string reason,
                                                bool orderly, time now) {
  effects out;
  auto* const which = find_child(id);
  if (which == nullptr || !which->alive) return out;
  const bool asked_to = which->phase == child_phase::stopping;
  which->alive = false;
  ++which->generation;
  if (!orderly && !asked_to) which->last_reason = std::move(reason);
  const auto kind = which->what.restart;
  const bool wanted =
      kind == restart_kind::permanent || (kind == restart_kind::transient && !orderly);
  if (closing_) {
    enter(*which, child_phase::stopped, now);
  } else if (asked_to) {
    // Stopped for the sake of an earlier sibling: comes back when that one does.
    enter(*which, child_phase::restarting, now);
    which->ready = true;
  } else if (wanted) {
    plan_restart(*which, now, out);
  } else if (kind == restart_kind::temporary) {
    which->removing = true;
  } else {
    enter(*which, child_phase::stopped, now);
  }
  settle(now, out);
  return out;
}

void supervisor_core::plan_restart(child& which, time now, effects& out) {
  // A child that ran well for the longest delay has recovered.
  which.failures_in_a_row =
      now - which.since >= limits_.longest_delay ? 1 : which.failures_in_a_row + 1;
  auto& recent = which.recent_restarts;
  recent.push_back(now);
  while (now - recent.front() > limits_.within)
    recent.pop_front();
  const bool too_many = recent.size() > limits_.restarts;
  while (recent.size() > limits_.restarts + 1)
    recent.pop_front();
  if (too_many && escalation_ == escalation::end_supervisor) {
    enter(which, child_phase::failed, now);
    closing_ = true;
    closing_reason_ = which.what.id + " failed too often: " + which.last_reason;
    return;
  }
  enter(which, too_many ? child_phase::failed : child_phase::restarting, now);
  which.ready = false;
  out.push_back(
      wait{which.what.id, ++which.generation, too_many ? limits_.longest_delay : delay_for(which)});
}

std::chrono::milliseconds supervisor_core::delay_for(child& which) {
  auto delay = limits_.first_delay;
  for (unsigned i = 1; i < which.failures_in_a_row && delay < limits_.longest_delay; ++i)
    delay *= 2;
  delay = std::min(delay, limits_.longest_delay);
  const double cut = limits_.jitter * std::uniform_real_distribution<double>(0, 1)(random_);
  return std::chrono::milliseconds{
      static_cast<std::chrono::milliseconds::rep>(static_cast<double>(delay.count()) * (1 - cut))};
}

supervisor_core::effects supervisor_core::waited(std::string_view id, std::uint64_t generation,
                                                 time now) {
  effects out;
  auto* const which = find_child(id);
  if (which == nullptr || which->generation != generation) return out;
  if (which->phase == child_phase::stopping)
    out.push_back(kill_child{which->what.id});
  else if (!which->alive)
    which->ready = true;
  settle(now, out);
  return out;
}

supervisor_core::effects supervisor_core::stop(std::string reason, time now) {
  effects out;
  if (!closing_) closing_reason_ = std::move(reason);
  closing_ = true;
  settle(now, out);
  return out;
}

supervisor_core::effects supervisor_core::retry(std::string_view id, time now) {
  effects out;
  auto* const which = find_child(id);
  if (which == nullptr || which->alive) return out;
  if (which->phase == child_phase::stopped) enter(*which, child_phase::restarting, now);
  which->ready = true;
  settle(now, out);
  return out;
}

void supervisor_core::settle(time now, effects& out) {
  std::erase_if(children_, [&](const child& each) {
    if (!each.removing || each.alive) return false;
    out.push_back(forget_child{each.what.id});
    return true;
  });
  if (closing_)
    settle_closing(now, out);
  else
    settle_order(now, out);
}

/// Stops the last child that lives; its end brings the next.
void supervisor_core::settle_closing(time now, effects& out) {
  const auto last = std::find_if(children_.rbegin(), children_.rend(),
                                 [](const child& each) { return each.alive; });
  if (last == children_.rend()) {
    if (!std::exchange(finished_, true)) out.push_back(finish{closing_reason_});
    return;
  }
  if (last->phase != child_phase::stopping) begin_stop(*last, now, out);
}

/// Starts what is ready. With rest_for_one, those after a child that is down are first stopped,
/// last first and one at a time, and nothing starts before everything ahead of it runs.
void supervisor_core::settle_order(time now, effects& out) {
  const auto down = [](const child& each) {
    return !each.alive && each.phase != child_phase::stopped;
  };
  if (strategy_ == supervision::rest_for_one) {
    const auto first = std::find_if(children_.begin(), children_.end(), down);
    const auto last = std::find_if(children_.rbegin(), children_.rend(),
                                   [](const child& each) { return each.alive; });
    if (first != children_.end() && last != children_.rend() && &*last > &*first) {
      if (last->phase != child_phase::stopping) begin_stop(*last, now, out);
      return;
    }
  }
  for (auto& each : children_) {
    if (down(each) && each.ready && !each.removing)
      begin_start(each, now, out);
    else if (strategy_ == supervision::rest_for_one &&
             (down(each) || each.phase == child_phase::stopping))
      return;
  }
}

} // namespace troupe::runtime
