#pragma once

#include "actors/box/homepage_call.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/local_messages.hpp"
#include "messages/event.hpp"
#include "transport/dialects/odoo_memory.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>

/// Long polls of Odoo's clients: the memory of events, and one actor a waiting poll.
namespace troupe::box {

/// How long a poll waits; Odoo's client gives up after 60 s.
inline constexpr std::chrono::seconds poll_wait{50};
/// Polls waiting at a time; one more is told to come back later.
inline constexpr std::size_t polls_bound = 256;

/// To a poll: what it waits for; null: nothing any more (the same tab asks again).
struct poll_answer {
  static constexpr bool local_message = true;
  std::shared_ptr<const transport::json_value> content;
};
/// From a poll's actor to the homepage.
struct poll_ended {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
};

/// Answers a poll when an event comes, after `poll_wait`, or never when the client has gone.
caf::actor spawn_session_poll(caf::actor_system& system, caf::actor homepage, call_ptr request,
                              std::uint64_t number);

class odoo_polls {
public:
  void declare(runtime::limits& limits);
  /// Answers at once from the memory, or has the poll wait.
  void take(caf::actor_system& system, const caf::actor& homepage, const call_ptr& request,
            dialects::odoo_listener listener, time_point now);
  /// Remembers an event and wakes who waits for it.
  void remember(const event& content, device_kind kind, time_point now);
  void ended(std::uint64_t number);
  /// Sends all away.
  void close();
  std::size_t waiting() const { return waiting_.size(); }

private:
  struct waiter {
    dialects::odoo_listener listener;
    caf::actor poll;
  };
  void end_earlier(const session_id& session);

  dialects::odoo_memory memory_;
  std::map<std::uint64_t, waiter> waiting_;
  std::uint64_t next_ = 1;
  runtime::limit* limit_ = nullptr;
};

} // namespace troupe::box
