#pragma once

#include "actors/server/services.hpp"
#include "actors/server/store.hpp"
#include "messages/fleet.hpp"
#include "messages/log_record.hpp"
#include "messages/trace.hpp"

#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

/// Spans and log lines of boxes and of the server itself, found by trace.
namespace troupe::server {

/// From a box_session, as it came over the link.
struct keep_trace_part {
  static constexpr bool local_message = true;
  box_id box;
  std::vector<span> spans;
  std::vector<log_record> lines;
};
/// What a page saw of a trace that began with it. Answered by true; "trace.unknown" (404) when
/// nothing is kept of that trace, "trace.too_many" (503) when too much waits for the disk.
struct keep_page_span {
  static constexpr bool local_message = true;
  span content;
};
struct placed_span {
  box_id box; ///< empty: the server
  span content;
  static constexpr auto fields = describe<placed_span>(
      "placed_span", field("box", &placed_span::box), field("span", &placed_span::content));
};
struct placed_line {
  box_id box; ///< empty: the server
  log_record content;
  static constexpr auto fields = describe<placed_line>(
      "placed_line", field("box", &placed_line::box), field("line", &placed_line::content));
};
struct trace_report {
  static constexpr bool local_message = true;
  std::vector<placed_span> spans; ///< by start
  std::vector<placed_line> lines; ///< by time
};
/// Only the trace id counts. Answered by all that is kept, the server's own included; empty when
/// nothing is.
struct get_trace {
  static constexpr bool local_message = true;
  trace_context trace;
};

using log_store_actor =
    caf::typed_actor<caf::reacts_to<keep_trace_part>, caf::replies_to<keep_page_span>::with<bool>,
                     caf::replies_to<get_trace>::with<trace_report>>;

log_store_actor spawn_log_store(caf::actor_system& system, const services& shared,
                                store_actor store);

} // namespace troupe::server
