#include "messages/link.hpp"

#include "messages/statement.hpp"

namespace troupe::link {
byte_vector box_statement(const challenge& asked, const hello& answer) {
  return statement_of({"troupe link 1 box", asked.server, asked.nonce.text(), answer.box.text,
                       answer.instance, name_of(answer.wish)});
}

byte_vector token_statement(const challenge& asked, const hello& answer) {
  return statement_of({"troupe link 1 token", asked.server, asked.nonce.text(), answer.box.text,
                       answer.public_key.text(), answer.token});
}

byte_vector server_statement(std::string_view kind, std::string_view server, const box_id& box,
                             const shared_bytes& box_nonce) {
  return statement_of({"troupe link 1 server", kind, server, box.text, box_nonce.text()});
}

} // namespace troupe::link
