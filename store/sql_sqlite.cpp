#include "store/database.hpp"
#include "store/sql_connection.hpp"

#include <filesystem>
#include <unordered_map>

namespace troupe::store {

namespace {

/// What SQLite may keep of a server's file in memory.
constexpr int server_cache_kib = 8 * 1024;
/// Pages of the log (4 KiB) from which on tidying is worth its cost.
constexpr std::size_t log_page_aim = 1024;

/// A box's words for the fault become a server's.
fault for_server(fault problem) {
  if (problem.code == "store.corrupt")
    problem.remedy = "Stop the server, keep a copy of that file and its -wal file, and put back "
                     "the last backup.";
  else if (problem.code == "store.disk_full")
    problem.remedy = "Free some space on that disk; the server goes on by itself then.";
  else if (problem.code == "store.no_permission")
    problem.remedy = "Make the state folder and its files belong to the user that runs the "
                     "server, on a disk that is mounted for writing.";
  return problem;
}

class sqlite_connection final : public sql_connection {
public:
  sqlite_connection(std::unique_ptr<database> file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}

  result<sql_rows> ask_with(std::string_view statement,
                            std::span<const sql_parameter> parameters) override {
    auto query = file_->ask_with(lasting(statement), parameters);
    const auto columns = query.columns();
    std::vector<sql_value> values;
    for (;;) {
      const auto more = query.step();
      if (!more) return for_server(more.error());
      if (!*more) break;
      for (std::size_t column = 0; column < columns; ++column)
        values.push_back(query.value(static_cast<int>(column)));
    }
    changes_ = file_->changes();
    return sql_rows(columns, std::move(values));
  }
  std::int64_t changes() const override { return changes_; }
  std::optional<fault> run_script(std::string_view statements) override {
    const auto script =
        replace_words(statements, {{"NUMBER_KEY", "INTEGER PRIMARY KEY AUTOINCREMENT"},
                                   {"ROW_KEY", "INTEGER PRIMARY KEY"}});
    auto problem = file_->execute(script.c_str());
    if (problem) return for_server(std::move(*problem));
    return std::nullopt;
  }
  std::optional<fault> commit() override {
    auto problem = file_->commit();
    if (problem) return for_server(std::move(*problem));
    return std::nullopt;
  }
  std::optional<fault> trouble() override { return file_->moved(); }
  bool in_transaction() const override { return !file_->idle(); }
  bool connected() const override { return true; }
  std::optional<fault> reconnect() override { return std::nullopt; }
  std::optional<fault> tidy() override {
    if (file_->log_pages() < log_page_aim) return std::nullopt;
    auto problem = file_->checkpoint();
    if (problem) return for_server(std::move(*problem));
    return std::nullopt;
  }
  std::string describe() const override { return "SQLite " + name_; }
  std::uint64_t bytes() override {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(name_, ignored);
    return ignored ? 0 : size;
  }

private:
  /// The database keeps the statement's text by reference.
  std::string_view lasting(std::string_view statement) {
    const auto found = statements_.find(statement);
    if (found != statements_.end()) return *found->second;
    auto kept = std::make_unique<std::string>(statement);
    const std::string_view text = *kept;
    statements_.emplace(text, std::move(kept));
    return text;
  }

  std::unordered_map<std::string_view, std::unique_ptr<std::string>> statements_;
  std::unique_ptr<database> file_;
  std::string name_;
  std::int64_t changes_ = 0;
};

} // namespace

result<std::unique_ptr<sql_connection>> open_sqlite(const std::string& file) {
  database_options options;
  options.cache_kib = server_cache_kib;
  auto opened = database::open(file, options);
  if (!opened) return for_server(opened.error());
  // Nothing is read before the first statement, a damaged file or one in use is noticed here.
  if (auto problem = (*opened)->execute("PRAGMA foreign_keys=ON; SELECT * FROM sqlite_schema"))
    return for_server(std::move(*problem));
  return std::unique_ptr<sql_connection>(
      std::make_unique<sqlite_connection>(std::move(*opened), file));
}

} // namespace troupe::store
