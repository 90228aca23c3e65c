#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

class loop_test : public ::testing::TestWithParam<scheduling> {
protected:
  loop_test() { configure_log({.level = log_level::warning, .to_stderr = false}); }
};

caf::behavior adder(caf::event_based_actor* self) {
  prepare(self, "adder");
  return {[](int a, int b) { return a + b; }};
}

TEST_P(loop_test, hands_over_in_and_out) {
  loop subject({.actors = GetParam()});
  std::vector<int> got;
  const auto echo = subject.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "echo");
    return {[&](int value) {
      subject.post([&, value] {
        EXPECT_TRUE(subject.on_loop_thread());
        got.push_back(value);
        if (value == 99) subject.stop();
      });
    }};
  });
  EXPECT_FALSE(subject.on_loop_thread());
  for (int i = 0; i < 100; ++i)
    subject.send(echo, i);
  subject.run();
  ASSERT_EQ(got.size(), 100u);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(got[static_cast<std::size_t>(i)], i);
}

TEST_P(loop_test, requests_time_out_and_delayed_messages_come_in_order) {
  loop subject({.actors = GetParam()});
  std::vector<std::string> got;
  subject.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "waiter");
    const auto silent = self->spawn([](caf::event_based_actor* other) -> caf::behavior {
      prepare(other, "silent");
      return {[other](int) { return other->make_response_promise<int>(); }};
    });
    const auto quick = self->spawn(adder);
    self->request(quick, 1min, 1, 2).then([&, self, silent](int sum) {
      got.push_back(std::to_string(sum));
      self->delayed_send(self, 40ms, std::string("third"));
      self->delayed_send(self, 20ms, std::string("second"));
      self->delayed_send(self, 10ms, std::string("first"));
    });
    return {[&, self, silent](const std::string& text) {
      got.push_back(text);
      if (text != "third") return;
      request_then(
          self, silent, 10ms, 1, [](int) { FAIL(); },
          [&](const fault& problem) {
            got.push_back(problem.code);
            subject.stop();
          });
    }};
  });
  subject.run();
  EXPECT_EQ(got, (std::vector<std::string>{"3", "first", "second", "third", "actor.timeout"}));
}

TEST_P(loop_test, detached_actors_use_the_clock_and_talk_with_the_loop) {
  loop subject({.actors = GetParam()});
  const auto sum = subject.system().spawn(adder);
  std::atomic<int> got{0};
  subject.system().spawn<caf::detached>([&](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "detached");
    self->delayed_send(self, 5ms, 1);
    return {[&, self, sum](int) {
      EXPECT_FALSE(subject.on_loop_thread());
      request_then(
          self, sum, 10s, 40, // the adder takes two numbers: answered by a fault
          [](int) { FAIL(); },
          [&, self, sum](const fault&) {
            self->request(sum, 10s, 40, 2).then([&, self](int answer) {
              got = answer;
              self->quit();
              subject.stop();
            });
          });
    }};
  });
  subject.run();
  EXPECT_EQ(got, 42);
}

TEST_P(loop_test, survives_a_handler_that_throws) {
  loop subject({.actors = GetParam()});
  subject.post([] { throw std::runtime_error("socket code failed"); });
  bool reached = false;
  subject.post([&] {
    reached = true;
    subject.stop();
  });
  subject.run();
  EXPECT_TRUE(reached);
}

TEST_P(loop_test, ends_actors_that_were_forgotten) {
  std::vector<std::string> log;
  {
    loop subject({.actors = GetParam()});
    subject.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
      prepare(self, "ticker");
      self->attach_functor([&] { log.push_back("ended"); });
      self->send(self, 1);
      return {[self](int) { self->delayed_send(self, 1ms, 1); }};
    });
    subject.post([&] { subject.stop(); });
    subject.run();
  }
  EXPECT_EQ(log, std::vector<std::string>{"ended"});
}

TEST_P(loop_test, stop_from_another_thread_and_before_run) {
  loop subject({.actors = GetParam()});
  std::thread stopper([&] { subject.stop(); });
  subject.run();
  stopper.join();
  loop early({.actors = GetParam()});
  early.stop();
  early.run();
}

TEST_P(loop_test, calls_back_on_signals_and_ends_at_the_second) {
  loop subject({.actors = GetParam()});
  std::vector<int> got;
  subject.stop_on_signals([&](int signal) {
    got.push_back(signal);
    std::raise(SIGINT);
  });
  subject.post([] { std::raise(SIGTERM); });
  subject.run();
  EXPECT_EQ(got, std::vector<int>{SIGTERM});
}

INSTANTIATE_TEST_SUITE_P(both, loop_test, ::testing::Values(scheduling::on_loop, scheduling::pool),
                         [](const auto& each) {
                           return each.param == scheduling::on_loop ? "on_loop" : "pool";
                         });

TEST(loop_on_its_own, busy_actors_do_not_starve_the_sockets) {
  configure_log({.to_stderr = false});
  loop subject;
  // Two actors that never stop talking, and a timer of Asio's that wants its turn.
  const auto busy = [](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "busy");
    self->send(self, 1);
    return {[self](int) { self->send(self, 1); }};
  };
  subject.system().spawn(busy);
  subject.system().spawn(busy);
  int turns = 0;
  boost::asio::steady_timer timer(subject.io_context());
  std::function<void()> again = [&] {
    timer.expires_after(1ms);
    timer.async_wait([&](const boost::system::error_code&) {
      if (++turns == 50) return subject.stop();
      again();
    });
  };
  again();
  subject.run();
  EXPECT_EQ(turns, 50);
}

TEST(loop_on_its_own, many_threads_send_and_nothing_is_lost) {
  configure_log({.to_stderr = false});
  loop subject;
  constexpr int threads = 4, each = 20'000;
  int got = 0;
  const auto sink = subject.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, "sink");
    return {[&](int) {
      if (++got == threads * each) subject.stop();
    }};
  });
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&] {
      for (int i = 0; i < each; ++i)
        subject.send(sink, i);
    });
  subject.run();
  for (auto& one : senders)
    one.join();
  EXPECT_EQ(got, threads * each);
}

using loop_death_test = ::testing::Test;

TEST(loop_death_test, an_actor_that_cannot_end_is_named_and_the_program_aborted) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        loop subject({.longest_farewell = 200ms});
        std::promise<void> blocked;
        const auto stuck = subject.system().spawn<caf::detached>(
            [&](caf::event_based_actor* self) -> caf::behavior {
              prepare(self, "stuck printer");
              return {[&](int) {
                blocked.set_value();
                std::this_thread::sleep_for(1h);
              }};
            });
        subject.send(stuck, 1);
        blocked.get_future().wait();
      },
      ::testing::KilledBySignal(SIGABRT), "stuck printer");
}

} // namespace
} // namespace troupe::runtime
