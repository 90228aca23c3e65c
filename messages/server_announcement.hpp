#pragma once

#include "messages/bytes.hpp"
#include "messages/describe.hpp"
#include "messages/time.hpp"

#include <string>
#include <string_view>

/// What a server says of itself to whoever asks. It holds no secret. A box tells by it whether its
/// own server answers, or a log-in page, a proxy's error page, another server; and how wrong its
/// clock is.
namespace troupe {

struct server_announcement {
  static constexpr std::string_view path = "/api/v1/announcement";

  std::string id;
  std::string name;
  std::string version;    ///< of the program
  time_point time{};      ///< the server's wall clock
  shared_bytes key;       ///< the server's public key (DER SubjectPublicKeyInfo)
  std::string nonce;      ///< of who asked, so that no old announcement passes for this one
  shared_bytes signature; ///< by that key over `announcement_statement` (DER ECDSA)
  static constexpr auto fields = describe<server_announcement>(
      "server_announcement", field("id", &server_announcement::id),
      field("name", &server_announcement::name), field("version", &server_announcement::version),
      field("time", &server_announcement::time), field("key", &server_announcement::key),
      field("nonce", &server_announcement::nonce),
      field("signature", &server_announcement::signature));
};

/// What is signed: all members before the signature, each with its length.
byte_vector announcement_statement(const server_announcement& of);

} // namespace troupe
