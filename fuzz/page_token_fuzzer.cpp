// links: troupe_security, troupe_messages
#include "security/page_token.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Reads anything as a page token, by a key that signed none: nothing is taken, each refusal is one
/// that is documented.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe::security;
  static const auto key = signing_key::make();
  const std::string typed(reinterpret_cast<const char*>(data), size);
  for (const auto& line : {typed, std::string(page_token_prefix) + typed}) {
    const auto token = read_page_token(line, key.public_key().view(), "box", {});
    if (token) std::abort();
    const auto& code = token.error().code;
    if (code != "page_token.malformed" && code != "page_token.forged") std::abort();
  }
  return 0;
}
