#include "actors/server/store.hpp"

#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "store/fleet_schema.hpp"
#include "store/sql_connection.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("server.store");

/// Jobs that share one commit; with more the next group begins.
constexpr std::size_t group_bound = 256;
/// Jobs waiting behind those of the present group; more are refused.
constexpr std::uint64_t waiting_bound = 20'000;
constexpr auto upkeep_period = 60s;
/// A database that takes no changes is tried so often; meanwhile jobs are refused at once when it
/// is gone, and each by itself when only writing fails.
constexpr auto retry_period = 1s;
/// Written to find out whether writing works again.
constexpr std::string_view tried_fact = "write_tried";

/// The mailbox in front of this message is empty: run what has gathered.
struct run_group {
  static constexpr bool local_message = true;
};

using job_ptr = std::shared_ptr<store_job>;
using store_self = store_actor::extend<caf::reacts_to<run_group>, caf::reacts_to<runtime::tick>>;

struct waiting_job {
  job_ptr content;
  caf::typed_response_promise<bool> promise;
  std::optional<fault> outcome{};
};

struct store_state {
  store_state() = default;
  static inline const char* name = "store";

  store_self::stateful_pointer<store_state> self = nullptr;
  std::unique_ptr<store::sql_connection> connection;
  std::vector<waiting_job> group;
  bool asked = false;
  std::optional<fault> trouble; ///< why nothing can be written
  runtime::timer upkeep{1};
  runtime::timer again{2};
  runtime::limit* waiting = nullptr;
  runtime::histogram* seconds = nullptr;
  runtime::gauge* bytes = nullptr;
  runtime::gauge* reachable = nullptr;
  runtime::gauge* writable = nullptr;

  void add(waiting_job job);
  void run();
  std::optional<fault> run_together(std::vector<waiting_job>& jobs);
  std::optional<fault> run_one(waiting_job& job);
  void run_readers(std::vector<waiting_job>& jobs, const fault& problem);
  void tell(std::vector<waiting_job>& jobs);
  void notice(fault problem);
  void note_well();
  std::optional<fault> try_to_write();
  std::optional<fault> look();
  void keep_up();
};

void store_state::add(waiting_job job) {
  const auto behind = self->mailbox().size();
  waiting->set_fill(behind + group.size());
  if (behind > waiting_bound) {
    waiting->count_hit();
    job.promise.deliver(runtime::to_error(
        {"store.busy", "The server has more to write down than its disk can take.",
         "Try again in a few seconds.", 503}));
    return;
  }
  group.push_back(std::move(job));
  if (group.size() >= group_bound) return run();
  if (!std::exchange(asked, true)) self->send(self, run_group{});
}

/// Brings the group to disk, then tells everybody who waits for it.
void store_state::run() {
  if (group.empty()) return;
  auto jobs = std::exchange(group, {});
  const auto begun = std::chrono::steady_clock::now();
  if (auto problem = run_together(jobs)) {
    log_.error("{} changes could not be written: {}", jobs.size(), problem->text);
    run_readers(jobs, *problem);
    notice(*problem);
  } else if (std::any_of(jobs.begin(), jobs.end(),
                         [](const auto& each) { return !each.content->reads_only; })) {
    note_well();
  }
  tell(jobs);
  seconds->observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
}

/// A fault that undoes all, or none; then each job has its own outcome.
std::optional<fault> store_state::run_together(std::vector<waiting_job>& jobs) {
  bool changes = false;
  for (const auto& each : jobs)
    changes = changes || !each.content->reads_only;
  if (changes)
    if (auto problem = connection->begin()) return problem;
  for (auto& each : jobs) {
    auto problem = changes ? run_one(each) : (each.outcome = each.content->work(*connection));
    if (changes && problem) {
      connection->rollback();
      return problem;
    }
  }
  if (!changes) return std::nullopt;
  auto problem = connection->commit();
  if (problem) connection->rollback();
  return problem;
}

/// Runs a job inside the group's transaction; a fault is one that the transaction did not survive.
std::optional<fault> store_state::run_one(waiting_job& job) {
  if (auto problem = connection->save()) return problem;
  job.outcome = job.content->work(*connection);
  if (!connection->in_transaction())
    return job.outcome ? *job.outcome
                       : fault{"store.io", "A change ended the common transaction.",
                               "Please report this with the server's log.", 500};
  return job.outcome ? connection->undo() : connection->release();
}

