#include "security/announcement.hpp"

namespace troupe::security {

namespace {

template <class Announcement>
void put_signature(Announcement& what, const signing_key& key) {
  what.key = key.public_key();
  what.signature = key.sign(announcement_statement(what));
}

template <class Announcement>
bool has_signature(const Announcement& what, std::string_view nonce) {
  return what.nonce == nonce &&
         verify(what.key.view(), announcement_statement(what), what.signature.view());
}

} // namespace

void sign(announcement& what, const signing_key& key) {
  put_signature(what, key);
}
void sign(server_announcement& what, const signing_key& key) {
  put_signature(what, key);
}

bool is_genuine(const announcement& what, std::string_view nonce) {
  return has_signature(what, nonce);
}
bool is_genuine(const server_announcement& what, std::string_view nonce) {
  return has_signature(what, nonce);
}

} // namespace troupe::security
