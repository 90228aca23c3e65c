#include "actors/runtime/log.hpp"
#include "actors/server/people_state.hpp"
#include "messages/identifiers.hpp"
#include "security/digest.hpp"
#include "transport/names.hpp"

#include <algorithm>
#include <filesystem>

/// Coming in and going out.
namespace troupe::server {
namespace {

using namespace std::chrono_literals;
using store::sql_connection;

/// A name that nobody has takes as long to refuse as one that somebody has.
const std::string& nobodys_password() {
  static const std::string kept = security::hash_password(random_hex(secret_bytes));
  return kept;
}

/// Sessions beyond the bound make room, oldest first.
std::optional<fault> make_room(sql_connection& connection, const access_book& before,
                               const std::string& person) {
  std::vector<std::string> mine;
  for (const auto& each : before.all().sessions) // oldest first
    if (each.person == person) mine.push_back(each.digest);
  for (std::size_t i = 0; i + sessions_bound <= mine.size(); ++i)
    if (auto problem = store::remove_session(connection, mine[i])) return problem;
  return std::nullopt;
}

/// Opens a session of who has proven to be `who`; a password that is set is kept anew.
template <class T, class Done>
void open_session(people_state& state, promise<T> answer, const store::person& who,
                  const std::string& address, Done done) {
  const auto token = random_hex(secret_bytes);
  const auto at = state.now();
  const store::session made{security::sha256_hex(token), who.id, at, at + session_lifetime,
                            address};
  const auto work = [made, who,
                     before = state.now_is](sql_connection& connection) -> std::optional<fault> {
    if (auto problem = make_room(connection, *before, who.id)) return problem;
    if (!who.password.empty())
      if (auto problem = store::change_person(connection, who)) return problem;
    if (auto problem = store::add_session(connection, made)) return problem;
    return store::note_seen(connection, who.id, {}, made.created);
  };
  state.change(answer, work,
               state.entry({who.id, who.name, address}, "session.opened", {}, "Signed in."),
               [&state, answer, token, digest = made.digest, done = std::move(done)]() mutable {
                 if (const auto* given = state.now_is->find_digest(digest, state.now()))
                   return done(opened_session{token, *given});
                 // removed in the meantime
                 answer.deliver(runtime::to_error(
                     fault{"session.wrong", "Name or password is wrong.", "Try again.", 401}));
               });
}

/// Told apart as names are.
std::string account_key(std::string_view name) {
  std::string key(name.substr(0, 256));
  for (auto& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return key;
}

struct checked_password {
  bool right = false;
  std::string renewed; ///< when it was kept with weaker parameters than today's
};
checked_password check(const std::string& password, const std::string& kept) {
  checked_password out{security::verify_password(password, kept), {}};
  if (out.right && security::is_outdated(kept)) out.renewed = security::hash_password(password);
  return out;
}

} // namespace

caf::result<opened_session> begin_setup(people_pointer self, const set_up& message) {
  auto& state = self->state;
  if (state.now_is->set_up() || !state.known)
    return runtime::to_error({"setup.done", "This server has an owner already.", "Sign in.", 409});
  if (state.setup_token.empty() ||
      !security::equal_in_constant_time(message.token, state.setup_token))
    return runtime::to_error(
        {"setup.wrong", "This is not the set-up link of this server.",
         "Use the link that troupe-server prints at its start, or troupe-server setup-link.", 403});
  auto name = transport::checked_name(message.name, "people.bad_name");
  if (!name) return runtime::to_error(name.error());
  if (auto problem = password_fault(message.password)) return runtime::to_error(*problem);
  auto answer = self->make_response_promise<opened_session>();
  store::person first{random_hex(8), std::move(*name), role::owner, {}, state.now(), {}};
  state.hash(answer, message.password,
             [&state, answer, first, address = message.address](std::string kept) mutable {
               first.password = std::move(kept);
               const auto add_first = [first](sql_connection& connection) {
                 return store::add_first_person(connection, first);
               };
               auto noted = state.entry({first.id, first.name, address}, "setup.done", first.name,
                                        first.name + " is the first owner of this server.");
               state.change(answer, add_first, std::move(noted), [&state, answer, first, address] {
                 state.setup_token.clear();
                 std::error_code ignored; // a link that stays behind opens nothing any more
                 std::filesystem::remove(state.shared->state_folder / setup_link_file, ignored);
                 if (state.options.setup) state.options.setup(std::nullopt);
                 open_session(state, answer, first, address,
                              [answer](opened_session opened) mutable {
                                answer.deliver(std::move(opened));
                              });
               });
             });
  return answer;
}

caf::result<sign_in_outcome> try_sign_in(people_pointer self, const sign_in& message) {
  auto& state = self->state;
  if (!state.known)
    return runtime::to_error({"server.starting", "The server is starting.", "Try again.", 503});
  const auto at = state.monotonic();
  const auto account = account_key(message.name);
  const auto wait =
      std::max(state.accounts.wait(account, at), state.addresses.wait(message.address, at));
  if (wait > 0s) return sign_in_outcome{std::nullopt, wait};
  state.accounts.begin(account, at);
  state.addresses.begin(message.address, at);
  const auto* found = state.now_is->person_by_name(message.name);
  auto who = found != nullptr ? std::optional(*found) : std::nullopt;
  auto answer = self->make_response_promise<sign_in_outcome>();
  runtime::run_on_workers(
      self, state.shared->workers, hashing_patience,
      [who, password = message.password.substr(0, longest_password + 1)] {
        return check(password, who ? who->password : nobodys_password());
      },
      [&state, answer, who, account,
       address = message.address](result<checked_password> outcome) mutable {
        if (!outcome) {
          answer.deliver(runtime::to_error(outcome.error()));
          return;
        }
        if (!outcome->right || !who) {
          people_log.warning("A wrong name or password came from {}", address);
          answer.deliver(sign_in_outcome{});
          return;
        }
        state.accounts.right(account);
        state.addresses.take_back(address);
        who->password = outcome->renewed;
        open_session(state, answer, *who, address, [answer](opened_session opened) mutable {
          answer.deliver(sign_in_outcome{std::move(opened), 0s});
        });
      });
  return answer;
}

caf::result<bool> end_session(people_pointer self, const sign_out& message) {
  auto& state = self->state;
  const auto* given = state.now_is->find_digest(message.digest, state.now());
  if (given == nullptr) return false;
  auto answer = self->make_response_promise<bool>();
  state.change(
      answer,
      [digest = message.digest](sql_connection& connection) {
        return store::remove_session(connection, digest);
      },
      state.entry({given->person, given->name, {}}, "session.closed", {}, "Signed out."),
      [answer]() mutable { answer.deliver(true); });
  return answer;
}

caf::result<bool> end_sessions(people_pointer self, const sign_out_everywhere& message) {
  auto& state = self->state;
  auto answer = self->make_response_promise<bool>();
  state.change(
      answer,
      [person = message.person](sql_connection& connection) {
        return store::remove_sessions(connection, person, "");
      },
      state.entry(message.by, "session.closed_everywhere", {}, "Signed out everywhere."),
      [answer]() mutable { answer.deliver(true); });
  return answer;
}

} // namespace troupe::server
