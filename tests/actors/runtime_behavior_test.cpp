#include "actors/runtime/clock.hpp"
#include "messages/describe.hpp"
#include "tests/actors/fixture.hpp"

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

// The example that docs/actors.md walks through: its header ...

/// Rings the bell. Answered by `ring_count`, or "doorbell.too_soft".
struct ring {
  trace_context trace = current_trace();
  bool softly = false;
  static constexpr auto fields =
      describe<ring>("ring", field("trace", &ring::trace), field("softly", &ring::softly));
};
struct ring_count {
  trace_context trace = current_trace();
  std::uint32_t count = 0;
  static constexpr auto fields =
      describe<ring_count>("ring_count", field("count", &ring_count::count));
};

using doorbell_actor = caf::typed_actor<
    // counts, and answers how often it rang since the last silence
    caf::replies_to<ring>::with<ring_count>>;

// ... and its source.

struct doorbell_state {
  std::uint32_t rings = 0;
  timer silence;
};
using doorbell_self = doorbell_actor::extend<caf::reacts_to<tick>>;
using doorbell_pointer = doorbell_self::stateful_pointer<doorbell_state>;

result<ring_count> count_ring(doorbell_pointer self, const ring& message) {
  if (message.softly) return fault{"doorbell.too_soft", "Nobody heard it.", "Press longer.", 422};
  self->state.silence.arm(self, 1min);
  return ring_count{.count = ++self->state.rings};
}

doorbell_self::behavior_type doorbell(doorbell_pointer self) {
  prepare(self, "doorbell");
  return {
      traced([self](const ring& message) { return count_ring(self, message); }),
      traced([self](const tick& message) {
        if (self->state.silence.due(self, message)) self->state.rings = 0;
      }),
  };
}

doorbell_actor spawn_doorbell(caf::actor_system& system) {
  return system.spawn(doorbell);
}

using behavior_test = actor_test;

TEST_F(behavior_test, answers_value_or_fault) {
  const auto bell = spawn_doorbell(system());
  EXPECT_EQ(ask<ring_count>(bell, ring{})->count, 1u);
  EXPECT_EQ(ask<ring_count>(bell, ring{})->count, 2u);
  const auto refused = ask<ring_count>(bell, ring{.softly = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "doorbell.too_soft");
  EXPECT_EQ(refused.error().remedy, "Press longer.");
  EXPECT_EQ(refused.error().status, 422);
}

TEST_F(behavior_test, timer_restarts_its_wait_at_each_arming) {
  const auto bell = spawn_doorbell(system());
  ASSERT_TRUE(ask<ring_count>(bell, ring{}));
  advance(59s);
  EXPECT_EQ(ask<ring_count>(bell, ring{})->count, 2u);
  advance(59s);
  EXPECT_EQ(ask<ring_count>(bell, ring{})->count, 3u);
  advance(60s);
  EXPECT_EQ(ask<ring_count>(bell, ring{})->count, 1u);
}

TEST_F(behavior_test, handler_runs_in_the_trace_of_its_message) {
  const auto bell = spawn_doorbell(system());
  const auto trace = new_trace();
  const auto answer = ask<ring_count>(bell, ring{.trace = trace});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->trace, trace);
  EXPECT_FALSE(current_trace().valid());
}

struct relay_state {
  trace_context on_value, on_fault;
  fault problem;
  std::uint32_t count = 0;
};
using relay_pointer = caf::stateful_actor<relay_state>*;

caf::behavior relay(relay_pointer self, doorbell_actor bell) {
  prepare(self, "relay");
  return {traced([self, bell](const ring& message) {
    request_then(
        self, bell, 2s, ring{.softly = message.softly},
        [self](const ring_count& answer) {
          self->state.on_value = current_trace();
          self->state.count = answer.count;
        },
        [self](const fault& problem) {
          self->state.on_fault = current_trace();
          self->state.problem = problem;
        });
  })};
}

TEST_F(behavior_test, answers_are_handled_in_the_trace_of_their_request) {
  const auto bell = spawn_doorbell(system());
  const auto actor = system().spawn(relay, bell);
  const auto& state =
      static_cast<relay_pointer>(caf::actor_cast<caf::abstract_actor*>(actor))->state;
  const auto first = new_trace();
  const auto second = new_trace();
  caf::anon_send(actor, ring{.trace = first});
  caf::anon_send(actor, ring{.trace = second, .softly = true});
  settle();
  EXPECT_EQ(state.count, 1u);
  EXPECT_EQ(state.on_value, first);
  EXPECT_EQ(state.on_fault, second);
  EXPECT_EQ(state.problem.code, "doorbell.too_soft");
}

TEST_F(behavior_test, requests_always_end) {
  const auto silent = track(system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "silent");
    return {[self](const ring&) { return self->make_response_promise<ring_count>(); },
            [](int) { return 1; }};
  }));
  auto late = request<ring_count>(silent, 2s, ring{});
  advance(1999ms);
  EXPECT_FALSE(*late);
  advance(1ms);
  ASSERT_TRUE(*late);
  EXPECT_EQ((*late)->error().code, "actor.timeout");
  EXPECT_EQ((*late)->error().status, 504);

  EXPECT_EQ(ask<std::string>(silent, 1).error().code, "actor.unexpected_answer");
  EXPECT_EQ(ask<int>(silent, true).error().code, "actor.unexpected_message");

  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(ask<ring_count>(silent, ring{}).error().code, "actor.down");
  EXPECT_EQ(ask<ring_count>(caf::actor(), ring{}).error().code, "actor.down");
}

