#include "messages/announcement.hpp"

#include "messages/statement.hpp"

#include <algorithm>

namespace troupe {

byte_vector announcement_statement(const announcement& of) {
  return statement_of({"troupe announcement 1", of.id.text, of.name, of.version,
                       of.paired ? "paired" : "free", of.tls ? "tls" : "plain", of.key.text(),
                       of.nonce});
}

bool is_announcement_nonce(std::string_view text) {
  return text.size() >= 16 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

} // namespace troupe
