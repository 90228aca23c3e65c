#include "security/connection_token.hpp"

#include "messages/random.hpp"
#include "security/openssl_pointers.hpp"
#include "security/signed_line.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace troupe::security {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t proof_bytes = 64;
constexpr std::size_t most_fields = 7; ///< the signature is the last
constexpr std::string_view signed_as = "troupe connection token 1";

key_ptr key_of(byte_span secret) {
  if (secret.size() != secret_bytes) return nullptr;
  return key_ptr(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()));
}

/// What the server signs, and what the text carries before the signature.
byte_vector body_of(const connection_token& token) {
  byte_vector out;
  const auto expires = seconds_text(token.expires);
  for (const std::string_view part :
       {std::string_view(token.id), std::string_view(token.server),
        std::string_view(token.server_name), std::string_view(token.url), token.server_key.text(),
        token.secret.text(), std::string_view(expires)})
    put_field(out, part);
  return out;
}

fault malformed() {
  return {"token.malformed", "That is no connection token, or not all of it.",
          "Copy the whole line: it begins with " + std::string(connection_token_prefix) + ".", 422};
}

/// The text without white space, and without the mark that some editors put before a file.
std::string squeezed(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  return out;
}

bool is_shown(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

} // namespace

std::string connection_token_text(const connection_token& token, const signing_key& server) {
  auto content = body_of(token);
  const auto signature = server.sign(line_statement(signed_as, content));
  put_field(content, signature.text());
  return line_text(connection_token_prefix, content);
}

result<connection_token> read_connection_token(std::string_view text) {
  constexpr std::size_t longest_typed = 2 * longest_connection_token;
  if (text.size() > longest_typed) return malformed();
  const auto line = squeezed(text);
  if (line.size() > longest_connection_token) return malformed();
  const auto content = line_content(connection_token_prefix, line);
  if (!content) return malformed();
  std::string_view rest(reinterpret_cast<const char*>(content->data()), content->size());
  std::string_view parts[most_fields];
  for (auto& part : parts) {
    const auto field = take_field(rest);
    if (!field) return malformed();
    part = *field;
  }
  const byte_span body(content->data(), content->size() - rest.size());
  const auto signature = take_field(rest);
  const auto expires = read_seconds(parts[6]);
  if (!signature || !rest.empty() || !expires || parts[0].empty() || parts[1].empty() ||
      parts[3].empty() || parts[5].size() != secret_bytes ||
      !std::all_of(parts, parts + 4, is_shown))
    return malformed();
  connection_token token{std::string(parts[0]),
                         std::string(parts[1]),
                         std::string(parts[2]),
                         std::string(parts[3]),
                         shared_bytes::copy_of(parts[4]),
                         shared_bytes::copy_of(parts[5]),
                         *expires};
  if (!verify(token.server_key.view(), line_statement(signed_as, body), as_bytes(*signature)))
    return fault{"token.forged", "This connection token was changed after it was made.",
                 "Copy it anew from the server, or let the server make another one.", 422};
  return token;
}

shared_bytes make_token_secret() {
  return shared_bytes(secure_random(secret_bytes));
}

shared_bytes token_public_key(byte_span secret) {
  const auto key = key_of(secret);
  byte_vector out(secret_bytes);
  std::size_t size = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1) return {};
  return shared_bytes(std::move(out));
}

shared_bytes prove_token(byte_span secret, byte_span statement) {
  const auto key = key_of(secret);
  const digest_ptr digest(EVP_MD_CTX_new());
  byte_vector out(proof_bytes);
  std::size_t size = out.size();
  if (!key || EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), out.data(), &size, statement.data(), statement.size()) != 1)
    throw std::runtime_error("OpenSSL cannot sign with a token");
  return shared_bytes(std::move(out));
}

bool verify_token_proof(byte_span public_key, byte_span statement, byte_span proof) {
  if (proof.size() != proof_bytes) return false;
  const key_ptr key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  const digest_ptr digest(EVP_MD_CTX_new());
  return key && EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), proof.data(), proof.size(), statement.data(),
                          statement.size()) == 1;
}

} // namespace troupe::security
