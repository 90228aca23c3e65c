#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "store/sql_connection.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace troupe::store {

class database;

/// One run of a prepared statement: bound when made, stepped row by row, reset when it goes out of
/// scope. A statement that could not be prepared gives its fault at the first step.
class query {
public:
  template <class... Parameters>
  query(database& owner, sqlite3_stmt* statement, std::optional<fault> problem,
        const Parameters&... parameters)
      : owner_(owner), statement_(statement), problem_(std::move(problem)) {
    [[maybe_unused]] int index = 0;
    (bind(++index, parameters), ...);
  }
  query(database& owner, sqlite3_stmt* statement, std::optional<fault> problem,
        std::span<const sql_parameter> parameters);
  ~query();
  query(const query&) = delete;
  query& operator=(const query&) = delete;

  /// Goes to the next row; false when there is none.
  result<bool> step();
  /// Steps to the end.
  [[nodiscard]] std::optional<fault> run();

  // The columns of the present row, counted from 0; NULL reads as 0 or empty.
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  /// Valid until the next step.
  byte_span blob(int column) const;
  sql_value value(int column) const;
  std::size_t columns() const;

private:
  template <std::integral Number>
  void bind(int index, Number number) {
    bind_integer(index, static_cast<std::int64_t>(number));
  }
  void bind_integer(int index, std::int64_t number);
  void bind(int index, std::string_view text);
  void bind(int index, byte_span bytes);

  database& owner_;
  sqlite3_stmt* statement_;
  std::optional<fault> problem_;
};

/// How a database file is opened.
struct database_options {
  /// Name of the SQLite VFS that reads and writes; empty: the system's. Tests put a failing one.
  std::string file_system;
  /// What SQLite may keep of the file in memory, in KiB.
  int cache_kib = 512;
};

/// A SQLite file that belongs to this process alone: WAL without shared memory, each commit synced,
/// a small cache. Not for several threads. Faults: store.disk_full, store.corrupt, store.locked,
/// store.no_permission, store.io, store.moved.
class database {
public:
  /// The unit in which the file grows, in bytes.
  static constexpr int page_bytes = 4096;
  /// Changed pages that one transaction may hold in memory (8 MiB) before it writes them to the log
  /// early, which costs it a second pass over what it wrote.
  static constexpr int spill_pages = 2048;
  /// The log is cut back to this size after a checkpoint, in bytes.
  static constexpr int log_size_limit = 1 << 20;
  /// How long a statement waits for a lock of another program (a backup), in milliseconds.
  static constexpr int busy_timeout_ms = 2000;

  static result<std::unique_ptr<database>> open(const std::filesystem::path& file,
                                                const database_options& options = {});
  /// A database without a file, with the smallest footprint: gone with this object.
  static result<std::unique_ptr<database>> in_memory();
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Runs statements without parameters.
  [[nodiscard]] std::optional<fault> execute(const char* statements);

  /// Prepares (once; `statement` must outlive the database, as literals do) and binds the
  /// parameters in order: integers, text (copied), bytes (which must outlive the query).
  template <class... Parameters>
  query ask(std::string_view statement, const Parameters&... parameters) {
    std::optional<fault> problem;
    sqlite3_stmt* prepared = prepare(statement, problem);
    return query(*this, prepared, std::move(problem), parameters...);
  }
  /// The same with a list of parameters.
  query ask_with(std::string_view statement, std::span<const sql_parameter> parameters) {
    std::optional<fault> problem;
    sqlite3_stmt* prepared = prepare(statement, problem);
    return query(*this, prepared, std::move(problem), parameters);
  }

  /// Ends the transaction with its changes on disk. Refused as "store.moved" when the file, or its
  /// log, is no longer where a later start would look for it: who only holds it open would lose
  /// what it wrote with the process. The transaction is left open by a fault.
  [[nodiscard]] std::optional<fault> commit();
  /// "store.moved" when the file or its log was deleted, moved or replaced since it was opened.
  std::optional<fault> moved() const;

  /// True outside of a transaction: SQLite ends one by itself after some faults.
  bool idle() const;
  /// The rows that the last statement changed.
  std::int64_t changes() const;
  /// The number of the last row inserted.
  std::int64_t last_row() const;
  /// Pages in the log that are not yet copied into the file.
  std::size_t log_pages() const { return log_pages_; }
  /// Copies the log into the file.
  [[nodiscard]] std::optional<fault> checkpoint();
  /// The last fault of SQLite in words.
  fault last_fault() const;
  /// Remembers the size of the log; called after each commit.
  void note_log_pages(int pages) { log_pages_ = static_cast<std::size_t>(pages); }

private:
  /// What tells one file from another on this machine.
  struct file_mark {
    dev_t device = 0;
    ino_t number = 0;
    bool operator==(const file_mark&) const = default;
  };
  database() = default;
  static std::optional<file_mark> mark_of(const std::string& path);
  sqlite3_stmt* prepare(std::string_view statement, std::optional<fault>& problem);

  sqlite3* handle_ = nullptr;
  std::string name_;              ///< of the file, for faults
  std::optional<file_mark> file_; ///< none: in memory
  std::optional<file_mark> log_;  ///< none: no log yet
  std::size_t log_pages_ = 0;
  std::map<std::string_view, sqlite3_stmt*> prepared_;
};

/// The fault for an extended result code of SQLite and the errno behind it (0: none).
fault store_fault(int sqlite_code, int system_error, const std::string& file);

} // namespace troupe::store