/// After a lost group: what only reads may still be answered, each by itself.
void store_state::run_readers(std::vector<waiting_job>& jobs, const fault& problem) {
  for (auto& each : jobs)
    if (each.content->reads_only && connection->connected())
      each.outcome = each.content->work(*connection);
    else
      each.outcome = problem;
}

void store_state::tell(std::vector<waiting_job>& jobs) {
  for (auto& each : jobs) {
    if (each.content->done) each.content->done(each.outcome);
    if (each.outcome)
      each.promise.deliver(runtime::to_error(*each.outcome));
    else
      each.promise.deliver(true);
  }
}

void store_state::notice(fault problem) {
  if (!trouble) log_.error("Nothing can be written: {} {}", problem.text, problem.remedy);
  trouble = std::move(problem);
  reachable->set(connection->connected() ? 1 : 0);
  writable->set(0);
  if (!again.armed()) again.arm(self, retry_period);
}

void store_state::note_well() {
  if (!trouble) return;
  trouble.reset();
  reachable->set(1);
  writable->set(1);
  log_.info("The database takes changes again: {}", connection->describe());
}

std::optional<fault> store_state::try_to_write() {
  if (!connection->connected())
    if (auto problem = connection->reconnect()) return problem;
  auto problem = connection->begin();
  if (!problem) problem = store::write_fact(*connection, tried_fact, "1");
  if (!problem) problem = connection->commit();
  connection->rollback();
  return problem;
}

std::optional<fault> store_state::look() {
  run();
  if (!trouble)
    if (auto problem = connection->trouble()) notice(std::move(*problem));
  return trouble;
}

void store_state::keep_up() {
  static_cast<void>(look());
  if (const auto problem = connection->tidy())
    log_.warning("The database could not be tidied: {}", problem->text);
  bytes->set(static_cast<std::int64_t>(connection->bytes()));
  upkeep.arm(self, upkeep_period);
}

store_self::behavior_type store_behavior(store_self::stateful_pointer<store_state> self,
                                         const services* shared,
                                         std::shared_ptr<store::sql_connection*> opened) {
  runtime::prepare(self, "store");
  auto& mine = self->state;
  mine.self = self;
  mine.connection.reset(std::exchange(*opened, nullptr));
  mine.waiting = &shared->limits.declare("store.waiting", "jobs", waiting_bound,
                                         runtime::limit_policy::refuse);
  mine.seconds = &shared->metrics.spread("troupe_store_commit_seconds",
                                         "Time of one group of the server's store.");
  mine.bytes = &shared->metrics.measure("troupe_store_bytes", "Size of the database.");
  mine.reachable =
      &shared->metrics.measure("troupe_store_reachable", "1 while the database can be spoken to.");
  mine.reachable->set(1);
  mine.writable =
      &shared->metrics.measure("troupe_store_writable", "1 while the database takes changes.");
  mine.writable->set(1);
  mine.bytes->set(static_cast<std::int64_t>(mine.connection->bytes()));
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.run();
    self->quit(std::move(stop.reason));
  });
  mine.upkeep.arm(self, upkeep_period);
  return {
      [self](const job_ptr& job) -> caf::result<bool> {
        auto promise = self->make_response_promise<bool>();
        self->state.add({job, promise});
        return promise;
      },
      [self](const check_store&) -> caf::result<bool> {
        if (const auto problem = self->state.look()) return runtime::to_error(*problem);
        return true;
      },
      [self](const run_group&) {
        self->state.asked = false;
        self->state.run();
      },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.upkeep.due(self, tick)) state.keep_up();
        if (state.again.due(self, tick)) {
          if (auto problem = state.try_to_write())
            state.notice(std::move(*problem));
          else
            state.note_well();
        }
      },
  };
}

} // namespace

result<store_actor> spawn_store(caf::actor_system& system, const services& shared,
                                store_options options) {
  auto opened = store::open_sql(options.url);
  if (!opened) return opened.error();
  if (auto problem = store::migrate_fleet(**opened, shared.version)) return *problem;
  log_.info("The store is {}", (*opened)->describe());
  // Moved once, into the actor: its arguments must be copyable.
  auto holder = std::shared_ptr<store::sql_connection*>(
      new store::sql_connection*(opened->release()), [](store::sql_connection** left) {
        delete *left;
        delete left;
      });
  return options.detached
             ? store_actor(system.spawn<caf::detached>(store_behavior, &shared, std::move(holder)))
             : store_actor(system.spawn(store_behavior, &shared, std::move(holder)));
}

} // namespace troupe::server
