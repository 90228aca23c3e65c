#pragma once

#include "messages/describe.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The decisions of a supervisor: state and event in, new state and effects out. No CAF, no clock.
namespace troupe::runtime {

/// What to do when one child ends: restart only it, or also those that were added after it.
enum class supervision : std::uint8_t { one_for_one, rest_for_one };

/// When an ended child is started again: always; only after a failure; never.
enum class restart_kind : std::uint8_t { permanent, transient, temporary };

/// What happens when a child fails more often than allowed: it is given up, shown as failed and
/// tried again at the longest delay; or the supervisor stops the others and fails itself.
enum class escalation : std::uint8_t { give_up_child, end_supervisor };

struct restart_limits {
  unsigned restarts = 5;                      ///< more than so many ...
  std::chrono::milliseconds within{60'000};   ///< ... in so long are too many
  std::chrono::milliseconds first_delay{100}; ///< before the first restart; then doubling
  std::chrono::milliseconds longest_delay{30'000};
  double jitter = 0.5; ///< a delay is cut by up to this share, 0..1
};

enum class child_phase : std::uint8_t { running, restarting, stopping, stopped, failed };
constexpr auto names_of(child_phase) {
  return std::array{enum_name<child_phase>{child_phase::running, "running"},
                    enum_name<child_phase>{child_phase::restarting, "restarting"},
                    enum_name<child_phase>{child_phase::stopping, "stopping"},
                    enum_name<child_phase>{child_phase::stopped, "stopped"},
                    enum_name<child_phase>{child_phase::failed, "failed"}};
}

/// A supervisor's state machine. Times are from any monotonic clock.
class supervisor_core {
public:
  using time = std::chrono::steady_clock::time_point;

  struct definition {
    std::string id;
    restart_kind restart = restart_kind::permanent;
    std::chrono::milliseconds grace{5000}; ///< between being asked to end and being killed
  };

  struct start_child {
    std::string id;
  }; ///< answer with `ended` if it cannot be started
  struct stop_child {
    std::string id;
  }; ///< ask it to end
  struct kill_child {
    std::string id;
  }; ///< end it now
  struct forget_child {
    std::string id;
  }; ///< removed, or temporary and ended
  struct wait {
    std::string id;
    std::uint64_t generation;
    std::chrono::milliseconds delay;
  };
  struct finish {
    std::string reason;
  }; ///< all children are down; empty: orderly
  using effect = std::variant<start_child, stop_child, kill_child, forget_child, wait, finish>;
  using effects = std::vector<effect>;

  struct child {
    definition what;
    child_phase phase = child_phase::stopped;
    unsigned restarts = 0;     ///< since it was added
    std::string last_reason{}; ///< why it ended last; empty: never, or as it should
    time since{};              ///< of the present phase
    bool alive = false;        ///< started and not yet ended
    bool ready = false;        ///< restarting and its delay is over
    bool removing = false;
    bool started_before = false;
    unsigned failures_in_a_row = 0;
    std::uint64_t generation = 0;
    std::deque<time> recent_restarts{};
  };

  supervisor_core(supervision strategy, restart_limits limits, escalation then, std::uint64_t seed);

  /// Adds and starts a child; nothing happens when the id is taken or the supervisor is stopping.
  effects add(definition what, time now);
  /// Stops and forgets a child; nothing happens when there is none of that id.
  effects remove(std::string_view id, time now);
  /// A child has ended, or could not be started.
  effects ended(std::string_view id, std::string reason, bool orderly, time now);
  /// A wait is over.
  effects waited(std::string_view id, std::uint64_t generation, time now);
  /// Stops all, last first; gives `finish` when the last is down.
  effects stop(std::string reason, time now);
  /// Starts a child again now that was given up or waits for its delay.
  effects retry(std::string_view id, time now);

  const std::vector<child>& children() const { return children_; }
  const child* find(std::string_view id) const;
  bool stopping() const { return closing_; }

private:
  child* find_child(std::string_view id);
  void settle(time now, effects& out);
  void settle_closing(time now, effects& out);
  void settle_order(time now, effects& out);
  void begin_stop(child& which, time now, effects& out);
  void begin_start(child& which, time now, effects& out);
  void plan_restart(child& which, time now, effects& out);
  std::chrono::milliseconds delay_for(child& which);
  void enter(child& which, child_phase phase, time now);

  supervision strategy_;
  restart_limits limits_;
  escalation escalation_;
  std::minstd_rand random_;
  std::vector<child> children_; ///< in the order they were added
  bool closing_ = false;
  bool finished_ = false;
  std::string closing_reason_;
};

} // namespace troupe::runtime
