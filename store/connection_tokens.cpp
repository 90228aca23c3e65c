#include "store/connection_tokens.hpp"

namespace troupe::store {
namespace {

constexpr std::string_view columns =
    "id, note, url, secret_half, boxes, uses_left, created, expires, made_by, revoked, box_key";

std::string select(std::string_view rest) {
  return "SELECT " + std::string(columns) + " FROM connection_tokens " + std::string(rest);
}

connection_token_row read_row(const sql_row& row) {
  connection_token_row read;
  read.id = row.text(0);
  read.note = row.text(1);
  read.url = row.text(2);
  read.secret_half = shared_bytes::copy_of(row.text(3));
  read.boxes = static_cast<std::uint32_t>(row.number(4));
  read.uses_left = static_cast<std::uint32_t>(row.number(5));
  read.created = row.time(6);
  read.expires = row.time(7);
  read.made_by = row.text(8);
  read.revoked = row.time(9);
  read.box_key = row.text(10);
  return read;
}

fault too_many() {
  return {"token.too_many",
          "There are " + std::to_string(open_tokens_bound) + " connection tokens in use already.",
          "Revoke some that are not needed any more.", 409};
}

/// Ended tokens beyond the bound go, with what is known of their use.
std::optional<fault> thin_out(sql_connection& connection, time_point now) {
  auto old = connection.ask("SELECT id FROM connection_tokens WHERE revoked <> 0 OR uses_left = 0 "
                            "OR expires <= ? ORDER BY created DESC, id LIMIT 100 OFFSET ?",
                            now, ended_tokens_bound);
  if (!old) return old.error();
  for (const auto row : *old) {
    if (auto problem =
            connection.run("DELETE FROM connection_token_uses WHERE token = ?", row.text(0)))
      return problem;
    if (auto problem = connection.run("DELETE FROM connection_tokens WHERE id = ?", row.text(0)))
      return problem;
  }
  return std::nullopt;
}

} // namespace

result<std::vector<connection_token_row>> read_connection_tokens(sql_connection& connection) {
  const auto rows = connection.ask(select("WHERE box_key = '' ORDER BY created DESC, id"));
  if (!rows) return rows.error();
  std::vector<connection_token_row> read;
  for (const auto row : *rows)
    read.push_back(read_row(row));
  return read;
}

result<std::optional<connection_token_row>> find_connection_token(sql_connection& connection,
                                                                  std::string_view id) {
  const auto rows = connection.ask(select("WHERE id = ?"), id);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<connection_token_row>();
  return std::optional(read_row((*rows)[0]));
}

std::optional<fault> add_connection_token(sql_connection& connection,
                                          const connection_token_row& added) {
  if (auto problem = thin_out(connection, added.created)) return problem;
  const auto open = connection.ask("SELECT COUNT(*) FROM connection_tokens WHERE revoked = 0 AND "
                                   "uses_left > 0 AND expires > ?",
                                   added.created);
  if (!open) return open.error();
  if ((*open)[0].number(0) >= open_tokens_bound) return too_many();
  return connection.run("INSERT INTO connection_tokens (id, note, url, secret_half, boxes, "
                        "uses_left, created, expires, made_by, revoked, box_key) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        added.id, added.note, added.url, added.secret_half, added.boxes,
                        added.uses_left, added.created, added.expires, added.made_by, added.revoked,
                        added.box_key);
}

result<connection_token_row> revoke_connection_token(sql_connection& connection,
                                                     std::string_view id, time_point now) {
  if (auto problem = connection.run(
          "UPDATE connection_tokens SET revoked = ? WHERE id = ? AND revoked = 0", now, id))
    return *problem;
  auto found = find_connection_token(connection, id);
  if (!found) return found.error();
  if (!*found)
    return fault{"token.unknown", "There is no such connection token.",
                 "GET /api/v1/connection-tokens lists them.", 404};
  return **std::move(found);
}

std::optional<fault> use_connection_token(sql_connection& connection,
                                          const connection_token_row& token, const box_id& box,
                                          std::string_view box_key, time_point now) {
  if (token.revoked != time_point{})
    return fault{"token.revoked", "The server's owner has revoked this connection token.",
                 "Get another token, or connect the box with its code.", 410};
  if (token.expires <= now)
    return fault{"token.expired", "This connection token has expired.",
                 "Get another token, or connect the box with its code.", 410};
  if (!token.box_key.empty() && token.box_key != box_key)
    return fault{"token.other_box", "This connection token is for another box.",
                 "Get another token, or connect the box with its code.", 409};
  const auto before = connection.ask(
      "SELECT 1 FROM connection_token_uses WHERE token = ? AND box = ? AND box_key = ?", token.id,
      box, box_key);
  if (!before) return before.error();
  if (!before->empty()) return std::nullopt;
  if (auto problem = connection.run("UPDATE connection_tokens SET uses_left = uses_left - 1 "
                                    "WHERE id = ? AND uses_left > 0",
                                    token.id))
    return problem;
  if (connection.changes() == 0)
    return fault{"token.used_up",
                 token.boxes == 1 ? "Another box was connected with this token already."
                                  : "As many boxes as may were connected with this token already.",
                 "Get another token, or connect the box with its code.", 409};
  return connection.run(
      "INSERT INTO connection_token_uses (token, box, box_key, used) VALUES (?, ?, ?, ?)", token.id,
      box, box_key, now);
}

} // namespace troupe::store
