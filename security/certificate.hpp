#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "security/signing_key.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// X.509 certificates of boxes (RFC 5280) and the requests for them (PKCS#10, RFC 2986). Pure: no
/// actors, no clock, no files.
namespace troupe::security {

/// Whom a certificate is for.
struct certificate_names {
  std::vector<std::string> dns;       ///< "k3f9.iot.example.org", "*.k3f9.iot.example.org"
  std::vector<std::string> addresses; ///< "192.168.1.20", "fd00::20"
  bool operator==(const certificate_names&) const = default;
};
inline constexpr std::size_t most_certificate_names = 64;
/// Longer requests and certificates are none of ours.
inline constexpr std::size_t longest_certificate = 16 * 1024;

/// What a box asks for; it proves that it has the key.
struct certificate_request {
  shared_bytes public_key; ///< DER SubjectPublicKeyInfo, P-256
  certificate_names names;
};
/// DER, signed by the key. Fault "certificate.bad_name" (422): a name that is none, or too many.
result<shared_bytes> make_certificate_request(const signing_key& key,
                                              const certificate_names& names);
/// Fault "certificate.bad_request" (422): no PKCS#10, another kind of key, or not signed by it.
result<certificate_request> read_certificate_request(byte_span der);

/// What stands in a certificate.
struct certificate_facts {
  std::string serial;  ///< lower-case hex
  std::string subject; ///< its common name
  std::string issuer;  ///< likewise
  certificate_names names;
  time_point valid_from{};
  time_point valid_to{};
  shared_bytes public_key; ///< DER SubjectPublicKeyInfo
  bool authority = false;  ///< may issue others
};
/// Fault "certificate.unreadable" (422).
result<certificate_facts> read_certificate(byte_span der);

/// Certificates one behind the other as PEM, and back. Fault "certificate.unreadable": none is
/// there, or one is broken.
std::string chain_text(std::span<const shared_bytes> chain);
result<std::vector<shared_bytes>> read_chain(std::string_view pem);

/// What a chain must be good for before it replaces another.
struct chain_needs {
  byte_span public_key;    ///< of the key beside it
  certificate_names names; ///< each must be covered
  time_point now{};
};
/// Why a chain, the box's own certificate first, is no good; nothing: it is. Codes
/// "certificate.wrong_key", "certificate.early", "certificate.expired", "certificate.wrong_name",
/// "certificate.untrusted" (it leads to none of the roots), "certificate.unreadable".
std::optional<fault> defect_of_chain(std::span<const shared_bytes> chain,
                                     std::span<const shared_bytes> roots, const chain_needs& needs);

} // namespace troupe::security
