#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "security/signing_key.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Connection tokens: one line of text by which a box comes to its server without a code, also when
/// it has no network yet. The text names the server's address and key, and carries a secret of
/// which the server keeps the public half only. Pure: no actors, no clock, no store.
namespace troupe::security {

struct connection_token {
  std::string id;          ///< for people and programs; no secret
  std::string server;      ///< the server's identifier
  std::string server_name; ///< as it was called then
  std::string url;         ///< where it was then
  shared_bytes server_key; ///< its public key, DER: who answers must prove to have the other half
  shared_bytes secret;     ///< never sent: the box proves with it that it has the token
  time_point expires{};    ///< by the server's clock, which alone counts
};

/// What every token begins with.
inline constexpr std::string_view connection_token_prefix = "troupe-token-1-";
/// Longer texts are no tokens.
inline constexpr std::size_t longest_connection_token = 2048;

/// The token as one line, signed by the server that it names.
std::string connection_token_text(const connection_token& token, const signing_key& server);
/// Reads a token as it was copied, typed or kept in a file: white space anywhere in it is left out.
/// Faults "token.malformed" (422: no token, or not whole), "token.forged" (422: changed after its
/// server signed it).
result<connection_token> read_connection_token(std::string_view text);

/// A new secret, from the kernel's random source.
shared_bytes make_token_secret();
/// The public half of a secret; empty when it is none.
shared_bytes token_public_key(byte_span secret);
/// Proves to have the secret, without telling it (Ed25519).
shared_bytes prove_token(byte_span secret, byte_span statement);
/// Whether the proof is by who has the secret of this public half.
bool verify_token_proof(byte_span public_key, byte_span statement, byte_span proof);

} // namespace troupe::security
