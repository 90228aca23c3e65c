#include "store/fleet_traces.hpp"

namespace troupe::store {

std::optional<fault> write_trace_rows(sql_connection& connection,
                                      const std::vector<trace_row>& rows) {
  for (const auto& each : rows)
    if (auto problem = connection.run(
            "INSERT INTO traces (trace, box, line, content) VALUES (?, ?, ?, ?)",
            byte_span(each.trace.trace), each.box, each.line, as_bytes(each.content)))
      return problem;
  return std::nullopt;
}

result<std::vector<trace_row>> read_trace_rows(sql_connection& connection,
                                               const trace_context& trace, std::uint32_t limit) {
  const auto rows = connection.ask(
      "SELECT box, line, content FROM traces WHERE trace = ? ORDER BY serial LIMIT ?",
      byte_span(trace.trace), limit);
  if (!rows) return rows.error();
  std::vector<trace_row> read;
  for (const auto row : *rows)
    read.push_back({trace, box_id(row.text(0)), row.flag(1), row.text(2)});
  return read;
}

result<std::uint64_t> prune_traces(sql_connection& connection, std::uint64_t keep,
                                   std::uint32_t step) {
  const auto rows = connection.ask(
      "SELECT max(serial) FROM (SELECT serial FROM traces ORDER BY serial LIMIT ?) AS oldest_ "
      "WHERE serial <= (SELECT max(serial) FROM traces) - ?",
      step, keep);
  if (!rows) return rows.error();
  if ((*rows)[0].is_null(0)) return std::uint64_t{0};
  if (auto problem = connection.run("DELETE FROM traces WHERE serial <= ?", (*rows)[0].number(0)))
    return *problem;
  return static_cast<std::uint64_t>(connection.changes());
}

} // namespace troupe::store
