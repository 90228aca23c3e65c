#include "actors/runtime/loop.hpp"
#include "actors/runtime/workers.hpp"
#include "tests/actors/fixture.hpp"

#include <future>
#include <stdexcept>
#include <thread>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

TEST(workers, work_runs_elsewhere_and_its_outcome_on_the_loop) {
  loop home;
  workers pool(home);
  EXPECT_EQ(pool.threads(), 0u);
  std::thread::id worked_on;
  const auto trace = new_trace();
  {
    const trace_scope scope(trace);
    pool.run(
        [&] {
          worked_on = std::this_thread::get_id();
          EXPECT_EQ(current_trace(), trace);
          return std::make_unique<int>(42);
        },
        [&](result<std::unique_ptr<int>> outcome) {
          EXPECT_TRUE(home.on_loop_thread());
          EXPECT_EQ(current_trace(), trace);
          EXPECT_EQ(**outcome, 42);
          home.stop();
        });
  }
  EXPECT_EQ(pool.threads(), 1u);
  home.run();
  EXPECT_NE(worked_on, std::this_thread::get_id());
}

TEST(workers, refuses_beyond_the_bound_and_tells_so_once) {
  loop home;
  workers pool(home, {.threads = 1, .queued_jobs = 2});
  std::promise<void> go, started;
  auto gate = go.get_future().share();
  std::vector<std::string> outcomes;
  const auto done = [&](result<int> outcome) {
    outcomes.push_back(outcome ? std::to_string(*outcome) : outcome.error().code);
    if (outcomes.size() == 4) home.stop();
  };
  pool.run([&, gate] { return started.set_value(), gate.wait(), 1; }, done);
  started.get_future().wait();
  pool.run([] { return 2; }, done);
  pool.run([] { return 3; }, done);
  pool.run([] { return 4; }, done);
  EXPECT_EQ(pool.queued(), 2u);
  go.set_value();
  home.run();
  std::sort(outcomes.begin(), outcomes.end());
  EXPECT_EQ(outcomes, (std::vector<std::string>{"1", "2", "3", "workers.busy"}));
}

TEST(workers, faults_and_exceptions_come_back_as_faults) {
  loop home;
  workers pool(home, {.threads = 2});
  std::vector<std::string> outcomes;
  const auto done = [&](result<int> outcome) {
    outcomes.push_back(outcome.error().code);
    if (outcomes.size() == 2) home.stop();
  };
  pool.run([]() -> result<int> { return fault{"picture.truncated", "It ends too early."}; }, done);
  pool.run([]() -> int { throw std::runtime_error("out of memory"); }, done);
  home.run();
  std::sort(outcomes.begin(), outcomes.end());
  EXPECT_EQ(outcomes, (std::vector<std::string>{"picture.truncated", "workers.failed"}));
}

TEST(workers, idle_threads_end_and_come_back) {
  std::promise<void> first, second;
  workers pool([](workers::job work) { work(); }, {.threads = 1, .idle = 1ms});
  ASSERT_FALSE(pool.enqueue([&] { first.set_value(); }));
  first.get_future().wait();
  while (pool.threads() > 0)
    std::this_thread::yield();
  ASSERT_FALSE(pool.enqueue([&] { second.set_value(); }));
  second.get_future().wait();
}

TEST(workers, destructor_drops_what_waits_and_finishes_what_runs) {
  std::promise<void> started;
  std::atomic<int> finished{0};
  {
    workers pool([](workers::job work) { work(); }, {.threads = 1});
    ASSERT_FALSE(pool.enqueue([&] {
      started.set_value();
      std::this_thread::yield();
      ++finished;
    }));
    started.get_future().wait();
    ASSERT_FALSE(pool.enqueue([&] { finished += 100; }));
  }
  EXPECT_EQ(finished % 100, 1);
}

caf::behavior decoder(caf::event_based_actor* self, workers* pool) {
  prepare(self, "decoder");
  return {traced([self, pool](const std::string& picture) -> caf::result<int> {
    auto promise = self->make_response_promise<int>();
    run_on_workers(
        self, *pool, 5s,
        [picture]() -> result<int> {
          if (picture.empty()) return fault{"picture.empty", "There is nothing in it."};
          if (picture == "bomb") throw std::runtime_error("too large");
          return static_cast<int>(picture.size());
        },
        [promise](result<int> outcome) mutable {
          if (outcome)
            promise.deliver(*outcome);
          else
            promise.deliver(to_error(outcome.error()));
        });
    return promise;
  })};
}

using workers_of_actors = actor_test;

TEST_F(workers_of_actors, come_back_into_the_actor) {
  const auto actor = system().spawn(decoder, &pool());
  EXPECT_EQ(*ask<int>(actor, std::string("jpeg")), 4);
  EXPECT_EQ(ask<int>(actor, std::string()).error().code, "picture.empty");
  EXPECT_EQ(ask<int>(actor, std::string("bomb")).error().code, "workers.failed");
}

TEST_F(workers_of_actors, time_out_like_requests) {
  std::vector<workers::job> jobs;
  workers busy([&](workers::job work) { jobs.push_back(std::move(work)); },
               {.threads = 0, .queued_jobs = 1});
  const auto actor = system().spawn(decoder, &busy);
  const auto late = request<int>(actor, 1min, std::string("jpeg"));
  const auto refused = request<int>(actor, 1min, std::string("jpeg"));
  settle();
  EXPECT_FALSE(*late);
  EXPECT_EQ((*refused)->error().code, "workers.busy");
  advance(5s);
  EXPECT_EQ((*late)->error().code, "actor.timeout");
}

TEST_F(workers_of_actors, real_threads_reach_actors_on_the_loop) {
  loop home;
  workers threads(home);
  const auto actor = home.system().spawn(decoder, &threads);
  int got = 0;
  home.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "asker");
    request_then(
        self, actor, 10s, std::string("picture"),
        [&](int size) {
          got = size;
          home.stop();
        },
        [&](const fault&) { home.stop(); });
    return {[](int) {}};
  });
  home.run();
  EXPECT_EQ(got, 7);
}

} // namespace
} // namespace troupe::runtime
