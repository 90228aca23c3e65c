#pragma once

#include "actors/runtime/behavior.hpp"
#include "actors/server/services.hpp"
#include "messages/result.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace troupe::store {
class sql_connection;
}

/// The durable memory of the server. Runs on a thread of its own (databases block); the jobs that
/// arrive while it commits go into the next commit together.
namespace troupe::server {

/// Work on the database, and what to tell when it is on disk. `work` runs on the store's thread
/// inside a transaction that it shares with other jobs: it may ask and change, but not begin or
/// commit; a fault undoes only its own changes. `done` runs there too, after the commit.
struct store_job {
  static constexpr bool local_message = true;
  std::function<std::optional<fault>(store::sql_connection&)> work;
  std::function<void(std::optional<fault>)> done;
  bool reads_only = false;
};
/// Whether what changes now would be kept: true, or the fault "store.…" that says why not, as the
/// last write met it or a look at the database does.
struct check_store {
  static constexpr bool local_message = true;
};
/// A job is answered by true when it is over; the way to use it is `run_in_store`.
using store_actor = caf::typed_actor<caf::replies_to<std::shared_ptr<store_job>>::with<bool>,
                                     caf::replies_to<check_store>::with<bool>>;

struct store_options {
  std::string url;      ///< "sqlite:FILE" or "postgresql://…"
  bool detached = true; ///< false in virtual time
};
/// Opens (and migrates) the database; a fault when it cannot be opened, is newer, or is full:
/// "store.newer", "store.unreachable", "store.disk_full", "store.corrupt".
result<store_actor> spawn_store(caf::actor_system& system, const services& shared,
                                store_options options);

/// Runs `work(sql_connection&) -> result<T>` in the store and brings the outcome back into `self`:
/// `on_value(T)` when it is on disk, or `on_fault(fault)`.
template <class Self, class Work, class OnValue, class OnFault>
void run_in_store(Self* self, const store_actor& store, Work work, OnValue on_value,
                  OnFault on_fault) {
  using outcome = std::invoke_result_t<Work&, store::sql_connection&>;
  auto kept = std::make_shared<std::optional<outcome>>();
  auto job = std::make_shared<store_job>();
  job->work = [kept, work = std::move(work)](
                  store::sql_connection& connection) mutable -> std::optional<fault> {
    kept->emplace(work(connection));
    if (**kept) return std::nullopt;
    return (*kept)->error();
  };
  runtime::request_then(
      self, store, neighbour_timeout, std::move(job),
      [kept, on_value = std::move(on_value)](bool) mutable { on_value(std::move(***kept)); },
      std::move(on_fault));
}

} // namespace troupe::server
