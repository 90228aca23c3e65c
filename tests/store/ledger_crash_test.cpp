#include "store/crash_point.hpp"
#include "tests/store/store_fixture.hpp"

#include <csignal>
#include <map>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::store {
namespace {

/// What the child tells about an action; 'a': accept committed, 's': sent committed, 'f': end
/// committed, 'e': event kept. Written as whole records, so that none is torn.
struct report {
  char what;
  std::uint64_t number;
};

/// Accepts, sends and finishes actions in groups for ever; reports only what is committed.
[[noreturn]] void work(const std::filesystem::path& folder, const std::string& point, int pipe,
                       std::uint64_t first_key) {
  arm_crash_point(point);
  auto opened = ledger::open(folder);
  if (!opened) ::_exit(2);
  auto& book = **opened;
  const auto tell = [pipe](char what, std::uint64_t number) {
    const report told{what, number};
    if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(3);
  };
  const auto must = [](bool good) {
    if (!good) ::_exit(4);
  };
  auto key = first_key;
  for (int round = 0;; ++round) {
    must(!book.begin());
    const auto sequence = book.reserve_sequences(8);
    must(static_cast<bool>(sequence));
    must(!book.commit());

    must(!book.begin());
    std::vector<std::pair<std::uint64_t, action_id>> group;
    for (int i = 0; i < 3; ++i, ++key) {
      const auto accepted =
          book.accept(make_request("key-" + std::to_string(key), 6000), start_of_2026);
      must(accepted && !accepted->duplicate);
      group.emplace_back(key, accepted->record.id);
    }
    must(!book.append(make_event(*sequence)));
    must(!book.commit());
    for (const auto& [number, id] : group)
      tell('a', number);
    tell('e', *sequence);

    for (const auto state : {action_state::sent, action_state::confirmed}) {
      must(!book.begin());
      for (const auto& [number, id] : group)
        must(state == action_state::sent
                 ? static_cast<bool>(book.mark_sent(id, start_of_2026))
                 : static_cast<bool>(book.finish(id, state, "", "", start_of_2026)));
      must(!book.commit());
      for (const auto& [number, id] : group)
        tell(state == action_state::sent ? 's' : 'f', number);
    }
    must(!book.begin());
    must(static_cast<bool>(book.prune(start_of_2026, {.payload_bytes = 200'000, .events = 10})));
    must(!book.commit());
    if (round % 5 == 4) must(!book.checkpoint());
  }
}

struct told_by_child {
  std::map<std::uint64_t, char> actions;
  std::uint64_t last_event = 0;
};

/// Runs a child until it is killed; `microseconds` 0: by its crash point alone.
told_by_child run_child(const std::filesystem::path& folder, const std::string& point,
                        unsigned microseconds, std::uint64_t first_key, bool& killed) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    work(folder, point, ends[1], first_key);
  }
  ::close(ends[1]);
  if (microseconds > 0) {
    ::usleep(microseconds);
    ::kill(child, SIGKILL);
  }
  told_by_child told;
  report line{};
  while (::read(ends[0], &line, sizeof line) == sizeof line) {
    if (line.what == 'e')
      told.last_event = line.number;
    else
      told.actions[line.number] = line.what;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(killed) << "exit " << WEXITSTATUS(status) << " at " << point;
  return told;
}

/// Opens what a dead child left and checks it against all that children were told, then gives the
/// highest key in use.
class survivor {
public:
  explicit survivor(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void round(const std::string& point, unsigned microseconds) {
    bool killed = false;
    const auto told = run_child(folder_, point, microseconds, next_key_, killed);
    if (!killed) return;
    for (const auto& [number, what] : told.actions)
      told_[number] = what;
    check(told, point);
  }

private:
  void check(const told_by_child& told, const std::string& point) {
    auto book = open_ledger(folder_);
    std::map<std::string, action_record> kept;
    std::uint64_t before = 0;
    std::size_t records = 0;
    do {
      const auto page = book->list({{}, {}, before, ledger::list_limit});
      ASSERT_TRUE(page);
      if (page->empty()) break;
      records += page->size();
      before = page->back().number;
      for (const auto& record : *page)
        EXPECT_TRUE(kept.emplace(record.key, record).second) << record.key << " twice: " << point;
    } while (before > 1);
    EXPECT_EQ(book->size().actions, records);
    for (const auto& [number, what] : told_) {
      const auto found = kept.find("key-" + std::to_string(number));
      ASSERT_NE(found, kept.end()) << number << " lost at " << point;
      const auto state = found->second.state;
      if (what == 'f') {
        EXPECT_EQ(state, action_state::confirmed) << point;
      }
      if (what == 's') {
        EXPECT_NE(state, action_state::accepted) << point;
      }
    }
    for (const auto& [key, record] : kept)
      next_key_ = std::max<std::uint64_t>(next_key_, std::stoull(key.substr(4)) + 1);
    EXPECT_GE(book->last_sequence(), told.last_event) << point;
    settle(*book);
  }

  // As the box does at a start: what was sent is unknown, what waits is whole.
  void settle(ledger& book) {
    const auto cut_off = book.interrupted();
    ASSERT_TRUE(cut_off);
    const auto waits = book.pending({}, start_of_2026, ledger::list_limit);
    ASSERT_TRUE(waits);
    EXPECT_TRUE(waits->broken.empty());
    ASSERT_FALSE(book.begin());
    for (const auto& record : *cut_off) {
      EXPECT_TRUE(book.finish(record.id, action_state::unknown, "", "", start_of_2026));
      told_.erase(std::stoull(record.key.substr(4)));
    }
    for (const auto& waiting : waits->ready) {
      EXPECT_EQ(waiting.request.key, waiting.record.key);
      EXPECT_TRUE(book.cancel(waiting.record.id, "", start_of_2026));
      told_.erase(std::stoull(waiting.record.key.substr(4)));
    }
    ASSERT_FALSE(book.commit());
    EXPECT_EQ(book.size().unfinished, 0u);
  }

  std::filesystem::path folder_;
  std::map<std::uint64_t, char> told_;
  std::uint64_t next_key_ = 1;
};

TEST(ledger_crash, every_acknowledged_change_survives_each_crash_point) {
  temporary_folder folder;
  survivor parent(folder.path());
  int points = 0;
  for (const auto& point : crash_points) {
    if (!point.name.starts_with("ledger.") || point.name == "ledger.in_migration") continue;
    ++points;
    for (int passage = 1; passage <= 12; ++passage)
      parent.round(std::string(point.name) + ":" + std::to_string(passage), 0);
  }
  EXPECT_EQ(points, 6);
}

TEST(ledger_crash, every_acknowledged_change_survives_death_at_any_moment) {
  for (int start = 0; start < 5; ++start) {
    temporary_folder folder;
    survivor parent(folder.path());
    for (int round = 0; round < 40; ++round)
      parent.round("", 1 + static_cast<unsigned>(fast_random() % 12'000));
  }
}

TEST(ledger_crash, a_schema_half_made_is_made_at_the_next_start) {
  temporary_folder folder;
  bool killed = false;
  run_child(folder.path(), "ledger.in_migration", 0, 1, killed);
  EXPECT_TRUE(killed);
  const auto book = open_ledger(folder.path());
  EXPECT_EQ(accept_one(*book, make_request("k")).number, 1u);
}

TEST(crash_point, is_passed_when_not_armed_or_of_another_name) {
  arm_crash_point("");
  EXPECT_FALSE(crash_point_armed);
  crash_point("ledger.in_group");
  arm_crash_point("ledger.in_group:3");
  EXPECT_TRUE(crash_point_armed);
  crash_point("ledger.in_prune");
  crash_point("ledger.in_group");
  crash_point("ledger.in_group");
  EXPECT_EXIT(crash_point("ledger.in_group"), testing::KilledBySignal(SIGKILL), "");
  arm_crash_point("");
}

TEST(crash_point, is_armed_by_the_environment) {
  // A program started anew reads the variable; this one arms itself from the same text.
  std::set<std::string_view> names;
  for (const auto& point : crash_points) {
    EXPECT_TRUE(names.insert(point.name).second) << point.name << " is listed twice";
    EXPECT_FALSE(point.meaning.empty());
    EXPECT_EXIT((arm_crash_point(point.name), crash_point(point.name)),
                testing::KilledBySignal(SIGKILL), "");
  }
}

} // namespace
} // namespace troupe::store
