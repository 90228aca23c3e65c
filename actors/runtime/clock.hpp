#pragma once

#include "actors/runtime/environment.hpp"
#include "actors/runtime/local_messages.hpp"
#include "messages/time.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

/// The only sources of time for actors. Virtual-time tests move both.
namespace troupe::runtime {

using actor_time = caf::actor_clock::time_point; ///< monotonic

template <class Self>
actor_time now(Self* self) {
  return self->clock().now();
}
inline actor_time now(caf::actor_system& system) {
  return system.clock().now();
}

/// What a watch on the wall shows: for stamps on events and for certificates, never for waiting.
template <class Self>
time_point wall_now(Self* self) {
  return environment::of(self->home_system()).wall_now();
}
inline time_point wall_now(caf::actor_system& system) {
  return environment::of(system).wall_now();
}

/// What a `timer` sends to its own actor. The actor's private interface accepts it:
/// `printer_actor::extend<caf::reacts_to<runtime::tick>>`.
struct tick {
  static constexpr bool local_message = true;
  std::uint64_t generation = 0; ///< which arming of which timer it belongs to
};

/// A wait that can be armed again and cancelled. CAF's delayed messages can be neither, so each
/// arming has a generation and stale ticks are ignored. Waits longer than `longest_step` are walked
/// in steps, since a pending message keeps the memory of an ended actor. Lives in the actor's
/// state.
///
///     runtime::timer poll{1};                            // 1: tells this actor's timers apart
///     poll.arm(self, 5s);
///     [self](const runtime::tick& tick) { if (self->state.poll.due(self, tick)) ask_printer(self);
///     }
class timer {
public:
  static constexpr std::chrono::minutes longest_step{10};

  /// `number` (0..255) tells the timers of one actor apart.
  explicit timer(std::uint8_t number = 0) : generation_(std::uint64_t{number} << 56) {}

  /// Waits `delay` from now; an earlier arming is forgotten.
  template <class Self>
  void arm(Self* self, actor_time::duration delay) {
    arm_at(self, now(self) + std::max(delay, actor_time::duration::zero()));
  }
  template <class Self>
  void arm_at(Self* self, actor_time at) {
    ++generation_;
    armed_ = true;
    at_ = at;
    step(self);
  }
  void cancel() {
    ++generation_;
    armed_ = false;
  }
  bool armed() const { return armed_; }
  actor_time at() const { return at_; } ///< meaningful while armed

  /// Whether this tick is the one waited for; the timer is then no longer armed. A tick of another
  /// timer, of an earlier arming, or of a step on a long way gives false.
  template <class Self>
  bool due(Self* self, const tick& message) {
    if (!armed_ || message.generation != generation_) return false;
    if (now(self) < at_) {
      step(self);
      return false;
    }
    armed_ = false;
    return true;
  }

private:
  template <class Self>
  void step(Self* self) {
    const auto left = at_ - now(self);
    self->delayed_send(self, std::min<actor_time::duration>(left, longest_step), tick{generation_});
  }

  std::uint64_t generation_;
  actor_time at_{};
  bool armed_ = false;
};

} // namespace troupe::runtime
