#pragma once

#include "actors/server/access.hpp"
#include "actors/server/services.hpp"
#include "actors/server/store.hpp"
#include "store/people.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// People, what they sign in with, and the book of who changed what.
namespace troupe::server {

/// Who changes something, and from where. Goes into the audit.
struct changer {
  std::string person; ///< id
  std::string name;
  std::string address;
};

/// A session just opened; the token exists only here.
struct opened_session {
  static constexpr bool local_message = true;
  std::string token;
  grant granted;
};
/// Makes the first owner by the one-time link, and signs in. Faults "setup.wrong" (403),
/// "setup.done" (409), "people.bad_name", "people.bad_password" (422).
struct set_up {
  static constexpr bool local_message = true;
  std::string token;
  std::string name;
  std::string password;
  std::string address;
};
/// Signs in. `wait` is not 0 when the try was not even looked at; without a session and a wait it
/// was wrong.
struct sign_in {
  static constexpr bool local_message = true;
  std::string name;
  std::string password;
  std::string address;
};
struct sign_in_outcome {
  static constexpr bool local_message = true;
  std::optional<opened_session> session;
  std::chrono::seconds wait{0};
};
struct sign_out {
  static constexpr bool local_message = true;
  std::string digest;
};
/// Ends all sessions of a person.
struct sign_out_everywhere {
  static constexpr bool local_message = true;
  std::string person;
  changer by;
};
/// Answered by the person as it is then. Faults "people.bad_name", "people.bad_password" (422),
/// "people.name_taken" (409), "people.too_many" (409).
struct add_person {
  static constexpr bool local_message = true;
  std::string name;
  std::string password;
  role may = role::viewer;
  changer by;
};
/// A new password ends the person's sessions. Faults also "people.unknown" (404),
/// "people.last_owner" (409).
struct change_person {
  static constexpr bool local_message = true;
  std::string id;
  std::optional<std::string> name;
  std::optional<std::string> password;
  std::optional<role> may;
  changer by;
};
struct remove_person {
  static constexpr bool local_message = true;
  std::string id;
  changer by;
};
/// Of oneself; other sessions end, `kept` (a digest) stays. Faults "people.wrong_password" (403),
/// "people.bad_password" (422), "session.slow" (429).
struct change_own_password {
  static constexpr bool local_message = true;
  std::string person;
  std::string old_password;
  std::string new_password;
  std::string kept;
  changer by;
};
/// A key for programs; the secret exists only in the answer. Faults "tokens.bad_name" (422),
/// "tokens.too_many" (409).
struct add_token {
  static constexpr bool local_message = true;
  std::string name;
  role scope = role::viewer;
  changer by;
};
struct made_token {
  static constexpr bool local_message = true;
  store::api_token token;
  std::string secret;
};
struct remove_token {
  static constexpr bool local_message = true;
  std::string id;
  changer by;
};
/// Notes a change that another part made.
struct note_change {
  static constexpr bool local_message = true;
  changer by;
  std::string action;
  std::string target;
  std::string text;
};
/// A person or a key was here: noted now and then.
struct note_seen {
  static constexpr bool local_message = true;
  std::string person;
  std::string token;
};
/// Newest first.
struct read_audit {
  static constexpr bool local_message = true;
  std::uint64_t before = 0;
  std::uint32_t limit = 100; ///< 1..1000
};
struct audit_page {
  static constexpr bool local_message = true;
  std::vector<store::audit_entry> entries;
};
/// Answered by the present picture; then `access_changed` comes at each change, before whoever made
/// it gets the answer.
struct watch_access {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct access_changed {
  static constexpr bool local_message = true;
  access_ptr access;
};

using people_actor = caf::typed_actor<
    caf::replies_to<set_up>::with<opened_session>, caf::replies_to<sign_in>::with<sign_in_outcome>,
    caf::replies_to<sign_out>::with<bool>, caf::replies_to<sign_out_everywhere>::with<bool>,
    caf::replies_to<add_person>::with<std::shared_ptr<const store::person>>,
    caf::replies_to<change_person>::with<std::shared_ptr<const store::person>>,
    caf::replies_to<remove_person>::with<bool>, caf::replies_to<change_own_password>::with<bool>,
    caf::replies_to<add_token>::with<made_token>, caf::replies_to<remove_token>::with<bool>,
    caf::replies_to<note_change>::with<bool>, caf::reacts_to<note_seen>,
    caf::replies_to<read_audit>::with<audit_page>, caf::replies_to<watch_access>::with<access_ptr>>;

struct people_options {
  /// Told the token of the one-time link when nobody can sign in yet, and nothing when somebody
  /// can.
  std::function<void(const std::optional<std::string>& setup_token)> setup;
};
people_actor spawn_people(caf::actor_system& system, const services& shared, store_actor store,
                          people_options options = {});

inline constexpr std::size_t people_bound = 1000;
inline constexpr std::size_t tokens_bound = 1000;
/// Of one person; the oldest makes room.
inline constexpr std::size_t sessions_bound = 32;
inline constexpr std::size_t shortest_password = 10; ///< characters
inline constexpr std::size_t longest_password = 256; ///< bytes

/// Where the one-time link's token is kept while nobody can sign in: in the state folder, for its
/// owner only.
inline constexpr const char* setup_link_file = "setup-link";
/// The token; made when it is not there. Fault "server.setup_link".
result<std::string> read_setup_link(const std::filesystem::path& state_folder);

/// Fault "people.bad_password".
std::optional<fault> password_fault(std::string_view password);

} // namespace troupe::server
