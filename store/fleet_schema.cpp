#include "store/fleet_schema.hpp"

#include <array>
#include <charconv>
#include <string>

namespace troupe::store {

namespace {

// Each step is a text that is never changed after a release: a new version appends a step.
// The words are those of `sql_connection`. Times are microseconds since 1970, truth values 0 and 1,
// `content`, `record`, `report` and `devices` are messages in msgpack.

/// Boxes, what they said, what they were asked to do. `handed`: a link may have carried it.
constexpr std::string_view fleet_step = R"sql(
CREATE TABLE boxes (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  public_key BYTEA NOT NULL,
  connected BIGINT NOT NULL,
  connected_by TEXT NOT NULL,
  alert TEXT NOT NULL,
  deleted BIGINT NOT NULL,
  last_command BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  report BYTEA NOT NULL,
  devices BYTEA NOT NULL,
  last_event TEXT NOT NULL,
  last_event_at BIGINT NOT NULL);
CREATE TABLE sources (
  number NUMBER_KEY,
  box TEXT NOT NULL UNIQUE,
  epoch TEXT NOT NULL,
  last BIGINT NOT NULL);
CREATE TABLE events (
  sequence ROW_KEY,
  source BIGINT NOT NULL,
  received BIGINT NOT NULL,
  device TEXT NOT NULL,
  type TEXT NOT NULL,
  content BYTEA NOT NULL);
CREATE INDEX events_source ON events (source, sequence);
CREATE TABLE commands (
  serial NUMBER_KEY,
  id TEXT NOT NULL UNIQUE,
  box TEXT NOT NULL,
  number BIGINT NOT NULL,
  key TEXT NOT NULL,
  device TEXT NOT NULL,
  unfinished BIGINT NOT NULL,
  handed BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  record BYTEA NOT NULL,
  content BYTEA NOT NULL);
CREATE UNIQUE INDEX commands_key ON commands (box, key) WHERE key <> '';
CREATE INDEX commands_box ON commands (box, number);
CREATE INDEX commands_unfinished ON commands (box) WHERE unfinished = 1;
CREATE TABLE traces (
  serial NUMBER_KEY,
  trace BYTEA NOT NULL,
  box TEXT NOT NULL,
  line BIGINT NOT NULL,
  content BYTEA NOT NULL);
CREATE INDEX traces_trace ON traces (trace);
)sql";

/// People, what they sign in with, and what they changed.
constexpr std::string_view people_step = R"sql(
CREATE TABLE people (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  created BIGINT NOT NULL,
  last_seen BIGINT NOT NULL);
CREATE TABLE sessions (
  digest TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  address TEXT NOT NULL);
CREATE INDEX sessions_person ON sessions (person);
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  person TEXT NOT NULL,
  created BIGINT NOT NULL,
  last_used BIGINT NOT NULL);
CREATE TABLE audit (
  number NUMBER_KEY,
  time BIGINT NOT NULL,
  person TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  text TEXT NOT NULL);
)sql";

/// Commands owe an event for each of their states: `untold` has its bit until that is kept too.
constexpr std::string_view untold_step = R"sql(
ALTER TABLE commands ADD COLUMN untold BIGINT NOT NULL DEFAULT 0;
CREATE INDEX commands_untold ON commands (serial) WHERE untold > 0;
)sql";

/// Tokens with which boxes connect themselves, and which boxes did. `secret_half` is the public
/// half of a token's secret; the secret itself is nowhere.
constexpr std::string_view connection_tokens_step = R"sql(
CREATE TABLE connection_tokens (
  id TEXT PRIMARY KEY,
  note TEXT NOT NULL,
  url TEXT NOT NULL,
  secret_half BYTEA NOT NULL,
  boxes BIGINT NOT NULL,
  uses_left BIGINT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  revoked BIGINT NOT NULL);
CREATE TABLE connection_token_uses (
  token TEXT NOT NULL,
  box TEXT NOT NULL,
  box_key TEXT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (token, box, box_key));
)sql";

/// When somebody disconnected the box at its homepage; 0: it is connected.
constexpr std::string_view disconnected_step = R"sql(
ALTER TABLE boxes ADD COLUMN disconnected BIGINT NOT NULL DEFAULT 0;
)sql";

/// The fingerprint of the only box that may come with a token; empty: any box may.
constexpr std::string_view token_box_step = R"sql(
ALTER TABLE connection_tokens ADD COLUMN box_key TEXT NOT NULL DEFAULT '';
)sql";

/// Where boxes stand, and labels on them (a line each). `point_question`: nobody said yet where.
constexpr std::string_view points_of_sale_step = R"sql(
CREATE TABLE points_of_sale (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  created BIGINT NOT NULL,
  created_by TEXT NOT NULL);
ALTER TABLE boxes ADD COLUMN point_of_sale TEXT NOT NULL DEFAULT '';
ALTER TABLE boxes ADD COLUMN point_question BIGINT NOT NULL DEFAULT 0;
ALTER TABLE boxes ADD COLUMN tags TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::array steps{
    fleet_step,        people_step,    untold_step,        connection_tokens_step,
    disconnected_step, token_box_step, points_of_sale_step};

constexpr std::string_view facts_table =
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)";

fault newer(std::int64_t found, const std::string& program) {
  return {"store.newer",
          "The database was written by a newer version of this program" +
              (program.empty() ? std::string() : " (" + program + ")") + ": it has schema " +
              std::to_string(found) + ", this program knows up to " + std::to_string(steps.size()) +
              ".",
          "Install that version again, or start with another database. Nothing was changed.", 500};
}

result<std::int64_t> version_of(sql_connection& connection) {
  auto text = read_fact(connection, "schema");
  if (!text) return text.error();
  std::int64_t version = 0;
  const auto* end = text->data() + text->size();
  if (!text->empty() && std::from_chars(text->data(), end, version).ptr != end) version = -1;
  return version;
}

std::optional<fault> apply(sql_connection& connection, std::size_t index) {
  if (auto problem = connection.begin()) return problem;
  auto problem = connection.run_script(steps[index]);
  if (!problem) problem = write_fact(connection, "schema", std::to_string(index + 1));
  if (!problem) problem = connection.commit();
  if (problem) connection.rollback();
  return problem;
}

} // namespace

int fleet_schema_version() {
  return static_cast<int>(steps.size());
}

std::optional<fault> migrate_fleet(sql_connection& connection, std::string_view program_version) {
  if (auto problem = connection.run_script(facts_table)) return problem;
  const auto found = version_of(connection);
  if (!found) return found.error();
  const auto program = read_fact(connection, "program");
  if (!program) return program.error();
  if (*found < 0 || *found > fleet_schema_version()) return newer(*found, *program);
  for (auto index = static_cast<std::size_t>(*found); index < steps.size(); ++index)
    if (auto problem = apply(connection, index)) return problem;
  if (*program == program_version) return std::nullopt;
  return write_fact(connection, "program", program_version);
}

result<std::string> read_fact(sql_connection& connection, std::string_view name) {
  auto rows = connection.ask("SELECT value FROM about WHERE name = ?", name);
  if (!rows) return rows.error();
  return rows->empty() ? std::string() : (*rows)[0].text(0);
}

std::optional<fault> write_fact(sql_connection& connection, std::string_view name,
                                std::string_view text) {
  return connection.run("INSERT INTO about (name, value) VALUES (?, ?) "
                        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        name, text);
}

} // namespace troupe::store
