#pragma once

#include "security/certificate.hpp"

#include <string>
#include <vector>

/// An authority of a shop's own: a root that machines are told to trust, and below it one that
/// signs the certificates of boxes. Pure: keys come from outside, times as well.
namespace troupe::security {

inline constexpr std::chrono::hours root_life{24 * 365 * 20};
inline constexpr std::chrono::hours intermediate_life{24 * 365 * 10};
/// What is issued is valid from a little before now: the clocks of those who look differ.
inline constexpr std::chrono::minutes clock_slack_of_certificates{10};

/// The certificate of a root that signs itself; DER.
shared_bytes make_root_certificate(const signing_key& key, const std::string& name, time_point now);

/// Signs certificates with a key and the certificate that is made out for it.
class certificate_authority {
public:
  /// Fault "certificate.bad_authority": no authority's certificate, or another key's.
  static result<certificate_authority> with(signing_key key, shared_bytes certificate);

  /// The certificate of an authority below this one, which may have none below itself. Ends with
  /// this one's at the latest; so do those that it issues.
  shared_bytes issue_authority(byte_span public_key, const std::string& name, time_point now) const;
  /// A server's certificate for what was asked; the serial number is random (RFC 5280, 4.1.2.2).
  /// Fault "certificate.bad_name" (422).
  result<shared_bytes> issue(const certificate_request& asked, time_point now,
                             std::chrono::seconds life) const;
  const shared_bytes& certificate() const { return certificate_; }
  const certificate_facts& facts() const { return facts_; }

private:
  certificate_authority(signing_key key, shared_bytes certificate, certificate_facts facts)
      : key_(std::move(key)), certificate_(std::move(certificate)), facts_(std::move(facts)) {}

  signing_key key_;
  shared_bytes certificate_;
  certificate_facts facts_;
};

} // namespace troupe::security
