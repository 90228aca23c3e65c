#pragma once

#include "messages/bytes.hpp"
#include "messages/identifiers.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "store/sql_connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The server's connection tokens: what they allow, and which boxes used them. Plain functions,
/// called inside the store's transaction. A token's text and secret are never here.
namespace troupe::store {

struct connection_token_row {
  std::string id;
  std::string note;         ///< what it is for
  std::string url;          ///< of the server, as the token names it
  shared_bytes secret_half; ///< public half of its secret
  std::uint32_t boxes = 1;  ///< how many may come with it
  std::uint32_t uses_left = 1;
  time_point created{};
  time_point expires{};
  std::string made_by;  ///< name at that time
  time_point revoked{}; ///< 1970: it was not
  std::string box_key;  ///< fingerprint of the only box that may come with it; empty: any may
};

/// Tokens that may still be used; more are refused.
inline constexpr std::size_t open_tokens_bound = 1000;
/// Tokens kept for the list when they are used up, revoked or expired; the oldest make room.
inline constexpr std::size_t ended_tokens_bound = 1000;
inline constexpr std::uint32_t most_boxes_of_token = 10'000;

/// Those that any box may use, newest first.
result<std::vector<connection_token_row>> read_connection_tokens(sql_connection& connection);
/// Nothing when there is none.
result<std::optional<connection_token_row>> find_connection_token(sql_connection& connection,
                                                                  std::string_view id);
/// Fault "token.too_many" (409).
[[nodiscard]] std::optional<fault> add_connection_token(sql_connection& connection,
                                                        const connection_token_row& added);
/// A second time changes nothing. Fault "token.unknown" (404).
result<connection_token_row> revoke_connection_token(sql_connection& connection,
                                                     std::string_view id, time_point now);

/// A box comes with the token. Each box (with its key) counts once, however often it comes. Faults
/// "token.revoked", "token.expired" (410), "token.used_up", "token.other_box" (409).
[[nodiscard]] std::optional<fault> use_connection_token(sql_connection& connection,
                                                        const connection_token_row& token,
                                                        const box_id& box, std::string_view box_key,
                                                        time_point now);

} // namespace troupe::store
