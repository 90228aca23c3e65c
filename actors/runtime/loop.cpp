#include "actors/runtime/loop.hpp"

#include "actors/runtime/environment.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/loop_scheduler.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <caf/all.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility> // Asio 1.74 uses std::exchange without including it

namespace troupe::runtime {

namespace {

const logger& loop_log() {
  static const logger instance("runtime.loop");
  return instance;
}

struct configuration : caf::actor_system_config {
  configuration(boost::asio::io_context& io, const loop_options& options) {
    set("logger.verbosity", caf::atom("quiet"));
    set("logger.inline-output", true);
    set("scheduler.max-throughput", static_cast<std::int64_t>(options.messages_per_resume));
    if (options.actors == scheduling::pool) {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", static_cast<std::int64_t>(options.pool_threads));
      return;
    }
    module_factories.push_back([&io, turn = options.resumes_per_turn](
                                   caf::actor_system& system) -> caf::actor_system::module* {
      return new loop_scheduler(system, io, turn);
    });
  }
};

/// Says which loop runs on this thread.
class thread_mark {
public:
  explicit thread_mark(boost::asio::io_context& io)
      : before_(std::exchange(io_context_of_this_thread(), &io)) {}
  ~thread_mark() { io_context_of_this_thread() = before_; }
  thread_mark(const thread_mark&) = delete;
  thread_mark& operator=(const thread_mark&) = delete;

private:
  boost::asio::io_context* before_;
};

} // namespace

struct loop::implementation {
  explicit implementation(const loop_options& given)
      : options(given), work(io.get_executor()), surroundings([] {
          return std::chrono::time_point_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now());
        }),
        config(io, given), system(std::in_place, config),
        threads_of_caf(system->detached_actors()) {
    surroundings.install(*system);
  }

  void wait_for_signal();
  bool say_farewell();

  loop_options options;
  boost::asio::io_context io{1}; // one thread runs it: Asio then wakes no other
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  environment surroundings;
  configuration config;
  std::optional<caf::actor_system> system;
  std::size_t threads_of_caf;
  std::optional<boost::asio::signal_set> signals;
  std::function<void(int)> on_signal;
  bool signalled = false;
  std::atomic<bool> stopped{false};
};

loop::loop(loop_options options) : implementation_(std::make_unique<implementation>(options)) {}

loop::~loop() {
  auto& self = *implementation_;
  self.signals.reset();
  const thread_mark mark(self.io);
  if (!self.say_farewell()) {
    std::string names;
    for (const auto& each : self.surroundings.living())
      names += " " + each;
    if (names.empty()) names = " (unnamed)";
    loop_log().error("These actors did not end in time, the program is aborted:{}", names);
    flush_log();
    std::fprintf(stderr, "actors that did not end in time:%s\n", names.c_str());
    std::abort();
  }
  self.system.reset();
}

/// True when all actors have ended. A detached actor's thread lives as long as somebody holds its
/// handle, so the actor system would wait for those too.
bool loop::implementation::say_farewell() {
  const auto end = std::chrono::steady_clock::now() + options.longest_farewell;
  const auto left_over = [this] {
    return system->registry().running() > 0 || system->detached_actors() > threads_of_caf;
  };
  // Again and again: an actor may be known only after its first turn, or spawn another at its end.
  // Each time after a longer pause: tens of thousands of actors need their time to end.
  auto next_try = std::chrono::steady_clock::now();
  auto pause = std::chrono::milliseconds{10};
  for (auto at = next_try; left_over() && at < end; at = std::chrono::steady_clock::now()) {
    if (at >= next_try) {
      surroundings.stop_living();
      // Waits of ended actors would keep them, and the threads of detached ones, until they are
      // over.
      if (system->registry().running() == 0) system->clock().cancel_all();
      next_try = std::chrono::steady_clock::now() + pause;
      pause *= 2;
    }
    // Waits that nobody is there to see the end of still hold their actors, detached ones too.
    if (system->registry().running() == 0) system->clock().cancel_all();
    io.restart();
    io.run_one_for(std::chrono::milliseconds{10});
  }
  return !left_over();
}

boost::asio::io_context& loop::io_context() {
  return implementation_->io;
}
caf::actor_system& loop::system() {
  return *implementation_->system;
}

void loop::run() {
  auto& io = implementation_->io;
  const thread_mark mark(io);
  while (!implementation_->stopped) {
    try {
      io.run();
    } catch (const std::exception& error) {
      loop_log().error("A handler on the loop failed: {}", error.what());
    }
  }
}

void loop::stop() {
  implementation_->stopped = true;
  implementation_->io.stop();
}

void loop::post(std::function<void()> job) {
  boost::asio::post(implementation_->io, std::move(job));
}

bool loop::on_loop_thread() const {
  return io_context_of_this_thread() == &implementation_->io;
}

void loop::stop_on_signals(std::function<void(int)> callback) {
  implementation_->on_signal = std::move(callback);
  implementation_->signals.emplace(implementation_->io, SIGINT, SIGTERM);
  implementation_->wait_for_signal();
}

void loop::implementation::wait_for_signal() {
  signals->async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (std::exchange(signalled, true)) {
      loop_log().warning("Signal {} came again, no longer waiting for an orderly end", signal);
      stopped = true;
      io.stop();
      return;
    }
    on_signal(signal);
    wait_for_signal();
  });
}

} // namespace troupe::runtime
