#include "store/fleet_schema.hpp"
#include "store/postgres_faults.hpp"
#include "store/sql_connection.hpp"
#include "tests/store/test_databases.hpp"

#include <fstream>

namespace troupe::store {
namespace {

class sql_test : public ::testing::TestWithParam<bool> {
protected:
  void SetUp() override { connection = open(); }
  std::unique_ptr<sql_connection> open() {
    auto opened = open_sql(database.url());
    EXPECT_TRUE(opened) << opened.error().text;
    return opened ? std::move(*opened) : nullptr;
  }
  void script(std::string_view text) {
    const auto problem = connection->run_script(text);
    ASSERT_FALSE(problem) << problem->text;
  }
  void run(std::string_view text) {
    const auto problem = connection->run(text);
    ASSERT_FALSE(problem) << problem->text;
  }
  std::int64_t count(std::string_view table) {
    auto rows = connection->ask("SELECT count(*) FROM " + std::string(table));
    EXPECT_TRUE(rows) << rows.error().text;
    return rows ? (*rows)[0].integer(0) : -1;
  }

  test_database database{GetParam()};
  std::unique_ptr<sql_connection> connection;
};

TEST_P(sql_test, values_of_every_type_come_back) {
  script("CREATE TABLE t (n BIGINT, s TEXT, b BYTEA, e TEXT, z BYTEA)");
  const byte_vector bytes{0, 255, 39, 92};
  ASSERT_FALSE(connection->run("INSERT INTO t VALUES (?, ?, ?, ?, ?)", std::int64_t{-5},
                               "Größe 'x' ✓", bytes, nullptr, byte_vector{}));
  ASSERT_FALSE(connection->run("INSERT INTO t VALUES (?5, ?4, ?3, ?2, ?1)", nullptr, nullptr,
                               nullptr, "", INT64_MAX));
  auto rows = connection->ask("SELECT n, s, b, e, z FROM t ORDER BY n");
  ASSERT_TRUE(rows) << rows.error().text;
  ASSERT_EQ(rows->size(), 2u);
  const auto first = (*rows)[0];
  EXPECT_EQ(first.integer(0), -5);
  EXPECT_EQ(first.text(1), "Größe 'x' ✓");
  EXPECT_EQ(byte_vector(first.bytes(2).begin(), first.bytes(2).end()), bytes);
  EXPECT_TRUE(first.is_null(3));
  EXPECT_FALSE(first.is_null(4));
  EXPECT_TRUE(first.bytes(4).empty());
  const auto second = (*rows)[1];
  EXPECT_EQ(second.integer(0), INT64_MAX);
  EXPECT_FALSE(second.is_null(1));
  EXPECT_TRUE(second.is_null(2));
}

TEST_P(sql_test, new_numbers_come_back_and_rise) {
  script("CREATE TABLE t (number NUMBER_KEY, s TEXT NOT NULL)");
  std::int64_t last = 0;
  for (const char* each : {"a", "b", "c"}) {
    auto rows = connection->ask("INSERT INTO t (s) VALUES (?) RETURNING number", each);
    ASSERT_TRUE(rows) << rows.error().text;
    EXPECT_GT((*rows)[0].integer(0), last);
    last = (*rows)[0].integer(0);
  }
  ASSERT_FALSE(connection->run("DELETE FROM t WHERE number >= ?", last - 1));
  EXPECT_EQ(connection->changes(), 2);
  auto rows = connection->ask("INSERT INTO t (s) VALUES (?) RETURNING number", "d");
  ASSERT_TRUE(rows);
  EXPECT_GT((*rows)[0].integer(0), last) << "a number is not given twice";
}

TEST_P(sql_test, text_compares_byte_by_byte) {
  script("CREATE TABLE t (s TEXT NOT NULL)");
  for (const char* each : {"b", "B", "a-1", "a1", "ä"})
    ASSERT_FALSE(connection->run("INSERT INTO t VALUES (?)", each));
  auto rows = connection->ask("SELECT s FROM t ORDER BY s");
  ASSERT_TRUE(rows);
  std::vector<std::string> order;
  for (const auto row : *rows)
    order.push_back(row.text(0));
  EXPECT_EQ(order, (std::vector<std::string>{"B", "a-1", "a1", "b", "ä"}));
}

TEST_P(sql_test, a_savepoint_undoes_only_its_own_changes) {
  script("CREATE TABLE t (s TEXT NOT NULL UNIQUE)");
  ASSERT_FALSE(connection->begin());
  ASSERT_FALSE(connection->save());
  run("INSERT INTO t VALUES ('kept')");
  ASSERT_FALSE(connection->release());
  ASSERT_FALSE(connection->save());
  run("INSERT INTO t VALUES ('gone')");
  const auto problem = connection->run("INSERT INTO t VALUES ('kept')");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, "store.conflict");
  EXPECT_EQ(problem->status, 409);
  EXPECT_TRUE(connection->in_transaction());
  ASSERT_FALSE(connection->undo());
  ASSERT_FALSE(connection->save());
  run("INSERT INTO t VALUES ('also kept')");
  ASSERT_FALSE(connection->release());
  ASSERT_FALSE(connection->commit());
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(count("t"), 2);
}

TEST_P(sql_test, a_rollback_leaves_nothing) {
  script("CREATE TABLE t (s TEXT)");
  ASSERT_FALSE(connection->begin());
  run("INSERT INTO t VALUES ('x')");
  connection->rollback();
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(count("t"), 0);
  connection->rollback(); // nothing to undo
}

TEST_P(sql_test, a_replaced_row_stays_one) {
  ASSERT_FALSE(migrate_fleet(*connection, "1"));
  ASSERT_FALSE(write_fact(*connection, "colour", "red"));
  ASSERT_FALSE(write_fact(*connection, "colour", "blue"));
  EXPECT_EQ(*read_fact(*connection, "colour"), "blue");
  EXPECT_EQ(*read_fact(*connection, "size"), "");
}

TEST_P(sql_test, many_rows_in_one_statement) {
  script("CREATE TABLE t (n BIGINT NOT NULL, b BYTEA NOT NULL)");
  std::string statement = "INSERT INTO t (n, b) VALUES (?, ?)";
  std::vector<sql_parameter> parameters;
  const byte_vector content(100, 7);
  for (int n = 0; n < 500; ++n) {
    if (n > 0) statement += ", (?, ?)";
    parameters.emplace_back(n);
    parameters.emplace_back(content);
  }
  const auto rows = connection->ask_with(statement, parameters);
  ASSERT_TRUE(rows) << rows.error().text;
  EXPECT_EQ(connection->changes(), 500);
  EXPECT_EQ(count("t"), 500);
}

TEST_P(sql_test, a_wrong_statement_is_a_fault_and_nothing_breaks) {
  const auto problem = connection->run("SELECT nonsense FROM nowhere WHERE x = ?", 1);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, "store.io");
  script("CREATE TABLE t (s TEXT)");
  EXPECT_EQ(count("t"), 0);
}

