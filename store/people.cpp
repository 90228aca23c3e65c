#include "store/people.hpp"

#include <algorithm>

namespace troupe::store {
namespace {

/// Audit entries are thinned out once in so many.
constexpr std::uint64_t thin_every = 1024;

std::string name_key(std::string_view name) {
  std::string key(name);
  for (auto& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return key;
}

/// What cannot be read may do least.
role role_from(const std::string& text) {
  role out = role::viewer;
  return from_name(text, out) ? out : role::viewer;
}

fault unknown_person() {
  return {"people.unknown", "There is no such person.", "GET /api/v1/people lists them.", 404};
}

/// Says a taken name in words.
std::optional<fault> name_fault(std::optional<fault> problem, const std::string& name) {
  if (problem && problem->code == "store.conflict")
    return fault{"people.name_taken", "There is a person called " + name + " already.",
                 "Choose another name.", 409};
  return problem;
}

/// A fault unless somebody else is an owner.
std::optional<fault> needs_other_owner(sql_connection& connection, std::string_view id) {
  auto rows = connection.ask("SELECT 1 FROM people WHERE role = 'owner' AND id <> ? LIMIT 1", id);
  if (!rows) return rows.error();
  if (!rows->empty()) return std::nullopt;
  return fault{"people.last_owner", "This is the last owner of the server.",
               "Make somebody else an owner first.", 409};
}

} // namespace

result<everybody> read_everybody(sql_connection& connection, time_point now) {
  everybody out;
  auto people = connection.ask(
      "SELECT id, name, role, password, created, last_seen FROM people ORDER BY name_key");
  if (!people) return people.error();
  for (const auto& row : *people)
    out.people.push_back(
        {row.text(0), row.text(1), role_from(row.text(2)), row.text(3), row.time(4), row.time(5)});
  if (auto problem = connection.run("DELETE FROM sessions WHERE expires <= ?", now))
    return *problem;
  auto sessions = connection.ask(
      "SELECT digest, person, created, expires, address FROM sessions ORDER BY created");
  if (!sessions) return sessions.error();
  for (const auto& row : *sessions)
    out.sessions.push_back({row.text(0), row.text(1), row.time(2), row.time(3), row.text(4)});
  auto tokens = connection.ask(
      "SELECT id, digest, name, scope, person, created, last_used FROM tokens ORDER BY created");
  if (!tokens) return tokens.error();
  for (const auto& row : *tokens)
    out.tokens.push_back({row.text(0), row.text(1), row.text(2), role_from(row.text(3)),
                          row.text(4), row.time(5), row.time(6)});
  return out;
}

std::optional<fault> add_person(sql_connection& connection, const person& added) {
  return name_fault(connection.run("INSERT INTO people (id, name, name_key, role, password, "
                                   "created, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)",
                                   added.id, added.name, name_key(added.name), name_of(added.may),
                                   added.password, added.created, added.last_seen),
                    added.name);
}

std::optional<fault> add_first_person(sql_connection& connection, const person& added) {
  auto rows = connection.ask("SELECT 1 FROM people LIMIT 1");
  if (!rows) return rows.error();
  if (!rows->empty())
    return fault{"setup.done", "This server has an owner already.", "Sign in.", 409};
  return add_person(connection, added);
}

std::optional<fault> change_person(sql_connection& connection, const person& changed) {
  if (changed.may != role::owner) {
    auto before =
        connection.ask("SELECT 1 FROM people WHERE id = ? AND role = 'owner'", changed.id);
    if (!before) return before.error();
    if (!before->empty())
      if (auto problem = needs_other_owner(connection, changed.id)) return problem;
  }
  auto problem = connection.run(
      "UPDATE people SET name = ?, name_key = ?, role = ?, password = ? WHERE id = ?", changed.name,
      name_key(changed.name), name_of(changed.may), changed.password, changed.id);
  if (problem) return name_fault(std::move(problem), changed.name);
  if (connection.changes() == 0) return unknown_person();
  return std::nullopt;
}

std::optional<fault> remove_person(sql_connection& connection, std::string_view id) {
  if (auto problem = needs_other_owner(connection, id)) return problem;
  if (auto problem = connection.run("DELETE FROM sessions WHERE person = ?", id)) return problem;
  if (auto problem = connection.run("DELETE FROM tokens WHERE person = ?", id)) return problem;
  if (auto problem = connection.run("DELETE FROM people WHERE id = ?", id)) return problem;
  if (connection.changes() == 0) return unknown_person();
  return std::nullopt;
}

std::optional<fault> note_seen(sql_connection& connection, std::string_view person,
                               std::string_view token, time_point now) {
  if (!token.empty())
    if (auto problem = connection.run("UPDATE tokens SET last_used = ? WHERE id = ?", now, token))
      return problem;
  return connection.run("UPDATE people SET last_seen = ? WHERE id = ?", now, person);
}

std::optional<fault> add_session(sql_connection& connection, const session& added) {
  return connection.run(
      "INSERT INTO sessions (digest, person, created, expires, address) VALUES (?, ?, ?, ?, ?)",
      added.digest, added.person, added.created, added.expires, added.address);
}

std::optional<fault> remove_session(sql_connection& connection, std::string_view digest) {
  return connection.run("DELETE FROM sessions WHERE digest = ?", digest);
}

std::optional<fault> remove_sessions(sql_connection& connection, std::string_view person,
                                     std::string_view kept) {
  return connection.run("DELETE FROM sessions WHERE person = ? AND digest <> ?", person, kept);
}

std::optional<fault> add_token(sql_connection& connection, const api_token& added) {
  return connection.run("INSERT INTO tokens (id, digest, name, scope, person, created, last_used) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?)",
                        added.id, added.digest, added.name, name_of(added.scope), added.person,
                        added.created, added.last_used);
}

std::optional<fault> remove_token(sql_connection& connection, std::string_view id) {
  if (auto problem = connection.run("DELETE FROM tokens WHERE id = ?", id)) return problem;
  if (connection.changes() == 0)
    return fault{"tokens.unknown", "There is no such key.", "GET /api/v1/tokens lists them.", 404};
  return std::nullopt;
}

std::optional<fault> add_audit(sql_connection& connection, const audit_entry& entry) {
  auto rows = connection.ask("INSERT INTO audit (time, person, address, action, target, text) "
                             "VALUES (?, ?, ?, ?, ?, ?) RETURNING number",
                             entry.time, entry.person, entry.address, entry.action, entry.target,
                             entry.text);
  if (!rows) return rows.error();
  const auto number = rows->empty() ? 0 : (*rows)[0].number(0);
  if (number <= audit_bound || number % thin_every != 0) return std::nullopt;
  return connection.run("DELETE FROM audit WHERE number <= ?", number - audit_bound);
}

result<std::vector<audit_entry>> read_audit(sql_connection& connection, std::uint64_t before,
                                            std::uint32_t limit) {
  auto rows =
      connection.ask("SELECT number, time, person, address, action, target, text FROM audit "
                     "WHERE ?1 = 0 OR number < ?1 ORDER BY number DESC LIMIT ?2",
                     before, limit);
  if (!rows) return rows.error();
  std::vector<audit_entry> out;
  for (const auto& row : *rows)
    out.push_back({row.number(0), row.time(1), row.text(2), row.text(3), row.text(4), row.text(5),
                   row.text(6)});
  return out;
}

} // namespace troupe::store
