#include "actors/runtime/supervisor_core.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;
using core = supervisor_core;

/// Effects as text: "start a", "wait a 100".
std::string text(const core::effects& effects) {
  std::string out;
  for (const auto& each : effects) {
    if (!out.empty()) out += ", ";
    if (const auto* start = std::get_if<core::start_child>(&each)) out += "start " + start->id;
    if (const auto* stop = std::get_if<core::stop_child>(&each)) out += "stop " + stop->id;
    if (const auto* kill = std::get_if<core::kill_child>(&each)) out += "kill " + kill->id;
    if (const auto* gone = std::get_if<core::forget_child>(&each)) out += "forget " + gone->id;
    if (const auto* wait = std::get_if<core::wait>(&each))
      out += "wait " + wait->id + " " + std::to_string(wait->delay.count());
    if (const auto* end = std::get_if<core::finish>(&each)) out += "finish " + end->reason;
  }
  return out;
}

/// A supervisor without jitter, whose time the test moves.
struct scene {
  explicit scene(supervision strategy = supervision::one_for_one,
                 escalation then = escalation::give_up_child, restart_limits limits = {.jitter = 0})
      : subject(strategy, limits, then, 1) {}

  std::string add(const std::string& id, restart_kind kind = restart_kind::permanent) {
    return keep(subject.add({id, kind, 5s}, now));
  }
  std::string fail(const std::string& id) {
    return keep(subject.ended(id, "it broke", false, now));
  }
  std::string end(const std::string& id) { return keep(subject.ended(id, "", true, now)); }
  /// The wait of a child that was asked for last is over.
  std::string waited(const std::string& id) {
    for (auto wait = waits.rbegin(); wait != waits.rend(); ++wait)
      if (wait->id == id) {
        now += wait->delay;
        return keep(subject.waited(id, wait->generation, now));
      }
    return "no wait";
  }
  std::string stop() { return keep(subject.stop("", now)); }
  std::string remove(const std::string& id) { return keep(subject.remove(id, now)); }
  std::string_view phase(const std::string& id) const {
    const auto* child = subject.find(id);
    return child == nullptr ? "none" : name_of(child->phase);
  }
  std::string keep(const core::effects& effects) {
    for (const auto& each : effects)
      if (const auto* wait = std::get_if<core::wait>(&each)) waits.push_back(*wait);
    return text(effects);
  }

  core subject;
  core::time now{};
  std::vector<core::wait> waits;
};

TEST(supervisor_core, what_is_restarted_after_which_end) {
  struct {
    restart_kind kind;
    bool fails;
    std::string effects;
    std::string phase;
  } const table[] = {
      {restart_kind::permanent, true, "wait a 100", "restarting"},
      {restart_kind::permanent, false, "wait a 100", "restarting"},
      {restart_kind::transient, true, "wait a 100", "restarting"},
      {restart_kind::transient, false, "", "stopped"},
      {restart_kind::temporary, true, "forget a", "none"},
      {restart_kind::temporary, false, "forget a", "none"},
  };
  for (const auto& row : table) {
    scene s;
    EXPECT_EQ(s.add("a", row.kind), "start a");
    EXPECT_EQ(row.fails ? s.fail("a") : s.end("a"), row.effects);
    EXPECT_EQ(s.phase("a"), row.phase);
  }
}

TEST(supervisor_core, delays_double_up_to_the_longest_and_then_recover) {
  scene s(supervision::one_for_one, escalation::give_up_child,
          {.restarts = 100, .within = 24h, .jitter = 0});
  s.add("a");
  for (const auto expected : {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000}) {
    EXPECT_EQ(s.fail("a"), "wait a " + std::to_string(expected));
    EXPECT_EQ(s.waited("a"), "start a");
  }
  s.now += 30s;
  EXPECT_EQ(s.fail("a"), "wait a 100");
}

TEST(supervisor_core, jitter_cuts_at_most_its_share_and_is_repeatable) {
  std::vector<std::string> first;
  for (int round = 0; round < 2; ++round) {
    scene s(supervision::one_for_one, escalation::give_up_child,
            {.restarts = 1000, .within = 24h, .first_delay = 1s, .longest_delay = 1s});
    s.add("a");
    std::vector<std::string> all;
    for (int i = 0; i < 200; ++i) {
      all.push_back(s.fail("a"));
      EXPECT_GE(s.waits.back().delay, 500ms);
      EXPECT_LE(s.waits.back().delay, 1s);
      s.waited("a");
    }
    EXPECT_NE(all[0], all[1]);
    if (round == 0) first = all;
    if (round == 1) {
      EXPECT_EQ(first, all);
    }
  }
}

TEST(supervisor_core, gives_a_child_up_and_tries_it_again_at_the_longest_delay) {
  scene s(supervision::one_for_one, escalation::give_up_child, {.restarts = 2, .jitter = 0});
  s.add("a");
  s.add("b");
  s.fail("a"), s.waited("a");
  s.fail("a"), s.waited("a");
  EXPECT_EQ(s.fail("a"), "wait a 30000");
  EXPECT_EQ(s.phase("a"), "failed");
  EXPECT_EQ(s.subject.find("a")->last_reason, "it broke");
  EXPECT_EQ(s.phase("b"), "running");
  EXPECT_EQ(s.waited("a"), "start a");
  EXPECT_EQ(s.phase("a"), "running");
  EXPECT_EQ(s.subject.find("a")->restarts, 3u);
}