TEST_F(behavior_test, exception_ends_the_actor_with_its_text) {
  const auto broken = system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "broken");
    return {[](int) -> int { throw std::runtime_error("paper eaten"); }};
  });
  testing::internal::CaptureStdout();
  const auto answer = ask<int>(broken, 1);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "actor.failed");
  EXPECT_NE(answer.error().text.find("paper eaten"), std::string::npos);
  EXPECT_EQ(ask<int>(broken, 1).error().code, "actor.down");
}

TEST_F(behavior_test, the_line_about_an_exception_carries_the_trace_of_the_message) {
  const auto broken = system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "broken");
    return {traced([](const ring&) { throw std::runtime_error("bell fell off"); })};
  });
  const auto trace = new_trace();
  caf::anon_send(broken, ring{.trace = trace});
  settle();
  const auto lines = recent_log_lines();
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back().text, "broken failed: bell fell off");
  EXPECT_EQ(lines.back().trace, trace);
}

TEST_F(behavior_test, unknown_message_and_stray_error_do_not_end_an_actor_nor_print) {
  const auto bell = track(system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "calm");
    return {[](int number) { return number; }};
  }));
  testing::internal::CaptureStdout();
  caf::anon_send(bell, std::string("what?"));
  caf::anon_send(bell, caf::make_error(caf::sec::runtime_error));
  caf::anon_send(bell, caf::down_msg{bell.address(), caf::make_error(caf::sec::runtime_error)});
  settle();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(*ask<int>(bell, 7), 7);
}

struct many_kinds {
  static constexpr bool local_message = true;
  std::shared_ptr<std::string> text;
  std::function<int(int)> function;
};

TEST_F(behavior_test, local_values_need_no_registration) {
  const auto echo = track(system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "echo");
    return {[](const many_kinds& message) { return message.function(*message.text == "x"); },
            [](const std::vector<ring>& rings) { return rings; },
            [](const std::optional<ring>& one) { return one.has_value(); },
            [](const shared_bytes& bytes) { return bytes; },
            [](const device_id& id) { return id; },
            [](const result<ring_count>& inner) { return inner; }};
  }));
  EXPECT_EQ(*ask<int>(echo, many_kinds{std::make_shared<std::string>("x"),
                                       [](int value) { return value + 41; }}),
            42);
  EXPECT_EQ(ask<std::vector<ring>>(echo, std::vector<ring>(3))->size(), 3u);
  EXPECT_TRUE(*ask<bool>(echo, std::optional<ring>(ring{})));
  const auto bytes = shared_bytes::copy_of("receipt");
  EXPECT_EQ(ask<shared_bytes>(echo, bytes)->view().data(), bytes.view().data());
  EXPECT_EQ(*ask<device_id>(echo, device_id("p")), device_id("p"));
  const auto inner = ask<result<ring_count>>(echo, result<ring_count>(fault{"a.b", "c"}));
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->error().code, "a.b");
}

TEST(faults, keep_everything_inside_a_caf_error) {
  const auto error = to_error({"printer.no_paper", "No paper.", "Put a roll in.", 409});
  EXPECT_EQ(to_text(error), "printer.no_paper: No paper.");
  const auto back = to_fault(error);
  EXPECT_EQ(back.code, "printer.no_paper");
  EXPECT_EQ(back.remedy, "Put a roll in.");
  EXPECT_EQ(back.status, 409);
  EXPECT_FALSE(is_orderly(error));
  EXPECT_TRUE(is_orderly({}));
  EXPECT_TRUE(is_orderly(caf::make_error(caf::exit_reason::user_shutdown)));
  EXPECT_FALSE(is_orderly(caf::make_error(caf::exit_reason::kill)));
  EXPECT_EQ(to_fault(caf::make_error(caf::exit_reason::kill)).code, "actor.stopped");
  EXPECT_EQ(to_fault(caf::make_error(caf::pec::unexpected_eof)).code, "actor.failed");
}

struct waiter_state {
  timer first{1}, second{2};
  std::vector<std::string> log;
};

TEST_F(behavior_test, timers_of_one_actor_are_told_apart_and_can_be_cancelled) {
  using pointer = caf::stateful_actor<waiter_state>*;
  const auto actor = track(system().spawn([](pointer self) -> caf::behavior {
    prepare(self, "waiter");
    self->state.first.arm(self, 5s);
    self->state.second.arm(self, 25h);
    return {[self](const tick& message) {
              if (self->state.first.due(self, message)) self->state.log.push_back("first");
              if (self->state.second.due(self, message)) self->state.log.push_back("second");
            },
            [self](int) { self->state.first.cancel(); }};
  }));
  auto& state = static_cast<pointer>(caf::actor_cast<caf::abstract_actor*>(actor))->state;
  settle();
  EXPECT_TRUE(state.first.armed());
  caf::anon_send(actor, 1);
  advance(24h);
  EXPECT_TRUE(state.log.empty());
  EXPECT_FALSE(state.first.armed());
  advance(1h);
  EXPECT_EQ(state.log, std::vector<std::string>{"second"});
  EXPECT_FALSE(state.second.armed());
}

TEST_F(behavior_test, both_clocks_follow_virtual_time) {
  const auto monotonic = now(system());
  EXPECT_EQ(runtime::wall_now(system()), wall_start);
  advance(90min);
  EXPECT_EQ(runtime::wall_now(system()), wall_start + 90min);
  EXPECT_EQ(now(system()) - monotonic, 90min);
}

TEST_F(behavior_test, environment_knows_who_lives) {
  const auto bell = spawn_doorbell(system());
  settle();
  auto& surroundings = environment::of(system());
  const auto has_bell = [&] {
    const auto names = surroundings.living();
    return std::find(names.begin(), names.end(), "doorbell") != names.end();
  };
  EXPECT_TRUE(has_bell());
  surroundings.stop_living();
  settle();
  EXPECT_FALSE(has_bell());
}

} // namespace
} // namespace troupe::runtime
