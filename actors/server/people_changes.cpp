#include "actors/server/people_state.hpp"
#include "messages/identifiers.hpp"
#include "security/digest.hpp"
#include "transport/names.hpp"

#include <algorithm>

/// Changes of people and of keys for programs.
namespace troupe::server {
namespace {

using store::sql_connection;
using person_ptr = std::shared_ptr<const store::person>;

constexpr std::string_view secret_prefix = "troupe_";

fault too_many(const char* code, std::size_t bound, const char* what) {
  return {code, "There are " + std::to_string(bound) + " " + what + " already.",
          "Remove some that are not needed any more.", 409};
}

fault unknown_person() {
  return {"people.unknown", "There is no such person.", "GET /api/v1/people lists them.", 404};
}

/// What a change comes to, in words.
std::string words_of(const change_person& message, const store::person& before) {
  std::string text;
  const auto say = [&](const std::string& what) { text += (text.empty() ? "" : " ") + what; };
  if (message.name && *message.name != before.name)
    say(before.name + " is now called " + *message.name + ".");
  if (message.may && *message.may != before.may)
    say(before.name + " is now " + std::string(name_of(*message.may)) + ".");
  if (message.password) say(before.name + " has a new password.");
  return text.empty() ? before.name + " was changed." : text;
}

/// Writes a changed person down; a new password ends the sessions but `kept`.
void keep(people_state& state, promise<person_ptr> answer, const store::person& now_is,
          bool new_password, store::audit_entry noted) {
  state.change(
      answer,
      [now_is, new_password](sql_connection& connection) -> std::optional<fault> {
        if (auto problem = store::change_person(connection, now_is)) return problem;
        return new_password ? store::remove_sessions(connection, now_is.id, "") : std::nullopt;
      },
      std::move(noted),
      [&state, answer, id = now_is.id]() mutable {
        if (const auto* found = state.now_is->person_by_id(id))
          answer.deliver(person_ptr(std::make_shared<store::person>(*found)));
        else
          answer.deliver(runtime::to_error(unknown_person()));
      });
}

} // namespace

caf::result<person_ptr> add(people_pointer self, const add_person& message) {
  auto& state = self->state;
  auto name = transport::checked_name(message.name, "people.bad_name");
  if (!name) return runtime::to_error(name.error());
  if (auto problem = password_fault(message.password)) return runtime::to_error(*problem);
  if (state.now_is->all().people.size() >= people_bound)
    return runtime::to_error(too_many("people.too_many", people_bound, "people"));
  auto answer = self->make_response_promise<person_ptr>();
  auto added = std::make_shared<store::person>(
      store::person{random_hex(8), std::move(*name), message.may, {}, state.now(), {}});
  state.hash(answer, message.password, [&state, answer, added, by = message.by](std::string kept) {
    added->password = std::move(kept);
    const auto work = [added](sql_connection& connection) {
      return store::add_person(connection, *added);
    };
    state.change(answer, work,
                 state.entry(by, "people.added", added->name,
                             added->name + " came in as " + std::string(name_of(added->may)) + "."),
                 [answer, added]() mutable { answer.deliver(person_ptr(added)); });
  });
  return answer;
}

caf::result<person_ptr> change(people_pointer self, const change_person& message) {
  auto& state = self->state;
  const auto* found = state.now_is->person_by_id(message.id);
  if (found == nullptr) return runtime::to_error(unknown_person());
  auto now_is = *found;
  if (message.name) {
    auto name = transport::checked_name(*message.name, "people.bad_name");
    if (!name) return runtime::to_error(name.error());
    now_is.name = std::move(*name);
  }
  if (message.may) now_is.may = *message.may;
  auto noted = state.entry(message.by, "people.changed", found->name, words_of(message, *found));
  auto answer = self->make_response_promise<person_ptr>();
  if (!message.password) {
    keep(state, answer, now_is, false, std::move(noted));
    return answer;
  }
  if (auto problem = password_fault(*message.password)) return runtime::to_error(*problem);
  state.hash(answer, *message.password,
             [&state, answer, now_is, noted = std::move(noted)](std::string kept) mutable {
               now_is.password = std::move(kept);
               keep(state, answer, now_is, true, std::move(noted));
             });
  return answer;
}

caf::result<bool> remove(people_pointer self, const remove_person& message) {
  auto& state = self->state;
  const auto* found = state.now_is->person_by_id(message.id);
  if (found == nullptr) return runtime::to_error(unknown_person());
  auto answer = self->make_response_promise<bool>();
  state.change(
      answer,
      [id = message.id](sql_connection& connection) {
        return store::remove_person(connection, id);
      },
      state.entry(message.by, "people.removed", found->name, found->name + " was removed."),
      [answer]() mutable { answer.deliver(true); });
  return answer;
}

caf::result<bool> change_password(people_pointer self, const change_own_password& message) {
  auto& state = self->state;
  const auto* found = state.now_is->person_by_id(message.person);
  if (found == nullptr) return runtime::to_error(unknown_person());
  if (auto problem = password_fault(message.new_password)) return runtime::to_error(*problem);
  const auto at = state.monotonic();
  const auto key = "own " + message.person;
  if (const auto wait = state.accounts.wait(key, at); wait.count() > 0)
    return runtime::to_error({"session.slow", "Too many wrong passwords were tried.",
                              "Wait " + std::to_string(wait.count()) + " s and try again.", 429});
  state.accounts.begin(key, at);
  auto answer = self->make_response_promise<bool>();
  runtime::run_on_workers(
      self, state.shared->workers, hashing_patience,
      [message, kept = found->password]() -> result<std::string> {
        if (!security::verify_password(message.old_password.substr(0, longest_password + 1), kept))
          return fault{"people.wrong_password", "The present password is wrong.", "Try again.",
                       403};
        return security::hash_password(message.new_password);
      },
      [&state, answer, key, message, now_is = *found](result<std::string> made) mutable -> void {
        if (!made) {
          answer.deliver(runtime::to_error(made.error()));
          return;
        }
        state.accounts.right(key);
        now_is.password = std::move(*made);
        const auto work =
            [now_is, spared = message.kept](sql_connection& connection) -> std::optional<fault> {
          if (auto problem = store::change_person(connection, now_is)) return problem;
          return store::remove_sessions(connection, now_is.id, spared);
        };
        state.change(answer, work,
                     state.entry(message.by, "password.changed", now_is.name, "A new password."),
                     [answer]() mutable { answer.deliver(true); });
      });
  return answer;
}

caf::result<made_token> add(people_pointer self, const add_token& message) {
  auto& state = self->state;
  auto name = transport::checked_name(message.name, "tokens.bad_name");
  if (!name) return runtime::to_error(name.error());
  if (state.now_is->all().tokens.size() >= tokens_bound)
    return runtime::to_error(too_many("tokens.too_many", tokens_bound, "keys"));
  made_token made;
  made.secret = std::string(secret_prefix) + random_hex(secret_bytes);
  made.token = {random_hex(8),
                security::sha256_hex(made.secret),
                std::move(*name),
                message.scope,
                message.by.person,
                state.now(),
                {}};
  auto answer = self->make_response_promise<made_token>();
  state.change(
      answer,
      [token = made.token](sql_connection& connection) {
        return store::add_token(connection, token);
      },
      state.entry(message.by, "tokens.added", made.token.name,
                  "The key " + made.token.name + " was made."),
      [answer, made]() mutable { answer.deliver(made); });
  return answer;
}

caf::result<bool> remove(people_pointer self, const remove_token& message) {
  auto& state = self->state;
  const auto& tokens = state.now_is->all().tokens;
  const auto found = std::find_if(tokens.begin(), tokens.end(),
                                  [&](const auto& each) { return each.id == message.id; });
  const auto name = found == tokens.end() ? message.id : found->name;
  auto answer = self->make_response_promise<bool>();
  state.change(
      answer,
      [id = message.id](sql_connection& connection) { return store::remove_token(connection, id); },
      state.entry(message.by, "tokens.removed", name, "The key " + name + " was removed."),
      [answer]() mutable { answer.deliver(true); });
  return answer;
}

} // namespace troupe::server
