#include "store/database.hpp"

#include "store/crash_point.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::store {

namespace {

fault disk_full(const std::string& file) {
  return {"store.disk_full", "The disk is full: nothing can be written to " + file + ".",
          "Free some space on that disk; the box goes on by itself then.", 507};
}

fault no_permission(const std::string& file) {
  return {"store.no_permission", "This program may not write to " + file + ".",
          "Make the state folder and its files belong to the user that runs the box, on a disk "
          "that is mounted for writing.",
          500};
}

fault from_errno(int error, const std::string& file) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return disk_full(file);
  case EACCES:
  case EPERM:
  case EROFS:
    return no_permission(file);
  default:
    return {"store.io",
            file + " cannot be read or written" +
                (error != 0 ? std::string(": ") + std::strerror(error) : std::string()) + ".",
            "Check the disk (a worn SD card is a common reason) and the system's log.", 500};
  }
}

/// The error when it can only come from a disk, else 0.
int disk_error(int error) {
  for (const int known : {ENOSPC, EDQUOT, EFBIG, EROFS, EIO})
    if (error == known) return error;
  return 0;
}

} // namespace

fault store_fault(int sqlite_code, int system_error, const std::string& file) {
  switch (sqlite_code & 0xff) {
  case SQLITE_FULL:
    return disk_full(file);
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return {"store.corrupt", file + " is damaged.",
            "Stop the box, move that file and its -wal file away (keep them for support) and start "
            "again: it begins with an empty ledger.",
            500};
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return {"store.locked", file + " is in use by another program.",
            "Close the other program that has this file open.", 503};
  case SQLITE_CONSTRAINT:
    return {"store.conflict", "That is there already, or what it belongs to is gone.",
            "Look at the present state and try again.", 409};
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return no_permission(file);
  case SQLITE_CANTOPEN:
  case SQLITE_IOERR:
    return from_errno(system_error, file);
  default:
    return {"store.io",
            file + ": the database engine reported \"" + sqlite3_errstr(sqlite_code) + "\".",
            "Please report this with the box's log.", 500};
  }
}

query::query(database& owner, sqlite3_stmt* statement, std::optional<fault> problem,
             std::span<const sql_parameter> parameters)
    : owner_(owner), statement_(statement), problem_(std::move(problem)) {
  int index = 0;
  for (const auto& each : parameters) {
    ++index; // unbound is NULL
    if (const auto* number = std::get_if<std::int64_t>(&each.content()))
      bind_integer(index, *number);
    else if (const auto* text = std::get_if<std::string_view>(&each.content()))
      bind(index, *text);
    else if (const auto* bytes = std::get_if<byte_span>(&each.content()))
      bind(index, *bytes);
  }
}

query::~query() {
  if (statement_) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
}

result<bool> query::step() {
  if (problem_) return *problem_;
  errno = 0;
  switch (sqlite3_step(statement_)) {
  case SQLITE_ROW:
    return true;
  case SQLITE_DONE:
    return false;
  default:
    problem_ = owner_.last_fault();
    return *problem_;
  }
}

std::optional<fault> query::run() {
  for (;;) {
    const auto more = step();
    if (!more) return more.error();
    if (!*more) return std::nullopt;
  }
}

std::int64_t query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string query::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

byte_span query::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (!bytes) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

sql_value query::value(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
  case SQLITE_NULL:
    return nullptr;
  case SQLITE_INTEGER:
  case SQLITE_FLOAT:
    return std::int64_t{sqlite3_column_int64(statement_, column)};
  case SQLITE_BLOB:
    return std::string(as_text(blob(column)));
  default:
    return text(column);
  }
}

std::size_t query::columns() const {
  return statement_ ? static_cast<std::size_t>(sqlite3_column_count(statement_)) : 0;
}

void query::bind_integer(int index, std::int64_t number) {
  if (statement_ && sqlite3_bind_int64(statement_, index, number) != SQLITE_OK)
    problem_ = owner_.last_fault();
}

void query::bind(int index, std::string_view text) {
  const char* start = text.data() ? text.data() : "";
  if (statement_ && sqlite3_bind_text64(statement_, index, start, text.size(), SQLITE_TRANSIENT,
                                        SQLITE_UTF8) != SQLITE_OK)
    problem_ = owner_.last_fault();
}

void query::bind(int index, byte_span bytes) {
  const void* start = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  if (statement_ &&
      sqlite3_bind_blob64(statement_, index, start, bytes.size(), SQLITE_STATIC) != SQLITE_OK)
    problem_ = owner_.last_fault();
}

