#pragma once

#include "messages/bytes.hpp"
#include "messages/describe.hpp"
#include "messages/identifiers.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// The DNS-SD service under which a box is announced.
inline constexpr std::string_view announcement_service = "_troupe._tcp";

/// The announcement as the texts of a DNS-SD service (RFC 6763 section 6): txtvers, id, name, ver,
/// paired, tls, path, key, sig. It is signed without a nonce, so it may be an old one: who finds it
/// asks the box itself.
std::vector<std::string> to_txt(const announcement& said);
/// Unknown keys are skipped. Empty when a needed one is missing or no text of its kind.
std::optional<announcement> from_txt(std::span<const std::string> texts);

} // namespace troupe
