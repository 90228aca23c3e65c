#pragma once

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/watchers.hpp"
#include "actors/server/people.hpp"
#include "security/attempt_gate.hpp"
#include "security/password_hash.hpp"

#include <caf/all.hpp>

#include <deque>
#include <string>
#include <utility>
#include <vector>

/// The state of `people`, for the files that hold its handlers.
namespace troupe::server {

inline const runtime::logger people_log("server.people");

inline constexpr std::chrono::seconds hashing_patience{30};
inline constexpr std::size_t secret_bytes = 32;

using people_self = people_actor::extend<caf::reacts_to<runtime::tick>>;
template <class T>
using promise = caf::typed_response_promise<T>;

struct people_state {
  static inline const char* name = "people";
  people_self::stateful_pointer<people_state> self = nullptr;
  const services* shared = nullptr;
  store_actor store;
  people_options options;

  access_ptr now_is = std::make_shared<access_book>();
  bool known = false;
  std::string setup_token;
  runtime::watcher_list watchers;
  std::deque<promise<access_ptr>> waiting; ///< watchers that came before it was known
  runtime::timer again{1};
  security::attempt_gate accounts{{.free_tries = 5}};
  security::attempt_gate addresses{{.free_tries = 20}};

  time_point now() const { return runtime::wall_now(self); }
  security::attempt_gate::time monotonic() const {
    return security::attempt_gate::time(runtime::now(self).time_since_epoch());
  }
  store::audit_entry entry(const changer& by, std::string action, std::string target,
                           std::string text) const {
    return {0, now(), by.name, by.address, std::move(action), std::move(target), std::move(text)};
  }

  void load();
  void take(store::everybody all);
  void tell_setup();

  /// Changes the database, notes it in the audit, and shows everybody the new picture before
  /// `done` runs.
  template <class T, class Work, class Done>
  void change(promise<T> answer, Work work, store::audit_entry noted, Done done) {
    run_in_store(
        self, store,
        [work = std::move(work), noted = std::move(noted),
         at = now()](store::sql_connection& connection) mutable -> result<store::everybody> {
          if (std::optional<fault> problem = work(connection)) return *problem;
          if (auto problem = store::add_audit(connection, noted)) return *problem;
          return store::read_everybody(connection, at);
        },
        [this, done = std::move(done)](store::everybody all) mutable {
          take(std::move(all));
          done();
        },
        [answer](const fault& problem) mutable { answer.deliver(runtime::to_error(problem)); });
  }
  /// Hashes a password, then goes on.
  template <class T, class Then>
  void hash(promise<T> answer, std::string password, Then then) {
    runtime::run_on_workers(
        self, shared->workers, hashing_patience,
        [password = std::move(password)] { return security::hash_password(password); },
        [answer, then = std::move(then)](result<std::string> kept) mutable {
          if (kept)
            then(std::move(*kept));
          else
            answer.deliver(runtime::to_error(kept.error()));
        });
  }
};
using people_pointer = people_self::stateful_pointer<people_state>;

// people_sessions.cpp
caf::result<opened_session> begin_setup(people_pointer self, const set_up& message);
caf::result<sign_in_outcome> try_sign_in(people_pointer self, const sign_in& message);
caf::result<bool> end_session(people_pointer self, const sign_out& message);
caf::result<bool> end_sessions(people_pointer self, const sign_out_everywhere& message);

// people_changes.cpp
caf::result<std::shared_ptr<const store::person>> add(people_pointer self,
                                                      const add_person& message);
caf::result<std::shared_ptr<const store::person>> change(people_pointer self,
                                                         const change_person& message);
caf::result<bool> remove(people_pointer self, const remove_person& message);
caf::result<bool> change_password(people_pointer self, const change_own_password& message);
caf::result<made_token> add(people_pointer self, const add_token& message);
caf::result<bool> remove(people_pointer self, const remove_token& message);

} // namespace troupe::server
