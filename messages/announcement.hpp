#pragma once

#include "messages/bytes.hpp"
#include "messages/describe.hpp"
#include "messages/identifiers.hpp"

#include <string>
#include <string_view>

/// What a box says of itself to whoever asks in its network. It holds no secret.
namespace troupe {

struct announcement {
  static constexpr std::string_view path = "/api/v1/announcement";

  box_id id;
  std::string name;
  std::string version;    ///< of the program
  bool paired = false;    ///< it belongs to a server
  bool tls = false;       ///< it has a certificate that browsers take
  shared_bytes key;       ///< the box's public key (DER SubjectPublicKeyInfo)
  std::string nonce;      ///< of who asked, so that no old announcement passes for this one
  shared_bytes signature; ///< by that key over `announcement_statement` (DER ECDSA)
  static constexpr auto fields = describe<announcement>(
      "announcement", field("id", &announcement::id), field("name", &announcement::name),
      field("version", &announcement::version), field("paired", &announcement::paired),
      field("tls", &announcement::tls), field("key", &announcement::key),
      field("nonce", &announcement::nonce), field("signature", &announcement::signature));
};

/// What is signed: all members before the signature, each with its length.
byte_vector announcement_statement(const announcement& of);

/// 16 to 64 characters of letters, digits, "-" and "_".
bool is_announcement_nonce(std::string_view text);

} // namespace troupe
