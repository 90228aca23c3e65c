#include "messages/server_announcement.hpp"

#include "messages/statement.hpp"

namespace troupe {

byte_vector announcement_statement(const server_announcement& of) {
  return statement_of({"troupe server announcement 1", of.id, of.name, of.version,
                       to_rfc3339(of.time), of.key.text(), of.nonce});
}

} // namespace troupe