TEST_P(sql_test, the_schema_is_made_once_and_reopened) {
  ASSERT_FALSE(migrate_fleet(*connection, "1.0"));
  ASSERT_FALSE(migrate_fleet(*connection, "1.1"));
  connection.reset();
  connection = open();
  ASSERT_FALSE(migrate_fleet(*connection, "1.1"));
  EXPECT_EQ(*read_fact(*connection, "program"), "1.1");
  EXPECT_EQ(*read_fact(*connection, "schema"), std::to_string(fleet_schema_version()));
  EXPECT_EQ(count("boxes"), 0);
}

TEST_P(sql_test, a_newer_database_is_left_alone) {
  ASSERT_FALSE(migrate_fleet(*connection, "9.0"));
  ASSERT_FALSE(write_fact(*connection, "schema", "4711"));
  const auto problem = migrate_fleet(*connection, "1.0");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, "store.newer");
  EXPECT_NE(problem->text.find("9.0"), std::string::npos);
  EXPECT_NE(problem->text.find("4711"), std::string::npos);
  EXPECT_EQ(*read_fact(*connection, "program"), "9.0");
}

TEST_P(sql_test, an_older_database_is_brought_up_with_what_is_in_it) {
  ASSERT_FALSE(migrate_fleet(*connection, "1.0"));
  script("DROP TABLE points_of_sale");
  for (const char* column : {"point_of_sale", "point_question", "tags", "disconnected"})
    script(std::string("ALTER TABLE boxes DROP COLUMN ") + column);
  script("DROP TABLE connection_tokens");
  script("DROP TABLE connection_token_uses");
  script("DROP INDEX commands_untold");
  script("ALTER TABLE commands DROP COLUMN untold");
  ASSERT_FALSE(write_fact(*connection, "schema", "2"));
  ASSERT_FALSE(connection->run(
      "INSERT INTO commands (id, box, number, key, device, unfinished, handed, expires, record, "
      "content) VALUES ('c', 'b', 1, '', 'd', 0, 0, 0, ?, ?)",
      byte_vector{1}, byte_vector{2}));
  ASSERT_FALSE(migrate_fleet(*connection, "1.1"));
  EXPECT_EQ(count("commands WHERE untold = 0"), 1) << "nobody waits for the past";
  EXPECT_EQ(count("connection_tokens"), 0);
}

TEST_P(sql_test, a_step_that_fails_leaves_the_older_schema) {
  script("CREATE TABLE events (wrong BIGINT)"); // in the way of the first step
  ASSERT_TRUE(migrate_fleet(*connection, "1.0"));
  EXPECT_EQ(*read_fact(*connection, "schema"), "");
  EXPECT_TRUE(connection->ask("SELECT id FROM boxes").error().code == "store.io");
}

TEST_P(sql_test, a_second_server_is_refused) {
  auto second = open_sql(database.url());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "store.locked");
}

INSTANTIATE_TEST_SUITE_P(databases, sql_test, ::testing::ValuesIn(databases_at_hand()),
                         database_name);

