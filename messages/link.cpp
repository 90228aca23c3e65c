#include "messages/link.hpp"

#include <initializer_list>

namespace troupe::link {
namespace {

byte_vector joined(std::initializer_list<std::string_view> parts) {
  byte_vector out;
  for (const auto part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

} // namespace

byte_vector box_statement(const challenge& asked, const hello& answer) {
  return joined({"troupe link 1 box", asked.server, asked.nonce.text(), answer.box.text,
                 answer.instance, name_of(answer.wish)});
}

byte_vector server_statement(std::string_view kind, std::string_view server, const box_id& box,
                             const shared_bytes& box_nonce) {
  return joined({"troupe link 1 server", kind, server, box.text, box_nonce.text()});
}

} // namespace troupe::link
