#include "store/fleet_events.hpp"

#include <algorithm>
#include <map>

namespace troupe::store {

namespace {

/// Rows of one INSERT: two sizes, so that two statements are prepared.
constexpr std::size_t rows_at_once = 64;
constexpr std::size_t columns = 6;

const std::string& insert_statement(std::size_t rows) {
  static const auto make = [](std::size_t count) {
    std::string text =
        "INSERT INTO events (sequence, source, received, device, type, content) VALUES ";
    for (std::size_t row = 0; row < count; ++row)
      text += row == 0 ? "(?, ?, ?, ?, ?, ?)" : ", (?, ?, ?, ?, ?, ?)";
    return text;
  };
  static const std::string one = make(1);
  static const std::string many = make(rows_at_once);
  return rows == 1 ? one : many;
}

event_source source_of(const sql_row& row) {
  return {row.integer(0), row.text(1), row.number(2)};
}

/// The end of the range of texts that begin so; prefixes are ASCII.
std::string behind_prefix(std::string prefix) {
  ++prefix.back();
  return prefix;
}

} // namespace

result<std::optional<event_source>> find_source(sql_connection& connection, const box_id& box) {
  const auto rows = connection.ask("SELECT number, epoch, last FROM sources WHERE box = ?", box);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<event_source>();
  return std::optional(source_of((*rows)[0]));
}

result<event_source> take_source(sql_connection& connection, const box_id& box) {
  auto found = find_source(connection, box);
  if (!found) return found.error();
  if (*found) return std::move(**found);
  const auto rows = connection.ask(
      "INSERT INTO sources (box, epoch, last) VALUES (?, '', 0) RETURNING number, epoch, last",
      box);
  if (!rows) return rows.error();
  return source_of((*rows)[0]);
}

std::optional<fault> move_source(sql_connection& connection, const event_source& source) {
  return connection.run("UPDATE sources SET epoch = ?, last = ? WHERE number = ?", source.epoch,
                        source.last, source.number);
}

std::optional<fault> write_events(sql_connection& connection, const std::vector<event_row>& rows) {
  std::vector<sql_parameter> parameters;
  parameters.reserve(rows_at_once * columns);
  for (std::size_t at = 0; at < rows.size();) {
    const std::size_t count = rows.size() - at >= rows_at_once ? rows_at_once : 1;
    parameters.clear();
    for (std::size_t row = at; row < at + count; ++row) {
      const auto& each = rows[row];
      parameters.insert(parameters.end(), {each.sequence, each.source, each.received, each.device,
                                           each.type, as_bytes(each.content)});
    }
    const auto done = connection.ask_with(insert_statement(count), parameters);
    if (!done) return done.error();
    at += count;
  }
  return std::nullopt;
}

result<event_bounds> bounds_of_events(sql_connection& connection) {
  // Two statements: each is answered from one end of the table.
  const auto oldest = connection.ask("SELECT min(sequence) FROM events");
  if (!oldest) return oldest.error();
  const auto newest = connection.ask("SELECT max(sequence) FROM events");
  if (!newest) return newest.error();
  return event_bounds{(*oldest)[0].number(0), (*newest)[0].number(0)};
}

result<event_page> read_events(sql_connection& connection, const event_query& wanted) {
  event_page page;
  std::optional<event_source> source;
  std::map<std::int64_t, box_id> names;
  if (wanted.box) {
    auto found = find_source(connection, *wanted.box);
    if (!found) return found.error();
    if (!*found) return event_page{{}, wanted.from, true};
    source = **found;
    names.emplace(source->number, *wanted.box);
  }
  const std::string order = wanted.newest_first ? "DESC" : "ASC";
  std::string statement = "SELECT sequence, source, received, device, type, content FROM events "
                          "WHERE sequence " +
                          std::string(wanted.newest_first ? "<" : ">") + " ?";
  std::vector<sql_parameter> parameters{wanted.from};
  if (source) {
    statement += " AND source = ?";
    parameters.emplace_back(source->number);
  }
  statement += " ORDER BY sequence " + order + " LIMIT ?";
  // A window of rows is examined; what does not fit the other filters is left out here.
  const bool filtered = wanted.device || !wanted.type_prefix.empty();
  const auto window = filtered ? wanted.looked_at : wanted.limit;
  parameters.emplace_back(window);
  const std::string from_window =
      "SELECT sequence, source, received, device, type, content FROM (" + statement +
      ") AS window_"
      " WHERE 1 = 1";
  const std::string edge = "SELECT count(*), " + std::string(wanted.newest_first ? "min" : "max") +
                           "(sequence) FROM (" + statement + ") AS window_";
  const auto reached = connection.ask_with(edge, parameters);
  if (!reached) return reached.error();
  page.ended = (*reached)[0].number(0) < window;
  page.reached = (*reached)[0].number(0) == 0 ? wanted.from : (*reached)[0].number(1);
  std::string filter;
  const std::string behind =
      wanted.type_prefix.empty() ? std::string() : behind_prefix(wanted.type_prefix);
  if (wanted.device) {
    filter += " AND device = ?";
    parameters.emplace_back(*wanted.device);
  }
  if (!wanted.type_prefix.empty()) {
    filter += " AND type >= ? AND type < ?";
    parameters.emplace_back(wanted.type_prefix);
    parameters.emplace_back(behind);
  }
  parameters.emplace_back(wanted.limit);
  const auto rows = connection.ask_with(
      from_window + filter + " ORDER BY sequence " + order + " LIMIT ?", parameters);
  if (!rows) return rows.error();
  for (const auto row : *rows) {
    event_row read{row.number(0), {},          row.integer(1), row.time(2),
                   row.text(3),   row.text(4), row.text(5)};
    auto known = names.find(read.source);
    if (known == names.end()) {
      const auto name = connection.ask("SELECT box FROM sources WHERE number = ?", read.source);
      if (!name) return name.error();
      known = names.emplace(read.source, box_id(name->empty() ? "" : (*name)[0].text(0))).first;
    }
    read.box = known->second;
    page.rows.push_back(std::move(read));
  }
  if (page.rows.size() == wanted.limit) {
    page.reached = page.rows.back().sequence;
    page.ended = false;
  }
  return page;
}

result<std::uint64_t> prune_events(sql_connection& connection, std::uint64_t keep_from,
                                   time_point keep_after, std::uint32_t step) {
  const auto rows = connection.ask(
      "SELECT max(sequence) FROM (SELECT sequence, received FROM events ORDER BY sequence LIMIT ?) "
      "AS oldest_ WHERE (sequence < ? OR received < ?) AND sequence < (SELECT max(sequence) FROM "
      "events)",
      step, keep_from, keep_after);
  if (!rows) return rows.error();
  if ((*rows)[0].is_null(0)) return std::uint64_t{0};
  if (auto problem = connection.run("DELETE FROM events WHERE sequence <= ?", (*rows)[0].number(0)))
    return *problem;
  return static_cast<std::uint64_t>(connection.changes());
}

} // namespace troupe::store
