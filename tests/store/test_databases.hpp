#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

/// Empty databases for tests: a SQLite file always, and a schema of its own in the PostgreSQL that
/// TROUPE_TEST_POSTGRES names.
namespace troupe::store {

class test_database {
public:
  explicit test_database(bool postgres) {
    static std::atomic<int> count{0};
    const auto name = "troupe_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    if (!postgres) {
      // In memory where there is such a place: thousands of commits wait for no disk there.
      std::string pattern = (memory_folder() / "troupe-test-XXXXXX").string();
      if (::mkdtemp(pattern.data()) == nullptr) std::abort();
      folder_ = pattern;
      url_ = "sqlite:" + (folder_ / "server.db").string();
      return;
    }
    schema_ = name;
    const std::string server = std::getenv("TROUPE_TEST_POSTGRES");
    url_ = server + (server.find('?') == std::string::npos ? "?" : "&") +
           "options=-csearch_path%3D" + schema_;
    command("CREATE SCHEMA " + schema_);
  }
  ~test_database() {
    if (schema_.empty())
      std::filesystem::remove_all(folder_);
    else
      command("DROP SCHEMA " + schema_ + " CASCADE");
  }
  test_database(const test_database&) = delete;
  test_database& operator=(const test_database&) = delete;

  const std::string& url() const { return url_; }
  bool postgres() const { return !schema_.empty(); }
  std::filesystem::path file() const { return folder_ / "server.db"; }
  const std::string& schema() const { return schema_; }

  /// On PostgreSQL, beside the connection under test.
  static void command(const std::string& statement) {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
        PQconnectdb(std::getenv("TROUPE_TEST_POSTGRES")), &PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> done(
        PQexec(connection.get(), statement.c_str()), &PQclear);
    const auto status = PQresultStatus(done.get());
    ASSERT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << PQerrorMessage(connection.get());
  }

private:
  static std::filesystem::path memory_folder() {
    const std::filesystem::path shared = "/dev/shm";
    return ::access(shared.c_str(), W_OK) == 0 ? shared : std::filesystem::temp_directory_path();
  }

  std::filesystem::path folder_;
  std::string schema_;
  std::string url_;
};

/// The databases at hand, for `INSTANTIATE_TEST_SUITE_P`: false is SQLite, true PostgreSQL.
inline std::vector<bool> databases_at_hand() {
  if (std::getenv("TROUPE_TEST_POSTGRES") != nullptr) return {false, true};
  return {false};
}
inline std::string database_name(const ::testing::TestParamInfo<bool>& info) {
  return info.param ? "postgres" : "sqlite";
}

} // namespace troupe::store
