// links: troupe_security, troupe_messages
#include "security/connection_token.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Reads anything as a token: what is read carries all its parts, and nothing reads as a token that
/// its server did not sign.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe::security;
  const std::string_view typed(reinterpret_cast<const char*>(data), size);
  const auto token = read_connection_token(typed);
  if (token) {
    if (token->id.empty() || token->url.empty() || token->secret.size() != 32) std::abort();
    if (!read_connection_token(typed)) std::abort();
    const auto made = connection_token_text(*token, signing_key::make());
    if (read_connection_token(made)) std::abort(); // by another key than the one it names
  } else if (token.error().code != "token.malformed" && token.error().code != "token.forged")
    std::abort();
  return 0;
}
