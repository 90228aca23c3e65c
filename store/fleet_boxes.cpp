#include "store/fleet_boxes.hpp"

#include "messages/codec.hpp"

#include <algorithm>

namespace troupe::store {

namespace {

/// What cannot be read any more comes anew with the box's next link.
template <class T>
T read_or_empty(byte_span content) {
  auto read = from_msgpack<T>(content);
  return read ? std::move(*read) : T{};
}

std::vector<std::string> tags_of(const std::string& lines) {
  std::vector<std::string> tags;
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size());
    tags.push_back(lines.substr(at, end - at));
    at = end + 1;
  }
  return tags;
}

std::string lines_of(const std::vector<std::string>& tags) {
  std::string lines;
  for (const auto& each : tags)
    lines.append(lines.empty() ? "" : "\n").append(each);
  return lines;
}

box_row read_box(const sql_row& row) {
  box_row read;
  auto& box = read.box;
  box.id = box_id(row.text(0));
  box.name = row.text(1);
  box.note = row.text(2);
  const auto key = row.bytes(3);
  read.public_key = byte_vector(key.begin(), key.end());
  box.connected = row.time(4);
  box.connected_by = row.text(5);
  box.alert = row.text(6);
  read.deleted = row.flag(7);
  read.last_command = row.number(8);
  box.online_since = row.time(9);
  box.report = read_or_empty<box_report>(row.bytes(10));
  box.devices = read_or_empty<std::vector<device_snapshot>>(row.bytes(11));
  box.last_event = row.text(12);
  box.last_event_at = row.time(13);
  box.disconnected = row.time(14);
  box.point_of_sale = row.text(15);
  box.point_question = row.flag(16);
  box.tags = tags_of(row.text(17));
  return read;
}

} // namespace

result<std::vector<box_row>> load_boxes(sql_connection& connection) {
  const auto rows = connection.ask(
      "SELECT id, name, note, public_key, connected, connected_by, alert, deleted, last_command, "
      "seen, report, devices, last_event, last_event_at, disconnected, point_of_sale, "
      "point_question, tags FROM boxes");
  if (!rows) return rows.error();
  std::vector<box_row> read;
  read.reserve(rows->size());
  for (const auto row : *rows)
    read.push_back(read_box(row));
  return read;
}

std::optional<fault> put_box(sql_connection& connection, const box_row& row) {
  const auto& box = row.box;
  return connection.run(
      "INSERT INTO boxes (id, name, note, public_key, connected, connected_by, alert, deleted, "
      "last_command, seen, report, devices, last_event, last_event_at, point_of_sale, "
      "point_question, tags) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, '', 0, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "name = excluded.name, note = excluded.note, public_key = excluded.public_key, "
      "connected = excluded.connected, connected_by = excluded.connected_by, "
      "alert = excluded.alert, deleted = 0, disconnected = 0, "
      "point_of_sale = excluded.point_of_sale, point_question = excluded.point_question, "
      "tags = excluded.tags",
      box.id, box.name, box.note, row.public_key, box.connected, box.connected_by, box.alert,
      row.last_command, box.online_since, to_msgpack(box.report), to_msgpack(box.devices),
      box.point_of_sale, box.point_question, lines_of(box.tags));
}

std::optional<fault> write_box_words(sql_connection& connection, const box_id& box,
                                     const box_words& words) {
  std::optional<fault> problem;
  const auto write = [&](const char* statement, const auto& wanted) {
    if (wanted && !problem) problem = connection.run(statement, *wanted, box);
  };
  write("UPDATE boxes SET name = ? WHERE id = ?", words.name);
  write("UPDATE boxes SET note = ? WHERE id = ?", words.note);
  write("UPDATE boxes SET alert = ? WHERE id = ?", words.alert);
  write("UPDATE boxes SET point_of_sale = ? WHERE id = ?", words.point_of_sale);
  write("UPDATE boxes SET point_question = ? WHERE id = ?", words.point_question);
  if (words.tags)
    write("UPDATE boxes SET tags = ? WHERE id = ?", std::optional(lines_of(*words.tags)));
  return problem;
}

std::optional<fault> write_box_disconnected(sql_connection& connection, const box_id& box,
                                            time_point at) {
  return connection.run("UPDATE boxes SET disconnected = ? WHERE id = ?", at, box);
}

std::optional<fault> write_box_report(sql_connection& connection, const fleet_box& box,
                                      time_point seen) {
  return connection.run("UPDATE boxes SET seen = ?, report = ?, devices = ?, last_event = ?, "
                        "last_event_at = ? WHERE id = ?",
                        seen, to_msgpack(box.report), to_msgpack(box.devices), box.last_event,
                        box.last_event_at, box.id);
}

std::optional<fault> mark_box_deleted(sql_connection& connection, const box_id& box) {
  return connection.run("UPDATE boxes SET deleted = 1, alert = '' WHERE id = ?", box);
}

} // namespace troupe::store
