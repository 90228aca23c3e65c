#pragma once

#include "actors/runtime/loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/detail/simple_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <mutex>
#include <vector>

/// The inside of `loop`; nobody else includes it.
namespace troupe::runtime {

/// CAF's clock on one Asio timer: no thread of its own, no wake-up without a waiting timer. Calls
/// from other threads (detached actors) are posted to the loop.
class loop_clock final : public caf::detail::simple_actor_clock {
public:
  explicit loop_clock(boost::asio::io_context& io) : io_(io), timer_(io) {}

  void set_ordinary_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point at, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point at, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point at, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

private:
  using super = caf::detail::simple_actor_clock;
  /// Runs now on the loop's thread, or is posted there.
  template <class Job>
  void on_loop(Job job);
  void arm();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  bool armed_ = false;
  time_point armed_for_{};
  std::uint64_t generation_ = 0;
};

/// CAF's scheduler on the loop: ready actors wait in a plain queue that one posted handler drains,
/// in turns of bounded length so that sockets are served in between.
class loop_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  /// After so long a turn ends even if fewer actors than `resumes_per_turn` had theirs.
  static constexpr std::chrono::microseconds longest_turn{500};

  loop_scheduler(caf::actor_system& system, boost::asio::io_context& io,
                 std::size_t resumes_per_turn);

  void enqueue(caf::resumable* job) override;
  bool detaches_utility_actors() const override { return false; }
  loop_clock& clock() noexcept override { return clock_; }
  void start() override;
  void stop() override;

private:
  class unit final : public caf::execution_unit {
  public:
    unit(caf::actor_system* system, loop_scheduler& owner)
        : execution_unit(system), owner_(owner) {}
    void exec_later(caf::resumable* job) override { owner_.enqueue_here(job); }

  private:
    loop_scheduler& owner_;
  };

  void enqueue_here(caf::resumable* job);
  void enqueue_from_elsewhere(caf::resumable* job);
  void take_over_foreign();
  void turn();
  bool resume_next();
  void post_turn();

  boost::asio::io_context& io_;
  const std::size_t resumes_per_turn_;
  loop_clock clock_;
  unit unit_;

  std::vector<caf::resumable*> ready_;   ///< made ready since `turn_` was filled
  std::vector<caf::resumable*> current_; ///< being worked off, from `next_`
  std::size_t next_ = 0;
  bool in_turn_ = false;
  bool turn_posted_ = false;

  std::mutex foreign_mutex_;
  std::vector<caf::resumable*> foreign_; ///< made ready by other threads
  std::vector<caf::resumable*> taken_;   ///< keeps its memory between turns
  std::atomic<bool> foreign_waiting_{false};
};

/// The loop that runs on this thread; null elsewhere.
boost::asio::io_context*& io_context_of_this_thread();

} // namespace troupe::runtime
