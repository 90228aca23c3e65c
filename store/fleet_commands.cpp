#include "store/fleet_commands.hpp"

#include "messages/codec.hpp"
#include "store/transitions.hpp"

namespace troupe::store {

namespace {

result<command_record> read_record(const sql_row& row, std::size_t column) {
  return from_msgpack<command_record>(row.bytes(column));
}

result<std::optional<command_record>> first_record(const result<sql_rows>& rows) {
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<command_record>();
  auto read = read_record((*rows)[0], 0);
  if (!read) return read.error();
  return std::optional(std::move(*read));
}

} // namespace

std::optional<fault> put_command(sql_connection& connection, const command_row& row,
                                 byte_span frame) {
  const auto& record = row.record;
  if (auto problem = connection.run(
          "INSERT INTO commands (id, box, number, key, device, unfinished, handed, expires, "
          "record, content, untold) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?)",
          record.id, record.box, record.number, record.key, record.device, row.handed,
          record.expires, to_msgpack(record), frame, untold_bit(record.state)))
    return problem;
  return connection.run("UPDATE boxes SET last_command = ? WHERE id = ?", record.number,
                        record.box);
}

std::optional<fault> write_command(sql_connection& connection, const command_record& record) {
  if (!is_final(record.state))
    return connection.run("UPDATE commands SET record = ?, untold = untold | ? WHERE id = ?",
                          to_msgpack(record), untold_bit(record.state), record.id);
  return connection.run("UPDATE commands SET record = ?, unfinished = 0, content = ?, "
                        "untold = untold | ? WHERE id = ?",
                        to_msgpack(record), byte_span{}, untold_bit(record.state), record.id);
}

result<bool> mark_command_told(sql_connection& connection, const command_id& id,
                               action_state state) {
  const auto bit = untold_bit(state);
  if (auto problem = connection.run("UPDATE commands SET untold = untold & ~? "
                                    "WHERE id = ? AND (untold & ?) > 0",
                                    2 * bit - 1, id, bit))
    return *problem;
  return connection.changes() > 0;
}

result<std::vector<command_record>> untold_commands(sql_connection& connection,
                                                    std::uint32_t limit) {
  const auto rows = connection.ask(
      "SELECT record, untold FROM commands WHERE untold > 0 ORDER BY serial LIMIT ?", limit);
  if (!rows) return rows.error();
  std::vector<command_record> found;
  for (const auto row : *rows) {
    auto record = read_record(row, 0);
    if (!record) continue;
    for (const auto past : {action_state::accepted, action_state::sent}) {
      if ((row.integer(1) & untold_bit(past)) == 0) continue;
      found.push_back(*record);
      if (past == record->state) continue;
      found.back().state = past;
      found.back().code.clear(); // these are of its end
      found.back().text.clear();
      found.back().data = {};
    }
    if ((row.integer(1) & untold_bit(action_state::confirmed)) != 0)
      found.push_back(std::move(*record));
  }
  return found;
}

result<std::optional<command_record>> find_command(sql_connection& connection,
                                                   const command_id& id) {
  return first_record(connection.ask("SELECT record FROM commands WHERE id = ?", id));
}

result<std::optional<command_record>>
find_command_by_key(sql_connection& connection, const box_id& box, const std::string& key) {
  if (key.empty()) return std::optional<command_record>();
  return first_record(connection.ask(
      "SELECT record FROM commands WHERE box = ? AND key = ? AND key <> ''", box, key));
}

result<std::vector<command_row>> unfinished_commands(sql_connection& connection) {
  const auto rows =
      connection.ask("SELECT record, handed FROM commands WHERE unfinished = 1 ORDER BY serial");
  if (!rows) return rows.error();
  std::vector<command_row> read;
  for (const auto row : *rows)
    if (auto record = read_record(row, 0)) read.push_back({std::move(*record), row.flag(1)});
  return read;
}

result<std::vector<command_frame>> hand_over_commands(sql_connection& connection, const box_id& box,
                                                      std::uint64_t after, std::size_t bytes) {
  std::vector<command_frame> frames;
  for (std::size_t size = 0; size < bytes;) {
    const auto rows = connection.ask(
        "SELECT number, content FROM commands WHERE box = ? AND number > ? AND unfinished = 1 "
        "ORDER BY number LIMIT 1",
        box, after);
    if (!rows) return rows.error();
    if (rows->empty()) break;
    after = (*rows)[0].number(0);
    const auto content = (*rows)[0].bytes(1);
    size += content.size() + 1;
    frames.push_back({after, byte_vector(content.begin(), content.end())});
    if (auto problem = connection.run(
            "UPDATE commands SET handed = 1 WHERE box = ? AND number = ? AND handed = 0", box,
            after))
      return *problem;
  }
  return frames;
}

result<std::vector<command_record>> list_commands(sql_connection& connection,
                                                  const command_query& wanted) {
  std::string statement = "SELECT record FROM commands WHERE 1 = 1";
  std::vector<sql_parameter> parameters;
  if (wanted.box) {
    statement += " AND box = ?";
    parameters.emplace_back(*wanted.box);
  }
  if (wanted.device) {
    statement += " AND device = ?";
    parameters.emplace_back(*wanted.device);
  }
  if (!wanted.before.empty()) {
    statement += " AND serial < (SELECT serial FROM commands WHERE id = ?)";
    parameters.emplace_back(wanted.before);
  }
  statement += " ORDER BY serial DESC LIMIT ?";
  parameters.emplace_back(wanted.limit);
  const auto rows = connection.ask_with(statement, parameters);
  if (!rows) return rows.error();
  std::vector<command_record> read;
  for (const auto row : *rows)
    if (auto record = read_record(row, 0)) read.push_back(std::move(*record));
  return read;
}

result<std::uint64_t> prune_commands(sql_connection& connection, std::uint64_t keep,
                                     std::uint32_t step) {
  if (auto problem = connection.run(
          "DELETE FROM commands WHERE serial IN (SELECT serial FROM commands WHERE unfinished = 0 "
          "AND untold = 0 "
          "AND serial <= (SELECT max(serial) FROM commands) - ? ORDER BY serial LIMIT ?)",
          keep, step))
    return *problem;
  return static_cast<std::uint64_t>(connection.changes());
}

} // namespace troupe::store
