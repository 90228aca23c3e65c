#pragma once

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/environment.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/workers.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::runtime {

/// The answer to a request made by a test; empty until it is there.
template <class T>
using answer = std::shared_ptr<std::optional<result<T>>>;

/// Actors under a virtual clock, without threads: nothing happens but in `settle` and `advance`.
/// Detached actors do not belong here. The wall clock starts at 2026-01-01T00:00:00Z and follows.
class actor_test : public ::testing::Test {
protected:
  using duration = caf::actor_clock::duration_type;

  actor_test()
      : environment_([this] { return wall_now(); }), system_(configuration_),
        scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
        start_(scheduler_.clock().now()) {
    configure_log({.level = log_level::info, .to_stderr = false});
    const auto lines = recent_log_lines();
    last_line_before_ = lines.empty() ? 0 : lines.back().number;
    environment_.install(system_);
    idle_ = system_.registry().running();
    asker_ = system_.spawn(ask_for_tests);
    settle();
  }

  ~actor_test() override {
    end_all();
    if (system_.registry().running() > idle_) { // the actor system's destructor would wait forever
      ADD_FAILURE() << "an actor was neither prepared (runtime::prepare), tracked nor ended";
      std::abort();
    }
  }

  /// Ends all actors while the members of the test itself, which they may refer to, still live.
  void TearDown() override {
    end_all();
    if (HasFailure())
      for (const auto& line : recent_log_lines(last_line_before_))
        std::cerr << line.logger << ": " << line.text << "\n";
  }
  void end_all() {
    asker_ = nullptr;
    for (auto& each : tracked_)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    tracked_.clear();
    environment_.stop_living();
    settle();
  }
  /// After `end_all`, for tests in which everything starts anew.
  void start_anew() {
    asker_ = system_.spawn(ask_for_tests);
    settle();
  }

  caf::actor_system& system() { return system_; }
  /// Runs jobs at once.
  workers& pool() { return pool_; }
  time_point wall_now() const {
    using namespace std::chrono;
    return wall_start + turned_ +
           duration_cast<microseconds>(scheduler_clock().current_time - start_);
  }
  /// Somebody turns the clock on the wall; the steady one goes on.
  void turn_wall_clock(std::chrono::microseconds by) { turned_ += by; }

  /// Ends an actor that was spawned without `prepare` when the test ends.
  template <class Handle>
  Handle track(Handle handle) {
    tracked_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  /// Handles messages until there are none; gives the number of resumed actors.
  std::size_t settle() {
    std::size_t count = 0;
    while (scheduler_.try_run_once())
      ++count;
    return count;
  }

  /// Lets time pass, firing each timer that comes due at its own time, in order.
  std::size_t advance(duration by) {
    std::size_t fired = 0;
    settle();
    auto& clock = scheduler_.clock();
    const auto end = clock.current_time + by;
    while (!clock.schedule().empty() && clock.schedule().begin()->first <= end) {
      clock.trigger_timeout();
      ++fired;
      settle();
    }
    clock.current_time = end;
    return fired;
  }

  /// Sends a request and returns at once; `settle` or `advance` brings the answer.
  template <class T, class Handle, class... Message>
  auto request(const Handle& target, std::chrono::milliseconds timeout, Message&&... message) {
    using value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
    auto out = std::make_shared<std::optional<result<value>>>();
    auto content = caf::make_message(std::forward<Message>(message)...);
    question send = [=, to = caf::actor_cast<caf::actor>(target)](caf::event_based_actor* self) {
      auto on_error = [out](caf::error& error) { out->emplace(to_fault(error)); };
      auto pending = self->request(to, timeout, content);
      if constexpr (std::is_void_v<T>)
        pending.then([out] { out->emplace(std::monostate{}); }, on_error);
      else
        pending.then([out](const T& got) { out->emplace(got); }, on_error);
    };
    caf::anon_send(asker_, std::move(send));
    return out;
  }

  /// Sends a request and gives its answer, which must come without time passing.
  template <class T, class Handle, class... Message>
  auto ask(const Handle& target, Message&&... message) {
    auto out = request<T>(target, std::chrono::hours{24 * 365}, std::forward<Message>(message)...);
    settle();
    using outcome = std::remove_cvref_t<decltype(**out)>;
    if (*out) return **out;
    ADD_FAILURE() << "no answer came";
    return outcome(fault{"test.no_answer", "No answer came."});
  }

  /// An actor that keeps what it gets of one type, and where it keeps it.
  template <class T>
  std::pair<caf::actor, std::shared_ptr<std::vector<T>>> collector() {
    auto kept = std::make_shared<std::vector<T>>();
    auto handle = system_.spawn([kept](caf::event_based_actor* self) -> caf::behavior {
      prepare(self, "collector");
      return {[kept](const T& message) { kept->push_back(message); }};
    });
    return {track(handle), kept};
  }

  static constexpr time_point wall_start{std::chrono::seconds{1'767'225'600}};

private:
  using question = std::function<void(caf::event_based_actor*)>;

  struct configuration : caf::actor_system_config {
    configuration() {
      set("scheduler.policy", caf::atom("testing"));
      set("logger.inline-output", true);
    }
  };

  static caf::behavior ask_for_tests(caf::event_based_actor* self) {
    prepare(self, "asker");
    return {[self](const question& send) { send(self); }};
  }
  const caf::detail::test_actor_clock& scheduler_clock() const {
    return const_cast<caf::scheduler::test_coordinator&>(scheduler_).clock();
  }

  environment environment_;
  configuration configuration_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::actor_clock::time_point start_;
  workers pool_{workers::inline_tag{}};
  std::chrono::microseconds turned_{0};
  std::size_t idle_ = 0;
  std::uint64_t last_line_before_ = 0;
  caf::actor asker_;
  std::vector<caf::actor> tracked_;
};

} // namespace troupe::runtime
