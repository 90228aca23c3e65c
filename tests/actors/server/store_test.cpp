#include "actors/server/store.hpp"
#include "store/fleet_schema.hpp"
#include "tests/actors/server/server_fixture.hpp"

#include <condition_variable>
#include <mutex>

namespace troupe::server {
namespace {

class store_test : public server_test, public ::testing::WithParamInterface<bool> {
protected:
  store_test() : server_test(GetParam()) {}
  void SetUp() override { start_store(); }

  /// A job that notes a fact, and what became of it.
  std::shared_ptr<store_job> note(const std::string& name, std::optional<fault> then = {}) {
    auto job = std::make_shared<store_job>();
    job->work = [name, then](store::sql_connection& connection) -> std::optional<fault> {
      if (auto problem = store::write_fact(connection, name, "x")) return problem;
      return then;
    };
    return job;
  }
  bool noted(const std::string& name) {
    return *in_store<std::string>([name](store::sql_connection& connection) {
      return store::read_fact(connection, name);
    }) == "x";
  }
};

TEST_P(store_test, a_job_is_on_disk_when_it_is_answered) {
  auto job = note("one");
  bool told = false;
  job->done = [&](std::optional<fault> problem) { told = !problem; };
  EXPECT_TRUE(*ask<bool>(store, job));
  EXPECT_TRUE(told);
  end_all(); // as by a kill
  store = nullptr;
  start_anew();
  start_store();
  EXPECT_TRUE(noted("one"));
}

TEST_P(store_test, a_fault_undoes_its_own_job_and_no_other) {
  const fault mine{"test.no", "No.", "", 418};
  auto first = request<bool>(store, std::chrono::seconds(9), note("first"));
  auto second = request<bool>(store, std::chrono::seconds(9), note("second", mine));
  auto broken = std::make_shared<store_job>();
  broken->work = [](store::sql_connection& connection) {
    return connection.run("INSERT INTO nowhere VALUES (1)");
  };
  auto third = request<bool>(store, std::chrono::seconds(9), broken);
  auto fourth = request<bool>(store, std::chrono::seconds(9), note("fourth"));
  settle();
  EXPECT_TRUE(**first);
  EXPECT_EQ((*second)->error().code, "test.no");
  EXPECT_EQ((*second)->error().status, 418);
  EXPECT_EQ((*third)->error().code, "store.io");
  EXPECT_TRUE(**fourth);
  EXPECT_TRUE(noted("first"));
  EXPECT_FALSE(noted("second"));
  EXPECT_TRUE(noted("fourth"));
}

TEST_P(store_test, a_reader_that_fails_harms_no_writer_of_its_group) {
  auto written = request<bool>(store, std::chrono::seconds(9), note("kept"));
  auto reader = std::make_shared<store_job>();
  reader->reads_only = true;
  reader->work = [](store::sql_connection& connection) {
    return connection.run("SELECT nonsense FROM nowhere");
  };
  auto read = request<bool>(store, std::chrono::seconds(9), reader);
  settle();
  EXPECT_TRUE(**written);
  EXPECT_EQ((*read)->error().code, "store.io");
  EXPECT_TRUE(noted("kept"));
}

TEST_P(store_test, a_job_that_ends_the_transaction_fails_the_group_and_the_next_is_well) {
  auto bad = std::make_shared<store_job>();
  bad->work = [](store::sql_connection& connection) -> std::optional<fault> {
    connection.rollback();
    return std::nullopt;
  };
  auto first = request<bool>(store, std::chrono::seconds(9), note("lost"));
  auto second = request<bool>(store, std::chrono::seconds(9), bad);
  settle();
  EXPECT_EQ((*first)->error().code, "store.io");
  EXPECT_EQ((*second)->error().code, "store.io");
  EXPECT_FALSE(noted("lost"));
  EXPECT_TRUE(*ask<bool>(store, note("later")));
}

TEST_P(store_test, many_jobs_go_in_groups_and_keep_their_order) {
  std::vector<runtime::answer<bool>> answers;
  auto order = std::make_shared<std::vector<int>>();
  for (int n = 0; n < 1000; ++n) {
    auto job = std::make_shared<store_job>();
    job->work = [order, n](store::sql_connection&) -> std::optional<fault> {
      order->push_back(n);
      return std::nullopt;
    };
    answers.push_back(request<bool>(store, std::chrono::seconds(9), job));
  }
  settle();
  for (const auto& each : answers)
    EXPECT_TRUE(**each);
  EXPECT_TRUE(std::is_sorted(order->begin(), order->end()));
  const auto& seconds = metrics.spread("troupe_store_commit_seconds", "");
  EXPECT_LE(seconds.count(), 10u);
}

INSTANTIATE_TEST_SUITE_P(databases, store_test, ::testing::ValuesIn(store::databases_at_hand()),
                         store::database_name);

class store_faults_test : public server_test {};

TEST_F(store_faults_test, a_database_that_is_newer_or_gone_is_refused_in_words) {
  start_store();
  ASSERT_TRUE(in_store<bool>([](store::sql_connection& connection) -> result<bool> {
    if (auto problem = store::write_fact(connection, "schema", "999")) return *problem;
    return true;
  }));
  end_all();
  store = nullptr;
  start_anew();
  const auto spawned = spawn_store(system(), shared, {.url = database.url(), .detached = false});
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error().code, "store.newer");
  EXPECT_EQ(
      spawn_store(system(), shared, {.url = "postgresql://nobody@127.0.0.1:1/x", .detached = false})
          .error()
          .code,
      "store.unreachable");
}

TEST_F(store_faults_test, postgres_that_goes_away_is_said_and_it_comes_back) {
  if (std::getenv("TROUPE_TEST_POSTGRES") == nullptr) GTEST_SKIP();
  store::test_database postgres(true);
  store = *spawn_store(system(), shared, {.url = postgres.url(), .detached = false});
  const auto own = in_store<std::int64_t>(
      [](store::sql_connection& connection) -> result<std::int64_t> {
        return (*connection.ask("SELECT pg_backend_pid()"))[0].integer(0);
      },
      true);
  store::test_database::command("SELECT pg_terminate_backend(" + std::to_string(*own) + ", 10000)");
  const auto write = [](store::sql_connection& connection) -> result<bool> {
    if (auto problem = store::write_fact(connection, "a", "b")) return *problem;
    return true;
  };
  EXPECT_EQ(in_store<bool>(write).error().code, "store.unreachable");
  EXPECT_EQ(in_store<bool>(write).error().code, "store.unreachable") << "refused at once";
  advance(std::chrono::seconds(2));
  EXPECT_TRUE(in_store<bool>(write));
  end_all();
  store = nullptr;
}

TEST_F(store_faults_test, a_file_that_was_taken_away_is_said_until_it_is_back) {
  start_store();
  const auto write = [](store::sql_connection& connection) -> result<bool> {
    if (auto problem = store::write_fact(connection, "a", "b")) return *problem;
    return true;
  };
  ASSERT_TRUE(in_store<bool>(write));
  EXPECT_TRUE(ask<bool>(store, check_store{}));
  const auto& writable = metrics.measure("troupe_store_writable", "");
  const auto away = database.file().string() + ".away";
  std::filesystem::rename(database.file(), away);
  EXPECT_EQ(ask<bool>(store, check_store{}).error().code, "store.moved") << "though nobody wrote";
  EXPECT_EQ(in_store<bool>(write).error().code, "store.moved");
  EXPECT_EQ(writable.value(), 0);
  advance(std::chrono::minutes(2));
  EXPECT_EQ(ask<bool>(store, check_store{}).error().code, "store.moved");
  const auto read = [](store::sql_connection& connection) {
    return store::read_fact(connection, "a");
  };
  EXPECT_EQ(*in_store<std::string>(read, true), "b") << "what is known may still be read";
  std::filesystem::rename(away, database.file());
  advance(std::chrono::seconds(2));
  EXPECT_TRUE(ask<bool>(store, check_store{}));
  EXPECT_EQ(writable.value(), 1);
  EXPECT_TRUE(in_store<bool>(write));
}

} // namespace
} // namespace troupe::server