TEST(supervisor_core, the_window_of_the_intensity_slides) {
  scene s(supervision::one_for_one, escalation::give_up_child,
          {.restarts = 2, .within = 60s, .jitter = 0});
  s.add("a");
  for (int i = 0; i < 20; ++i) {
    s.fail("a"), s.waited("a");
    EXPECT_EQ(s.phase("a"), "running");
    s.now += 30s;
  }
}

TEST(supervisor_core, ends_itself_when_told_to_escalate) {
  scene s(supervision::one_for_one, escalation::end_supervisor, {.restarts = 0, .jitter = 0});
  s.add("a");
  s.add("b");
  EXPECT_EQ(s.fail("a"), "stop b, wait b 5000");
  EXPECT_EQ(s.end("b"), "finish a failed too often: it broke");
}

TEST(supervisor_core, rest_for_one_stops_the_later_ones_in_reverse_and_starts_them_in_order) {
  scene s(supervision::rest_for_one);
  s.add("a"), s.add("b"), s.add("c"), s.add("d");
  EXPECT_EQ(s.fail("b"), "wait b 100, stop d, wait d 5000");
  EXPECT_EQ(s.phase("a"), "running");
  EXPECT_EQ(s.end("d"), "stop c, wait c 5000");
  EXPECT_EQ(s.end("c"), "");
  EXPECT_EQ(s.phase("d"), "restarting");
  EXPECT_EQ(s.waited("b"), "start b, start c, start d");
  EXPECT_EQ(s.phase("d"), "running");
}

TEST(supervisor_core, rest_for_one_waits_for_the_later_ones_to_be_down) {
  scene s(supervision::rest_for_one);
  s.add("a"), s.add("b");
  s.fail("a");
  const auto wait_of_a = s.waits.front();
  EXPECT_EQ(s.keep(s.subject.waited("a", wait_of_a.generation, s.now)), "");
  EXPECT_EQ(s.waited("b"), "kill b");
  EXPECT_EQ(s.fail("b"), "start a, start b");
}

TEST(supervisor_core, rest_for_one_does_not_start_ahead_of_a_child_that_fails_again) {
  scene s(supervision::rest_for_one);
  s.add("a"), s.add("b");
  s.fail("a"), s.end("b");
  EXPECT_EQ(s.keep(s.subject.retry("a", s.now)), "start a, start b");
  EXPECT_EQ(s.fail("a"), "wait a 200, stop b, wait b 5000");
}

TEST(supervisor_core, stops_in_reverse_and_kills_after_the_grace) {
  scene s;
  s.add("a"), s.add("b"), s.add("c");
  EXPECT_EQ(s.stop(), "stop c, wait c 5000");
  EXPECT_EQ(s.stop(), "");
  EXPECT_EQ(s.end("c"), "stop b, wait b 5000");
  EXPECT_EQ(s.waited("b"), "kill b");
  EXPECT_EQ(s.fail("b"), "stop a, wait a 5000");
  EXPECT_EQ(s.end("a"), "finish ");
  EXPECT_EQ(s.add("d"), "");
  EXPECT_EQ(s.phase("d"), "none");
}

TEST(supervisor_core, stops_at_once_without_living_children) {
  scene s;
  EXPECT_EQ(s.stop(), "finish ");
  scene waiting;
  waiting.add("a");
  waiting.fail("a");
  EXPECT_EQ(waiting.stop(), "finish ");
  EXPECT_EQ(waiting.waited("a"), "");
}

TEST(supervisor_core, removes_running_waiting_and_stopping_children) {
  scene s;
  s.add("a"), s.add("b");
  EXPECT_EQ(s.remove("a"), "stop a, wait a 5000");
  EXPECT_EQ(s.remove("a"), "");
  EXPECT_EQ(s.phase("a"), "stopping");
  EXPECT_EQ(s.end("a"), "forget a");
  EXPECT_EQ(s.phase("a"), "none");
  s.fail("b");
  EXPECT_EQ(s.remove("b"), "forget b");
  EXPECT_EQ(s.remove("b"), "");
  EXPECT_EQ(s.waited("b"), "");
  EXPECT_EQ(s.add("a"), "start a");
}

TEST(supervisor_core, ignores_strangers_doubles_and_stale_waits) {
  scene s;
  EXPECT_EQ(s.fail("nobody"), "");
  EXPECT_EQ(s.add("a"), "start a");
  EXPECT_EQ(s.add("a"), "");
  s.fail("a");
  EXPECT_EQ(s.fail("a"), "");
  const auto wait = s.waits.back();
  EXPECT_EQ(s.keep(s.subject.retry("a", s.now)), "start a");
  EXPECT_EQ(s.keep(s.subject.waited("a", wait.generation, s.now + 1s)), "");
  EXPECT_EQ(s.keep(s.subject.retry("a", s.now)), "");
}

TEST(supervisor_core, a_stopped_transient_child_starts_again_on_request) {
  scene s;
  s.add("a", restart_kind::transient);
  s.end("a");
  EXPECT_EQ(s.keep(s.subject.retry("a", s.now)), "start a");
}

} // namespace
} // namespace troupe::runtime