result<std::unique_ptr<database>> database::open(const std::filesystem::path& file,
                                                 const database_options& options) {
  // SQLite would make it readable for all; its log takes the mode of the file.
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (made < 0) return store_fault(SQLITE_CANTOPEN, errno, file.string());
  struct stat found {};
  const bool fresh = ::fstat(made, &found) == 0 && found.st_size == 0;
  ::close(made);

  std::unique_ptr<database> opened(new database);
  opened->name_ = file.string();
  const char* file_system = options.file_system.empty() ? nullptr : options.file_system.c_str();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2(file.c_str(), &opened->handle_, flags, file_system) != SQLITE_OK)
    return opened->last_fault();

  sqlite3* handle = opened->handle_;
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_wal_hook(
      handle,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<database*>(self)->note_log_pages(pages);
        return SQLITE_OK;
      },
      opened.get());
  // Exclusive before WAL: then the index of the log is in our own memory and needs no shared file.
  const std::string settings =
      "PRAGMA page_size=" + std::to_string(page_bytes) + "; PRAGMA locking_mode=EXCLUSIVE;" +
      (fresh ? "PRAGMA auto_vacuum=INCREMENTAL;" : "") + // writes each time, so only once
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=0;"
      "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
      "PRAGMA cache_spill=" +
      std::to_string(spill_pages) + "; PRAGMA cache_size=-" + std::to_string(options.cache_kib) +
      "; PRAGMA journal_size_limit=" + std::to_string(log_size_limit);
  if (auto problem = opened->execute(settings.c_str())) return std::move(*problem);
  opened->file_ = mark_of(opened->name_);
  opened->log_ = mark_of(opened->name_ + "-wal");
  return opened;
}

std::optional<database::file_mark> database::mark_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return file_mark{found.st_dev, found.st_ino};
}

result<std::unique_ptr<database>> database::in_memory() {
  std::unique_ptr<database> opened(new database);
  opened->name_ = "a database in memory";
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2(":memory:", &opened->handle_, flags, nullptr) != SQLITE_OK)
    return opened->last_fault();
  // Small allocations from the heap instead of a reserve of 48 kB a connection.
  sqlite3_db_config(opened->handle_, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 0, 0);
  if (auto problem = opened->execute("PRAGMA page_size=1024; PRAGMA auto_vacuum=INCREMENTAL;"
                                     "PRAGMA journal_mode=MEMORY; PRAGMA trusted_schema=OFF"))
    return std::move(*problem);
  return opened;
}

database::~database() {
  for (const auto& [text, statement] : prepared_)
    sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

std::optional<fault> database::execute(const char* statements) {
  errno = 0;
  if (sqlite3_exec(handle_, statements, nullptr, nullptr, nullptr) != SQLITE_OK)
    return last_fault();
  return std::nullopt;
}

sqlite3_stmt* database::prepare(std::string_view statement, std::optional<fault>& problem) {
  const auto known = prepared_.find(statement);
  if (known != prepared_.end()) return known->second;
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v3(handle_, statement.data(), static_cast<int>(statement.size()),
                         SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK) {
    problem = last_fault();
    return nullptr;
  }
  prepared_.emplace(statement, made);
  return made;
}

std::optional<fault> database::moved() const {
  if (!file_) return std::nullopt;
  const auto gone = [](const std::string& path) {
    return fault{"store.moved",
                 path + " was deleted, moved or replaced while this program uses it: what is "
                        "written now would be lost.",
                 "Move the very file back; this program goes on by itself then. If it is deleted, "
                 "put back a backup and start this program again.",
                 503};
  };
  if (mark_of(name_) != file_) return gone(name_);
  if (log_ && mark_of(name_ + "-wal") != log_) return gone(name_ + "-wal");
  return std::nullopt;
}

std::optional<fault> database::commit() {
  if (auto problem = moved()) return problem;
  if (auto problem = execute("COMMIT")) return problem;
  if (!log_ && file_) log_ = mark_of(name_ + "-wal");
  return std::nullopt;
}

bool database::idle() const {
  return sqlite3_get_autocommit(handle_) != 0;
}

std::int64_t database::changes() const {
  return sqlite3_changes64(handle_);
}

std::int64_t database::last_row() const {
  return sqlite3_last_insert_rowid(handle_);
}

std::optional<fault> database::checkpoint() {
  crash_point("ledger.before_checkpoint");
  int left = 0;
  int copied = 0;
  errno = 0;
  if (sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_RESTART, &left, &copied) !=
      SQLITE_OK)
    return last_fault();
  log_pages_ = 0;
  crash_point("ledger.after_checkpoint");
  return std::nullopt;
}

fault database::last_fault() const {
  // SQLite forgets the system's reason when a commit fails; then errno, which was cleared before
  // the call, still has it.
  const int noted = sqlite3_system_errno(handle_);
  return store_fault(sqlite3_extended_errcode(handle_), noted != 0 ? noted : disk_error(errno),
                     name_);
}

} // namespace troupe::store
