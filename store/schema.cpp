#include "store/schema.hpp"

#include "store/crash_point.hpp"

#include <array>

namespace troupe::store {

namespace {

// One text a version, never changed after a release: a new version is a new text that alters.
// hold: 0 settled, 1 ended as unknown, 2 unfinished. touched: a byte may have reached the device.
// Times are microseconds since 1970. Checksums are CRC-32 of the content.
constexpr std::array versions{R"sql(
CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE actions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL,
  device TEXT NOT NULL,
  action TEXT NOT NULL,
  state TEXT NOT NULL,
  hold INTEGER NOT NULL,
  touched INTEGER NOT NULL DEFAULT 0,
  code TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  session TEXT NOT NULL,
  origin TEXT NOT NULL,
  trace BLOB NOT NULL,
  repeats TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  payload_bytes INTEGER NOT NULL,
  payload_kept INTEGER NOT NULL);
CREATE INDEX actions_key ON actions (device, key) WHERE key <> '';
CREATE INDEX actions_device ON actions (device);
CREATE INDEX actions_held ON actions (state, device) WHERE hold > 0;
CREATE INDEX actions_kept ON actions (hold, number, payload_bytes) WHERE payload_kept = 1;
CREATE TABLE payloads (
  number INTEGER PRIMARY KEY,
  checksum INTEGER NOT NULL,
  content BLOB NOT NULL);
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  device TEXT NOT NULL,
  checksum INTEGER NOT NULL,
  content BLOB NOT NULL);
CREATE INDEX events_device ON events (device);
)sql",
                              // result: JSON of what an action found out; empty: nothing.
                              R"sql(
ALTER TABLE actions ADD COLUMN result TEXT NOT NULL DEFAULT '';
)sql",
                              // untold: states whose event is not kept yet, see untold_bit.
                              R"sql(
ALTER TABLE actions ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
CREATE INDEX actions_untold ON actions (number) WHERE untold > 0;
)sql"};

fault newer(const std::string& name, std::int64_t found, const std::string& program) {
  return {"store.newer",
          name + " was written by a newer version of this program" +
              (program.empty() ? std::string() : " (" + program + ")") + ": it has schema " +
              std::to_string(found) + ", this program knows up to " +
              std::to_string(versions.size()) + ".",
          "Install that version again, or start with another state folder (--state). Nothing was "
          "changed.",
          500};
}

/// What the about table says of the program; empty when there is none.
std::string writer_of(database& file) {
  auto found = file.ask("SELECT value FROM about WHERE name = 'program'");
  const auto row = found.step();
  return row && *row ? found.text(0) : std::string();
}

std::optional<fault> apply(database& file, std::size_t index) {
  if (auto problem = file.execute("BEGIN IMMEDIATE")) return problem;
  auto problem = file.execute(versions[index]);
  crash_point("ledger.in_migration");
  if (!problem)
    problem = file.execute(("PRAGMA user_version=" + std::to_string(index + 1)).c_str());
  if (!problem) problem = file.execute("COMMIT");
  if (problem && !file.idle()) static_cast<void>(file.execute("ROLLBACK"));
  return problem;
}

} // namespace

int schema_version() {
  return static_cast<int>(versions.size());
}

std::optional<fault> migrate(database& file, const std::string& name,
                             std::string_view program_version) {
  std::int64_t found = 0;
  {
    auto asked = file.ask("PRAGMA user_version");
    const auto row = asked.step();
    if (!row) return row.error();
    found = asked.integer(0);
  }
  if (found < 0 || found > schema_version()) return newer(name, found, writer_of(file));
  for (auto index = static_cast<std::size_t>(found); index < versions.size(); ++index)
    if (auto problem = apply(file, index)) return problem;
  if (writer_of(file) == program_version) return std::nullopt;
  return file.ask("INSERT OR REPLACE INTO about VALUES ('program', ?)", program_version).run();
}

} // namespace troupe::store
