#include "actors/server/fleet_state.hpp"
#include "security/connection_token.hpp"
#include "store/connection_tokens.hpp"
#include "store/people.hpp"

/// Boxes that come by a connection token.
namespace troupe::server {

result<std::string> redeem_token(store::sql_connection& connection, const token_claim& claim,
                                 const store::box_row& row, time_point now) {
  const auto found = store::find_connection_token(connection, claim.id);
  if (!found) return found.error();
  if (!*found || !security::verify_token_proof((*found)->secret_half.view(), claim.statement.view(),
                                               claim.proof.view()))
    return fault{"token.wrong", "The server does not know this connection token.",
                 "Get another token, or connect the box with its code.", 404};
  const auto& token = **found;
  if (auto problem = store::use_connection_token(connection, token, row.box.id,
                                                 security::fingerprint(row.public_key.view()), now))
    return *problem;
  const auto by = token.note.empty() ? "a token" : "the token " + token.note;
  if (auto problem = store::add_audit(
          connection, {0, now, token.made_by, "", "box.connected_by_token", row.box.name,
                       row.box.name + " came into the fleet with " + by + "."}))
    return *problem;
  return token.made_by;
}

} // namespace troupe::server
