#pragma once

#include "messages/bytes.hpp"
#include "messages/identifiers.hpp"
#include "messages/result.hpp"
#include "messages/trace.hpp"
#include "store/sql_connection.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Spans and log lines on disk, found by their trace. Plain functions, for jobs of the store.
namespace troupe::store {

struct trace_row {
  trace_context trace; ///< only the trace's id counts
  box_id box;
  bool line = false;   ///< a log line; else a span
  std::string content; ///< as msgpack
};
[[nodiscard]] std::optional<fault> write_trace_rows(sql_connection& connection,
                                                    const std::vector<trace_row>& rows);
/// The rows of a trace, in the order they were written; at most `limit`.
result<std::vector<trace_row>> read_trace_rows(sql_connection& connection,
                                               const trace_context& trace, std::uint32_t limit);
/// Deletes at most `step` of those older than the newest `keep`.
result<std::uint64_t> prune_traces(sql_connection& connection, std::uint64_t keep,
                                   std::uint32_t step);

} // namespace troupe::store
