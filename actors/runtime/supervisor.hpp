#pragma once

#include "actors/runtime/local_messages.hpp"
#include "actors/runtime/supervisor_core.hpp"
#include "messages/describe.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// What a supervisor starts, and starts again.
struct child_spec {
  std::string id; ///< unique in its supervisor
  /// Spawns the child; called at each start, inside the supervisor. May throw: that counts as a
  /// failure of the child, with the exception's text as reason.
  std::function<caf::actor(caf::actor_system&)> start;
  restart_kind restart = restart_kind::permanent;
  std::chrono::milliseconds grace{5000}; ///< between being asked to end and being killed
};

/// A spec from any function that spawns an actor, typed or not.
template <class Spawn>
child_spec make_child(std::string id, Spawn spawn, restart_kind restart = restart_kind::permanent,
                      std::chrono::milliseconds grace = std::chrono::milliseconds{5000}) {
  return {std::move(id),
          [spawn = std::move(spawn)](caf::actor_system& system) {
            return caf::actor_cast<caf::actor>(spawn(system));
          },
          restart, grace};
}

/// How a child fares, for the health page.
struct child_status {
  std::string id;
  child_phase phase = child_phase::stopped;
  std::uint32_t restarts = 0; ///< since it was added
  std::string last_reason;    ///< why it ended last; empty: it never failed
  time_point since{};         ///< of the present phase

  static constexpr auto fields = describe<child_status>(
      "child_status", field("id", &child_status::id), field("phase", &child_status::phase),
      field("restarts", &child_status::restarts), field("last_reason", &child_status::last_reason),
      field("since", &child_status::since));
};

struct children_status {
  std::vector<child_status> children; ///< in the order they were added
  static constexpr auto fields =
      describe<children_status>("children_status", field("children", &children_status::children));
};

/// Adds and starts a child. Answered by its handle, or "supervisor.id_taken",
/// "supervisor.stopping", or the reason why it could not be started (it is then tried again).
struct add_child {
  static constexpr bool local_message = true;
  child_spec spec;
  trace_context trace = current_trace();
};
/// Stops and forgets a child. Answered (with whether there was one) when it is down.
struct remove_child {
  static constexpr bool local_message = true;
  std::string id;
  trace_context trace = current_trace();
};
/// Asks for the present handle of a child. Answered by it, or "supervisor.no_such_child" (404), or
/// "supervisor.child_down" (503) with the reason. Handles change at each restart: do not keep them.
struct find_child {
  static constexpr bool local_message = true;
  std::string id;
};
/// Starts a failed or waiting child at once. Answered by whether there is such a child.
struct retry_child {
  static constexpr bool local_message = true;
  std::string id;
};
/// Asks how all children fare.
struct get_children {
  static constexpr bool local_message = true;
};

using supervisor_actor = caf::typed_actor<
    caf::replies_to<add_child>::with<caf::actor>, caf::replies_to<remove_child>::with<bool>,
    caf::replies_to<find_child>::with<caf::actor>, caf::replies_to<retry_child>::with<bool>,
    caf::replies_to<get_children>::with<children_status>>;

/// A child was started (with its new handle) or left the phase `running` (with none).
struct child_changed {
  static constexpr bool local_message = true;
  std::string id;
  child_phase phase = child_phase::stopped;
  std::string reason;
  caf::actor handle;
};

struct supervisor_options {
  std::string name = "supervisor"; ///< in the log and on the health page
  supervision strategy = supervision::one_for_one;
  restart_limits limits{};
  escalation when_exceeded = escalation::give_up_child;
  std::vector<child_spec> children{};
  /// Runs inside the supervisor at each change; hand it to an actor by `caf::anon_send`.
  std::function<void(const child_changed&)> observer{};
  std::optional<std::uint64_t> seed{}; ///< of the jitter; from the kernel when empty
};

/// Ends (exit message `user_shutdown`) by stopping its children in reverse order, each within its
/// grace, and then itself. A supervisor that is killed kills its children. Give a supervisor that
/// is itself a child a grace that holds its children's.
supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_options options);

} // namespace troupe::runtime
