#pragma once

#include "messages/describe.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "store/sql_connection.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// People of a server, their sessions, their keys for programs, and who changed what. Plain
/// functions, called inside the store's transaction.
namespace troupe::store {

enum class role : std::uint8_t { viewer, operator_, owner };
constexpr auto names_of(role) {
  return std::array{enum_name<role>{role::viewer, "viewer"},
                    enum_name<role>{role::operator_, "operator"},
                    enum_name<role>{role::owner, "owner"}};
}

struct person {
  std::string id;
  std::string name; ///< 1..64 characters, unique without regard to ASCII case
  role may = role::viewer;
  std::string password; ///< as `security::hash_password` makes it
  time_point created{};
  time_point last_seen{}; ///< 1970: never
};
struct session {
  std::string digest; ///< SHA-256 of the token
  std::string person; ///< id
  time_point created{};
  time_point expires{};
  std::string address;
};
/// A key for programs.
struct api_token {
  std::string id;
  std::string digest;
  std::string name;
  role scope = role::viewer; ///< read, operate, manage
  std::string person;        ///< id of who made it; it may never do more than they may
  time_point created{};
  time_point last_used{};
};
struct audit_entry {
  std::uint64_t number = 0;
  time_point time{};
  std::string person; ///< name at that time
  std::string address;
  std::string action; ///< "people.added", "box.renamed" …
  std::string target;
  std::string text; ///< in words
};
struct everybody {
  std::vector<person> people;
  std::vector<session> sessions;
  std::vector<api_token> tokens;
};

result<everybody> read_everybody(sql_connection& connection, time_point now);

/// Faults "people.name_taken" (409).
[[nodiscard]] std::optional<fault> add_person(sql_connection& connection, const person& added);
/// The first owner; fault "setup.done" (409) when there is anybody.
[[nodiscard]] std::optional<fault> add_first_person(sql_connection& connection,
                                                    const person& added);
/// Faults "people.unknown" (404), "people.name_taken" (409), "people.last_owner" (409).
[[nodiscard]] std::optional<fault> change_person(sql_connection& connection, const person& changed);
/// With sessions and keys. Faults "people.unknown" (404), "people.last_owner" (409).
[[nodiscard]] std::optional<fault> remove_person(sql_connection& connection, std::string_view id);
[[nodiscard]] std::optional<fault> note_seen(sql_connection& connection, std::string_view person,
                                             std::string_view token, time_point now);

[[nodiscard]] std::optional<fault> add_session(sql_connection& connection, const session& added);
[[nodiscard]] std::optional<fault> remove_session(sql_connection& connection,
                                                  std::string_view digest);
/// All of a person but `kept` (a digest, may be empty).
[[nodiscard]] std::optional<fault> remove_sessions(sql_connection& connection,
                                                   std::string_view person, std::string_view kept);

[[nodiscard]] std::optional<fault> add_token(sql_connection& connection, const api_token& added);
/// Fault "tokens.unknown" (404).
[[nodiscard]] std::optional<fault> remove_token(sql_connection& connection, std::string_view id);

/// Entries kept; the oldest make room.
inline constexpr std::uint64_t audit_bound = 100'000;
[[nodiscard]] std::optional<fault> add_audit(sql_connection& connection, const audit_entry& entry);
/// Newest first, older than `before` (0: from the newest).
result<std::vector<audit_entry>> read_audit(sql_connection& connection, std::uint64_t before,
                                            std::uint32_t limit);

} // namespace troupe::store
