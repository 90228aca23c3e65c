#pragma once

#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"
#include "messages/value.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// Something that happened on the box. Made by device actors, numbered by the event hub, kept by
/// the ledger, read by pages, long polls and the uplink. Immutable once numbered.
struct event {
  std::uint64_t sequence =
      0; ///< rises by at least one with each event of this box, also over restarts
  time_point time{};
  std::string type;   ///< "device.status", "device.added", "action.confirmed", …
  device_id device;   ///< empty: the box itself
  action_id action;   ///< empty: not about an action
  session_id session; ///< who asked for that action
  trace_context trace = current_trace();
  value data;

  static constexpr auto fields =
      describe<event>("event", field("sequence", &event::sequence), field("time", &event::time),
                      field("type", &event::type), field("device", &event::device),
                      field("action", &event::action), field("session", &event::session),
                      field("trace", &event::trace), field("data", &event::data));
};

} // namespace troupe
