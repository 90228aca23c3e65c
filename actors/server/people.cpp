#include "actors/server/people.hpp"

#include "actors/runtime/log.hpp"
#include "actors/server/people_state.hpp"

#include <algorithm>
#include <filesystem>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;
using store::sql_connection;

constexpr auto store_retry = 2s;
constexpr std::uint32_t audit_most = 1000;

caf::result<bool> note(people_pointer self, const note_change& message) {
  auto answer = self->make_response_promise<bool>();
  run_in_store(
      self, self->state.store,
      [noted = self->state.entry(message.by, message.action, message.target, message.text)](
          sql_connection& connection) -> result<bool> {
        if (auto problem = store::add_audit(connection, noted)) return *problem;
        return true;
      },
      [answer](bool) mutable { answer.deliver(true); },
      [answer](const fault& problem) mutable { answer.deliver(runtime::to_error(problem)); });
  return answer;
}

void note(people_pointer self, const note_seen& message) {
  run_in_store(
      self, self->state.store,
      [message, at = self->state.now()](sql_connection& connection) -> result<bool> {
        if (auto problem = store::note_seen(connection, message.person, message.token, at))
          return *problem;
        return true;
      },
      [](bool) {}, [](const fault& problem) { people_log.debug("Not noted: {}", problem.text); });
}

caf::result<audit_page> read(people_pointer self, const read_audit& message) {
  auto answer = self->make_response_promise<audit_page>();
  run_in_store(
      self, self->state.store,
      [before = message.before, limit = std::clamp(message.limit, 1u, audit_most)](
          sql_connection& connection) { return store::read_audit(connection, before, limit); },
      [answer](std::vector<store::audit_entry> entries) mutable {
        answer.deliver(audit_page{std::move(entries)});
      },
      [answer](const fault& problem) mutable { answer.deliver(runtime::to_error(problem)); });
  return answer;
}

caf::result<access_ptr> watch(people_pointer self, const watch_access& message) {
  auto& state = self->state;
  state.watchers.add(self, message.watcher);
  if (state.known) return state.now_is;
  auto answer = self->make_response_promise<access_ptr>();
  state.waiting.push_back(answer);
  return answer;
}

people_self::behavior_type people(people_pointer self, const services* shared, store_actor store,
                                  people_options options) {
  runtime::prepare(self, "people");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.store = std::move(store);
  state.options = std::move(options);
  self->set_down_handler(
      [self](const caf::down_msg& gone) { self->state.watchers.remove(gone.source); });
  state.load();
  using runtime::traced;
  return {
      traced([self](const set_up& message) { return begin_setup(self, message); }),
      traced([self](const sign_in& message) { return try_sign_in(self, message); }),
      traced([self](const sign_out& message) { return end_session(self, message); }),
      traced([self](const sign_out_everywhere& message) { return end_sessions(self, message); }),
      traced([self](const add_person& message) { return add(self, message); }),
      traced([self](const change_person& message) { return change(self, message); }),
      traced([self](const remove_person& message) { return remove(self, message); }),
      traced([self](const change_own_password& message) { return change_password(self, message); }),
      traced([self](const add_token& message) { return add(self, message); }),
      traced([self](const remove_token& message) { return remove(self, message); }),
      traced([self](const note_change& message) { return note(self, message); }),
      traced([self](const note_seen& message) { note(self, message); }),
      traced([self](const read_audit& message) { return read(self, message); }),
      [self](const watch_access& message) { return watch(self, message); },
      [self](const runtime::tick& tick) {
        if (self->state.again.due(self, tick)) self->state.load();
      },
  };
}

} // namespace

void people_state::load() {
  run_in_store(
      self, store,
      [at = now()](sql_connection& connection) { return store::read_everybody(connection, at); },
      [this](store::everybody all) {
        take(std::move(all));
        known = true;
        if (!now_is->set_up()) tell_setup();
        for (auto& each : waiting)
          each.deliver(now_is);
        waiting.clear();
      },
      [this](const fault& problem) {
        people_log.error("Who may come in is not known yet: {}", problem.text);
        again.arm(self, store_retry);
      });
}

void people_state::tell_setup() {
  auto token = read_setup_link(shared->state_folder);
  if (!token) {
    people_log.error("{}", token.error().text);
    return;
  }
  setup_token = std::move(*token);
  if (options.setup) options.setup(setup_token);
}

void people_state::take(store::everybody all) {
  now_is = std::make_shared<access_book>(std::move(all));
  watchers.tell(access_changed{now_is});
}

people_actor spawn_people(caf::actor_system& system, const services& shared, store_actor store,
                          people_options options) {
  return system.spawn(people, &shared, std::move(store), std::move(options));
}

} // namespace troupe::server
