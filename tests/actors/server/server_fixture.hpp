#pragma once

#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/server/services.hpp"
#include "actors/server/store.hpp"
#include "store/sql_connection.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/store/test_databases.hpp"

#include <boost/asio/io_context.hpp>

#include <string>

namespace troupe::server {

/// A server's actors in virtual time, on an empty database.
class server_test : public runtime::actor_test {
protected:
  explicit server_test(bool postgres = false) : database(postgres) {}
  void TearDown() override {
    runtime::actor_test::TearDown();
    store = nullptr;
  }
  void start_store() {
    auto spawned = spawn_store(system(), shared, {.url = database.url(), .detached = false});
    ASSERT_TRUE(spawned) << spawned.error().text;
    store = *spawned;
    settle();
  }
  /// Runs something in the store and gives its outcome.
  template <class T>
  result<T> in_store(std::function<result<T>(store::sql_connection&)> work,
                     bool reads_only = false) {
    auto out = std::make_shared<std::optional<result<T>>>();
    auto job = std::make_shared<store_job>();
    job->reads_only = reads_only;
    job->work = [out, work](store::sql_connection& connection) -> std::optional<fault> {
      out->emplace(work(connection));
      return **out ? std::nullopt : std::optional<fault>((*out)->error());
    };
    auto told = ask<bool>(store, std::move(job));
    if (!told) return told.error();
    return **out;
  }
  std::int64_t count(const std::string& from) {
    auto found =
        in_store<std::int64_t>([from](store::sql_connection& connection) -> result<std::int64_t> {
          auto rows = connection.ask("SELECT count(*) FROM " + from);
          if (!rows) return rows.error();
          return (*rows)[0].integer(0);
        });
    EXPECT_TRUE(found) << found.error().text;
    return found ? *found : -1;
  }

  store::test_database database;
  boost::asio::io_context io;
  runtime::limits limits;
  runtime::metrics metrics;
  services shared{io, pool(), limits, metrics, "/nowhere", "0.1.0", {}};
  store_actor store;
};

} // namespace troupe::server
