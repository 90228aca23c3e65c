#pragma once

#include "actors/runtime/local_messages.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace boost::asio {
class io_context;
}

namespace troupe::runtime {

/// Where actors run: on the thread that serves the sockets (no thread hop), or on CAF's own threads
/// (a slow handler then cannot stop the sockets; hand-over costs ten times as much).
enum class scheduling : std::uint8_t { on_loop, pool };

struct loop_options {
  scheduling actors = scheduling::on_loop;
  std::size_t messages_per_resume =
      50;                            ///< messages one actor handles before the next gets its turn
  std::size_t resumes_per_turn = 64; ///< actors resumed before the sockets get their turn
  std::size_t pool_threads = 1;      ///< only for `scheduling::pool`
  /// How long the destructor waits for actors that were told to end; then it names them and aborts.
  std::chrono::milliseconds longest_farewell{5000};
};

/// The one class that knows both Asio and CAF: owns the event loop and the actor system whose
/// scheduler and clock live on it. One loop a box. An idle loop makes no periodic wake-ups.
///
/// Order of an end: the program ends its root actor, which ends its children; sessions and
/// acceptors are closed (they hold actor handles); `stop()`; `run()` returns; the destructor kills
/// and waits for what is left, ends the actor system, then the event loop.
class loop {
public:
  explicit loop(loop_options options = {});
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  boost::asio::io_context& io_context();
  caf::actor_system& system();

  /// Serves sockets, actors and timers on the calling thread until `stop()`.
  void run();
  /// Makes `run()` return after the handler that is running. From any thread.
  void stop();
  /// Runs a function on the loop's thread, later. From any thread.
  void post(std::function<void()> job);
  /// Whether the caller is inside `run()`.
  bool on_loop_thread() const;
  /// Calls back on the loop at each SIGINT and SIGTERM; the second one ends `run()` by itself.
  void stop_on_signals(std::function<void(int signal)> callback);

  /// Hands a message from socket code (or any thread) to an actor.
  template <class Handle, class... Message>
  void send(const Handle& receiver, Message&&... message) {
    caf::anon_send(receiver, std::forward<Message>(message)...);
  }

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace troupe::runtime
