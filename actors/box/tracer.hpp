#pragma once

#include "actors/box/ledger.hpp"
#include "actors/box/services.hpp"
#include "actors/runtime/log.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

/// Log lines and spans of the box: what happened in a trace, live lines, levels kept over restarts.
namespace troupe::box {

struct trace_report {
  static constexpr bool local_message = true;
  std::vector<span> spans;              ///< by start
  std::vector<runtime::log_line> lines; ///< oldest first
};
struct get_trace {
  static constexpr bool local_message = true;
  trace_context trace; ///< only its trace id counts
};
/// Changes a logger's level now and after restarts; empty: inherits. A level below `info` falls
/// back after seven days, so that a forgotten "debug" does not fill a disk. Answered when written
/// down.
struct set_level {
  static constexpr bool local_message = true;
  std::string logger; ///< "" is the root
  std::optional<runtime::log_level> level;
};
/// The follower gets `log_arrived` for new lines of at least this level until it ends; lines it
/// cannot take in time are counted in `left_out`, never queued without bound.
struct follow_log {
  static constexpr bool local_message = true;
  caf::actor follower;
  runtime::log_level level = runtime::log_level::info;
};
struct log_arrived {
  static constexpr bool local_message = true;
  std::shared_ptr<const std::vector<runtime::log_line>> lines;
};

using tracer_actor = caf::typed_actor<caf::replies_to<get_trace>::with<trace_report>,
                                      caf::replies_to<set_level>::with<bool>,
                                      caf::replies_to<follow_log>::with<bool>>;

tracer_actor spawn_tracer(caf::actor_system& system, const services& shared, ledger_actor ledger);

} // namespace troupe::box
