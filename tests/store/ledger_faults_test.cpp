#include "store/schema.hpp"
#include "tests/store/failing_file_system.hpp"
#include "tests/store/store_fixture.hpp"

#include <sqlite3.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace troupe::store {
namespace {

using files = failing_file_system;

void expect_words(const fault& problem) {
  EXPECT_TRUE(problem.code.starts_with("store.")) << problem.code;
  EXPECT_FALSE(problem.text.empty());
  EXPECT_FALSE(problem.remedy.empty()) << problem.code;
}

struct failure_case {
  const char* name;
  files::kind how;
  const char* code; ///< empty: any of the store's
};
class ledger_on_failing_disk : public testing::TestWithParam<std::tuple<failure_case, bool>> {
protected:
  ~ledger_on_failing_disk() override { files::heal(); }
  ledger_options options{.database = {.file_system = files::name()}, .program_version = "1"};
};

/// One group as the box makes it; the keys whose changes are committed are added to `kept`.
std::optional<fault> one_group(ledger& book, int number, std::vector<std::string>& kept) {
  if (auto problem = book.begin()) return problem;
  const auto key = "key-" + std::to_string(number);
  std::optional<fault> first;
  const auto accepted = book.accept(make_request(key, 9000), start_of_2026);
  if (!accepted) first = accepted.error();
  if (accepted) {
    const auto sent = book.mark_sent(accepted->record.id, start_of_2026);
    if (!sent) first = sent.error();
  }
  if (auto problem = book.commit()) return problem;
  EXPECT_FALSE(first) << "a lost group was committed";
  kept.push_back(key);
  return std::nullopt;
}

void expect_exactly(ledger& book, const std::vector<std::string>& kept) {
  for (const auto& key : kept) {
    const auto found = book.find_key(device_id("counter"), key);
    ASSERT_TRUE(found) << found.error().text;
    EXPECT_TRUE(*found) << key << " lost";
  }
  EXPECT_EQ(book.list({{}, {}, 0, ledger::list_limit})->size(), kept.size());
  EXPECT_EQ(book.size().actions, kept.size());
}

TEST_P(ledger_on_failing_disk, each_failing_step_gives_a_fault_and_the_ledger_goes_on) {
  const auto& [how, lasting] = GetParam();
  int faults = 0;
  for (long step = 1; step < 200; ++step) {
    temporary_folder folder;
    std::vector<std::string> kept;
    auto book = open_ledger(folder.path(), options);
    ASSERT_FALSE(one_group(*book, 0, kept));
    files::fail_at(step, how.how, lasting);
    bool failed = false;
    for (int group = 1; group <= 3 && !failed; ++group)
      if (const auto problem = one_group(*book, group, kept)) {
        failed = true;
        expect_words(*problem);
        if (*how.code) {
          EXPECT_EQ(problem->code, how.code) << "step " << step;
        }
      }
    if (!failed)
      if (const auto problem = book->checkpoint()) {
        failed = true;
        expect_words(*problem);
      }
    const bool reached = files::steps() >= step;
    files::heal();
    expect_exactly(*book, kept);
    ASSERT_FALSE(one_group(*book, 10, kept)) << "the same ledger works on after step " << step;
    expect_exactly(*book, kept);
    ASSERT_FALSE(book->checkpoint());
    book.reset();
    book = open_ledger(folder.path(), options);
    expect_exactly(*book, kept);
    faults += failed;
    if (!reached) break;
    ASSERT_LT(step, 199) << "the steps do not end";
  }
  if (how.how != files::kind::read_error) {
    EXPECT_GT(faults, 3);
  }
}

TEST_P(ledger_on_failing_disk, each_failing_step_of_opening_gives_a_fault) {
  const auto& [how, lasting] = GetParam();
  for (long step = 1; step < 500; ++step) {
    temporary_folder folder;
    files::fail_at(step, how.how, lasting);
    auto opened = ledger::open(folder.path(), options);
    if (!opened) expect_words(opened.error());
    const bool reached = files::steps() >= step;
    opened = fault{"", ""};
    files::heal();
    auto book = ledger::open(folder.path(), options);
    ASSERT_TRUE(book) << step << ": " << book.error().text;
    std::vector<std::string> kept;
    EXPECT_FALSE(one_group(**book, 1, kept));
    if (!reached) return;
  }
  ADD_FAILURE() << "the steps do not end";
}

INSTANTIATE_TEST_SUITE_P(
    all, ledger_on_failing_disk,
    testing::Combine(testing::Values(failure_case{"disk_full", files::kind::disk_full,
                                                  "store.disk_full"},
                                     failure_case{"write_error", files::kind::write_error, ""},
                                     failure_case{"sync_error", files::kind::sync_error, ""},
                                     failure_case{"read_error", files::kind::read_error, ""}),
                     testing::Bool()),
    [](const auto& tested) {
      return std::get<0>(tested.param).name +
             std::string(std::get<1>(tested.param) ? "_lasting" : "");
    });

/// Runs in a child, since the limits and users of a process cannot be taken back.
void in_child(const std::function<int()>& work) {
  const auto child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the number is the check that failed";
}

TEST(ledger_faults, a_disk_that_is_really_full_is_said_and_left_again) {
  temporary_folder folder;
  in_child([&] {
    auto opened = ledger::open(folder.path());
    if (!opened) return 1;
    auto& book = **opened;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const auto all = limit.rlim_cur;
    limit.rlim_cur = 300'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::vector<std::string> kept;
    std::optional<fault> problem;
    int group = 0;
    while (!problem && group < 100)
      problem = one_group(book, ++group, kept);
    if (!problem || problem->code != "store.disk_full" || problem->status != 507) return 2;
    limit.rlim_cur = all;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (one_group(book, 1000, kept)) return 3;
    return book.size().actions == kept.size() ? 0 : 4;
  });
}

/// What can happen to a file that is in use: each takes it away from where the next start looks.
struct loss_case {
  const char* name;
  std::function<void(const std::filesystem::path& file)> happen;
};
class lost_ledger_file : public testing::TestWithParam<loss_case> {};

TEST_P(lost_ledger_file, is_noticed_before_anything_is_promised) {
  temporary_folder folder;
  auto book = open_ledger(folder.path());
  std::vector<std::string> kept;
  ASSERT_FALSE(one_group(*book, 1, kept));
  EXPECT_FALSE(book->moved());
  GetParam().happen(folder.path() / "ledger.db");
  ASSERT_TRUE(book->moved());
  const auto problem = one_group(*book, 2, kept);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, "store.moved");
  EXPECT_EQ(problem->status, 503);
  expect_exactly(*book, kept);
  std::filesystem::remove_all(folder.path().string() + ".old");
}

