#include "security/announcement.hpp"

namespace troupe::security {

void sign(announcement& what, const signing_key& key) {
  what.key = key.public_key();
  what.signature = key.sign(announcement_statement(what));
}

bool is_genuine(const announcement& what, std::string_view nonce) {
  return what.nonce == nonce &&
         verify(what.key.view(), announcement_statement(what), what.signature.view());
}

} // namespace troupe::security