class postgres_test : public ::testing::Test {
protected:
  void SetUp() override {
    if (std::getenv("TROUPE_TEST_POSTGRES") == nullptr)
      GTEST_SKIP() << "TROUPE_TEST_POSTGRES names no PostgreSQL";
  }
};

TEST_F(postgres_test, a_cut_connection_is_a_clear_fault_and_comes_back) {
  test_database database(true);
  auto opened = open_sql(database.url());
  ASSERT_TRUE(opened) << opened.error().text;
  auto& connection = **opened;
  ASSERT_FALSE(connection.run_script("CREATE TABLE t (n BIGINT)"));
  ASSERT_FALSE(connection.begin());
  ASSERT_FALSE(connection.run("INSERT INTO t VALUES (?)", 1));
  const auto own = connection.ask("SELECT pg_backend_pid()");
  test_database::command("SELECT pg_terminate_backend(" + std::to_string((*own)[0].integer(0)) +
                         ", 10000)");
  const auto problem = connection.run("INSERT INTO t VALUES (?)", 2);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, "store.unreachable");
  EXPECT_EQ(problem->status, 503);
  EXPECT_FALSE(connection.connected());
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(connection.run("SELECT 1")->code, "store.unreachable");
  ASSERT_FALSE(connection.reconnect());
  const auto rows = connection.ask("SELECT count(*) FROM t");
  ASSERT_TRUE(rows) << rows.error().text;
  EXPECT_EQ((*rows)[0].integer(0), 0);
  ASSERT_FALSE(connection.run("INSERT INTO t VALUES (?)", 3)) << "prepared anew";
}

TEST_F(postgres_test, text_that_is_none_is_a_fault) {
  test_database database(true);
  auto opened = open_sql(database.url());
  ASSERT_TRUE(opened);
  ASSERT_FALSE((*opened)->run_script("CREATE TABLE t (s TEXT)"));
  EXPECT_EQ((*opened)->run("INSERT INTO t VALUES (?)", std::string_view("a\0b", 3))->code,
            "store.bad_text");
  EXPECT_EQ((*opened)->run("INSERT INTO t VALUES (?)", "\xff\xfe")->code, "store.bad_text");
}

TEST(sql_open, addresses_that_lead_nowhere) {
  EXPECT_EQ(open_sql("mysql://x").error().code, "store.bad_url");
  EXPECT_EQ(open_sql("").error().code, "store.bad_url");
  EXPECT_EQ(open_sql("sqlite:").error().code, "store.bad_url");
  EXPECT_EQ(open_sql("sqlite:/nowhere/at/all.db").error().code, "store.io");
  const auto gone = open_sql("postgresql://user:secret@127.0.0.1:1/nothing");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, "store.unreachable");
  EXPECT_EQ(gone.error().text.find("secret"), std::string::npos);
}

TEST(sql_open, a_file_that_is_no_database) {
  test_database database(false);
  std::ofstream(database.file()) << std::string(8192, 'x');
  const auto opened = open_sql(database.url());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.corrupt");
  EXPECT_NE(opened.error().remedy.find("server"), std::string::npos);
}

TEST(sql_words, parameters_get_numbers) {
  EXPECT_EQ(numbered_parameters("a ? b ?"), "a $1 b $2");
  EXPECT_EQ(numbered_parameters("?2 ?1 ?12"), "$2 $1 $12");
  EXPECT_EQ(numbered_parameters("x = '?' AND \"?\" = ?"), "x = '?' AND \"?\" = $1");
  EXPECT_EQ(numbered_parameters("open '? "), "open '? ");
}

TEST(sql_words, whole_words_are_replaced) {
  EXPECT_EQ(replace_words("TEXT CONTEXT TEXT_2 'TEXT' (TEXT)", {{"TEXT", "t"}}),
            "t CONTEXT TEXT_2 'TEXT' (t)");
}

TEST(postgres_words, states_become_codes) {
  EXPECT_EQ(postgres_fault("53100", "x").code, "store.disk_full");
  EXPECT_EQ(postgres_fault("57P01", "x").code, "store.unreachable");
  EXPECT_EQ(postgres_fault("08006", "x").code, "store.unreachable");
  EXPECT_EQ(postgres_fault("53300", "x").code, "store.unreachable");
  EXPECT_EQ(postgres_fault("42501", "x").code, "store.no_permission");
  EXPECT_EQ(postgres_fault("25006", "x").code, "store.no_permission");
  EXPECT_EQ(postgres_fault("23505", "x").code, "store.conflict");
  EXPECT_EQ(postgres_fault("22021", "x").code, "store.bad_text");
  EXPECT_EQ(postgres_fault("XX001", "x").code, "store.corrupt");
  EXPECT_EQ(postgres_fault("40001", "x").code, "store.locked");
  EXPECT_EQ(postgres_fault("42601", "line one\nline two").text,
            "The database reported \"line one\".");
}

} // namespace
} // namespace troupe::store