INSTANTIATE_TEST_SUITE_P(
    all, lost_ledger_file,
    testing::Values(
        loss_case{"deleted", [](const auto& file) { std::filesystem::remove(file); }},
        loss_case{"log_deleted",
                  [](const auto& file) { std::filesystem::remove(file.string() + "-wal"); }},
        loss_case{"renamed",
                  [](const auto& file) { std::filesystem::rename(file, file.string() + ".old"); }},
        loss_case{"replaced",
                  [](const auto& file) {
                    std::filesystem::copy_file(file, file.string() + ".copy");
                    std::filesystem::rename(file.string() + ".copy", file);
                  }},
        loss_case{"folder_renamed",
                  [](const auto& file) {
                    const auto folder = file.parent_path();
                    std::filesystem::rename(folder, folder.string() + ".old");
                    std::filesystem::create_directory(folder);
                  }}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(ledger_faults, a_file_that_is_put_back_is_written_to_again) {
  temporary_folder folder;
  auto book = open_ledger(folder.path());
  std::vector<std::string> kept;
  ASSERT_FALSE(one_group(*book, 1, kept));
  const auto file = folder.path() / "ledger.db";
  std::filesystem::rename(file, folder.path() / "away.db");
  EXPECT_TRUE(one_group(*book, 2, kept));
  std::filesystem::rename(folder.path() / "away.db", file);
  EXPECT_FALSE(one_group(*book, 3, kept));
  book.reset();
  expect_exactly(*open_ledger(folder.path()), kept);
}

TEST(ledger_faults, a_newer_state_folder_is_refused_with_the_name_of_its_program) {
  temporary_folder folder;
  open_ledger(folder.path(), {.database = {}, .program_version = "9.9.9"}).reset();
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "ledger.db").c_str(), &file), SQLITE_OK);
  const auto newer = "PRAGMA user_version=" + std::to_string(schema_version() + 6);
  ASSERT_EQ(sqlite3_exec(file, newer.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(file);
  const auto opened = ledger::open(folder.path(), {.database = {}, .program_version = "0.1.0"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.newer");
  EXPECT_NE(opened.error().text.find("9.9.9"), std::string::npos) << opened.error().text;
  EXPECT_NE(opened.error().text.find(std::to_string(schema_version() + 6)), std::string::npos);
  EXPECT_FALSE(opened.error().remedy.empty());
}

TEST(ledger_faults, a_state_folder_of_the_first_version_is_brought_up_to_date_with_its_actions) {
  temporary_folder folder;
  const auto id = [&] {
    auto book = open_ledger(folder.path());
    const auto record = accept_one(*book, make_request("a"));
    end_as(*book, record.id, action_state::confirmed);
    return record.id;
  }();
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "ledger.db").c_str(), &file), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(file,
                         "ALTER TABLE actions DROP COLUMN result; DROP INDEX actions_untold; "
                         "ALTER TABLE actions DROP COLUMN untold; PRAGMA user_version=1;",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(file);
  auto book = open_ledger(folder.path());
  const auto found = book->find(id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->state, action_state::confirmed);
  EXPECT_TRUE((*found)->result.is_null());
}

TEST(ledger_faults, a_file_that_is_no_database_is_said_to_be_damaged) {
  temporary_folder folder;
  std::ofstream(folder / "ledger.db") << std::string(10'000, 'x');
  const auto opened = ledger::open(folder.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.corrupt");
  EXPECT_FALSE(opened.error().remedy.empty());
}

TEST(ledger_faults, damage_anywhere_in_the_file_never_stops_the_process) {
  temporary_folder folder;
  {
    auto book = open_ledger(folder.path());
    std::vector<std::string> kept;
    for (int i = 0; i < 20; ++i)
      ASSERT_FALSE(one_group(*book, i, kept));
  }
  std::ifstream whole(folder / "ledger.db", std::ios::binary);
  const std::string content(std::istreambuf_iterator<char>(whole), {});
  for (std::size_t page = 0; page * 4096 < content.size(); ++page) {
    auto damaged = content;
    for (std::size_t i = 0; i < 64; ++i)
      damaged[page * 4096 + (i * 61) % 4096] = static_cast<char>(i * 37);
    std::ofstream(folder / "ledger.db", std::ios::binary) << damaged;
    auto opened = ledger::open(folder.path());
    if (!opened) {
      expect_words(opened.error());
      continue;
    }
    auto& book = **opened;
    const auto listed = book.list({{}, {}, 0, 50});
    if (!listed) expect_words(listed.error());
    const auto waits = book.pending({}, start_of_2026);
    if (!waits) expect_words(waits.error());
    std::vector<std::string> kept;
    if (const auto problem = one_group(book, 100, kept)) expect_words(*problem);
  }
}

TEST(ledger_faults, a_second_process_is_told_who_holds_the_folder) {
  temporary_folder folder;
  const auto first = open_ledger(folder.path());
  const auto holder = "process " + std::to_string(::getpid());
  in_child([&] {
    const auto second = ledger::open(folder.path());
    if (second) return 1;
    if (second.error().code != "store.locked") return 2;
    return second.error().text.find(holder) != std::string::npos ? 0 : 3;
  });
  EXPECT_EQ(ledger::open(folder.path()).error().code, "store.locked") << "nor twice in one process";
}

TEST(ledger_faults, the_folder_is_free_again_when_its_holder_is_gone) {
  temporary_folder folder;
  open_ledger(folder.path()).reset();
  EXPECT_TRUE(ledger::open(folder.path()));
}

TEST(ledger_faults, a_folder_that_may_not_be_written_is_said_so) {
  temporary_folder folder;
  ::chmod(folder.path().c_str(), 0555);
  in_child([&] {
    if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return 1;
    const auto opened = ledger::open(folder.path());
    if (opened) return 2;
    if (opened.error().code != "store.no_permission") return 3;
    const auto below = ledger::open(folder.path() / "state");
    return !below && below.error().code == "store.no_permission" ? 0 : 4;
  });
  ::chmod(folder.path().c_str(), 0755);
}

TEST(ledger_faults, what_is_made_is_for_its_owner_only) {
  temporary_folder folder;
  const auto place = folder.path() / "new" / "state";
  const auto book = open_ledger(place);
  accept_one(*book, make_request("k"));
  const auto mode = [&](const std::filesystem::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  };
  EXPECT_EQ(mode(place), 0700u);
  EXPECT_EQ(mode(place / "ledger.db"), 0600u);
  EXPECT_EQ(mode(place / "ledger.db-wal"), 0600u);
  EXPECT_EQ(mode(place / "lock"), 0600u);
}

} // namespace
} // namespace troupe::store
