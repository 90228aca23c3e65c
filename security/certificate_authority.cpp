#include "security/certificate_authority.hpp"

#include "messages/random.hpp"
#include "security/openssl_certificates.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::security {
namespace {

/// 127 random bits: unguessable and positive.
constexpr std::size_t serial_bytes = 16;

struct wanted_certificate {
  EVP_PKEY* key = nullptr;
  std::string name;       ///< common name; of a server the first of its names, for people
  X509* issuer = nullptr; ///< null: itself
  EVP_PKEY* signer = nullptr;
  time_point from{}, to{};
  const char* constraints = nullptr;
  const char* usage = nullptr;
  const char* extended_usage = nullptr;
  const certificate_names* names = nullptr;
};

void check(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot make a certificate");
}

void add(X509* certificate, X509V3_CTX& context, int kind, const char* content) {
  if (content == nullptr) return;
  const std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, content));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void set_time(ASN1_TIME* into, time_point at) {
  check(ASN1_TIME_set(into,
                      std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count()) !=
        nullptr);
}

shared_bytes signed_certificate(const wanted_certificate& wanted) {
  const certificate_ptr made(X509_new());
  auto* certificate = made.get();
  check(X509_set_version(certificate, X509_VERSION_3) == 1);
  auto serial = secure_random(serial_bytes);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40); // positive, of full length
  const std::unique_ptr<BIGNUM, freed_by<BN_free>> number(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
  set_time(X509_getm_notBefore(certificate), wanted.from);
  set_time(X509_getm_notAfter(certificate), wanted.to);
  auto* subject = X509_get_subject_name(certificate);
  // A common name has 64 characters at most (RFC 5280, appendix A.1); the names count.
  const auto name = wanted.name.substr(0, 64);
  check(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.data()),
                                   static_cast<int>(name.size()), -1, 0) == 1);
  auto* issuer = wanted.issuer != nullptr ? wanted.issuer : certificate;
  check(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
  check(X509_set_pubkey(certificate, wanted.key) == 1);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  add(certificate, context, NID_basic_constraints, wanted.constraints);
  add(certificate, context, NID_key_usage, wanted.usage);
  add(certificate, context, NID_ext_key_usage, wanted.extended_usage);
  add(certificate, context, NID_subject_key_identifier, "hash");
  add(certificate, context, NID_authority_key_identifier, "keyid");
  if (wanted.names != nullptr) {
    const auto names = general_names(*wanted.names);
    check(names && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0,
                                     X509V3_ADD_DEFAULT) == 1);
  }
  check(X509_sign(certificate, wanted.signer, EVP_sha256()) > 0);
  return der_of(certificate);
}

key_ptr key_of(byte_span public_key) {
  const unsigned char* at = public_key.data();
  return key_ptr(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
}

/// Nothing outlives who signed it.
wanted_certificate below(const certificate_facts& issuer, time_point now,
                         std::chrono::seconds life) {
  wanted_certificate wanted;
  wanted.from = std::max(now - clock_slack_of_certificates, issuer.valid_from);
  wanted.to = std::min(now + life, issuer.valid_to);
  return wanted;
}

constexpr const char* usage_of_authorities = "critical,keyCertSign,cRLSign";

} // namespace

shared_bytes make_root_certificate(const signing_key& key, const std::string& name,
                                   time_point now) {
  wanted_certificate wanted;
  wanted.key = wanted.signer = key.native();
  wanted.name = name;
  wanted.from = now - clock_slack_of_certificates;
  wanted.to = now + root_life;
  wanted.constraints = "critical,CA:TRUE,pathlen:1";
  wanted.usage = usage_of_authorities;
  return signed_certificate(wanted);
}

result<certificate_authority> certificate_authority::with(signing_key key,
                                                          shared_bytes certificate) {
  auto facts = read_certificate(certificate.view());
  if (!facts) return facts.error();
  if (!facts->authority || !(facts->public_key == key.public_key()))
    return fault{"certificate.bad_authority",
                 "The certificate of the authority does not belong to its key.",
                 "Put both back from a copy, or delete both: a new authority is made, and "
                 "everybody must trust its root anew.",
                 500};
  return certificate_authority(std::move(key), std::move(certificate), *std::move(facts));
}

shared_bytes certificate_authority::issue_authority(byte_span public_key, const std::string& name,
                                                    time_point now) const {
  const auto key = key_of(public_key);
  check(is_p256(key.get()));
  const auto issuer = parse_certificate(certificate_.view());
  auto wanted = below(facts_, now, intermediate_life);
  wanted.key = key.get();
  wanted.signer = key_.native();
  wanted.issuer = issuer.get();
  wanted.name = name;
  wanted.constraints = "critical,CA:TRUE,pathlen:0";
  wanted.usage = usage_of_authorities;
  return signed_certificate(wanted);
}

result<shared_bytes> certificate_authority::issue(const certificate_request& asked, time_point now,
                                                  std::chrono::seconds life) const {
  const auto& names = asked.names;
  if ((names.dns.empty() && names.addresses.empty()) || !general_names(names))
    return fault{"certificate.bad_name", "A certificate cannot be for these names.",
                 "Take host names and addresses, 1 to 64.", 422};
  const auto key = key_of(asked.public_key.view());
  check(is_p256(key.get()));
  const auto issuer = parse_certificate(certificate_.view());
  auto wanted = below(facts_, now, life);
  wanted.key = key.get();
  wanted.signer = key_.native();
  wanted.issuer = issuer.get();
  wanted.name = names.dns.empty() ? names.addresses.front() : names.dns.front();
  wanted.constraints = "critical,CA:FALSE";
  wanted.usage = "critical,digitalSignature";
  wanted.extended_usage = "serverAuth";
  wanted.names = &names;
  return signed_certificate(wanted);
}

} // namespace troupe::security
