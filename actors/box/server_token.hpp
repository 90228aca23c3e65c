#pragma once

#include "messages/result.hpp"
#include "security/connection_token.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What people give a box under the name of a server token. Pure.
namespace troupe::box {

struct server_token {
  std::string url;                                 ///< where the server is
  std::optional<security::connection_token> token; ///< none: only the address could be used
};

/// "token.malformed" (422).
fault malformed_server_token();
/// Reads a connection token of a Troupe server, or the two forms of Odoo, whose token part may be
/// one of ours: "url|token|uuid|contract" and "https://host?token=…&db_uuid=…&enterprise_code=…
/// [&db_name=…]". Of an Odoo token only the address says something to this box. Faults
/// "token.malformed", "token.forged", "token.bad_url", "server.bad_url" (422).
result<server_token> read_server_token(std::string_view text);

} // namespace troupe::box
