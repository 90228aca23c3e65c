#include "security/certificate.hpp"

#include "security/openssl_certificates.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace troupe::security {
namespace {

/// Of a whole DNS name (RFC 1035, section 2.3.4).
constexpr std::size_t longest_dns_name = 253;

bool is_dns_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > longest_dns_name || name.front() == '.' || name.back() == '.')
    return false;
  return std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

fault unreadable() {
  return {"certificate.unreadable", "That is no certificate, or not all of it.",
          "Take the file as the authority gave it (PEM).", 422};
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string serial_of(const X509* certificate) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto* number = X509_get0_serialNumber(certificate);
  std::string out;
  for (const unsigned char byte : text_of(number)) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

time_point time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return time_point(std::chrono::seconds(timegm(&parts)));
}

/// One address in the form that X.509 has for it.
std::string address_bytes(const std::string& text) {
  const std::unique_ptr<ASN1_OCTET_STRING, freed_by<ASN1_OCTET_STRING_free>> bytes(
      a2i_IPADDRESS(text.c_str()));
  return bytes ? text_of(bytes.get()) : std::string();
}

std::string address_text(const std::string& bytes) {
  std::array<char, 64> out{};
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  if (bytes.size() == 4) {
    std::snprintf(out.data(), out.size(), "%u.%u.%u.%u", at[0], at[1], at[2], at[3]);
    return out.data();
  }
  if (bytes.size() != 16) return {};
  std::string text;
  for (std::size_t i = 0; i < 16; i += 2) {
    std::snprintf(out.data(), out.size(), "%s%x", i == 0 ? "" : ":",
                  static_cast<unsigned>(at[i] << 8 | at[i + 1]));
    text += out.data();
  }
  return text;
}

} // namespace

// ---- for the files that make and read certificates ----

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  return key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view(group.data(), length) == "prime256v1";
}

certificate_ptr parse_certificate(byte_span der) {
  if (der.empty() || der.size() > longest_certificate) return nullptr;
  const unsigned char* at = der.data();
  certificate_ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return at == der.data() + der.size() ? std::move(certificate) : nullptr;
}

shared_bytes der_of(X509* certificate) {
  return written<X509>(i2d_X509, certificate);
}

shared_bytes der_of_key(EVP_PKEY* key) {
  return written<EVP_PKEY>(i2d_PUBKEY, key);
}

general_names_ptr general_names(const certificate_names& names) {
  general_names_ptr list(GENERAL_NAMES_new());
  if (names.dns.size() + names.addresses.size() > most_certificate_names) return nullptr;
  const auto add = [&](int type, ASN1_STRING* content) {
    auto* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, content);
    sk_GENERAL_NAME_push(list.get(), name);
  };
  for (const auto& each : names.dns) {
    if (!is_dns_name(each)) return nullptr;
    auto* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, each.data(), static_cast<int>(each.size()));
    add(GEN_DNS, text);
  }
  for (const auto& each : names.addresses) {
    auto* bytes = a2i_IPADDRESS(each.c_str());
    if (bytes == nullptr) {
      ERR_clear_error();
      return nullptr;
    }
    add(GEN_IPADD, bytes);
  }
  return list;
}

certificate_names names_in(const GENERAL_NAMES* names) {
  certificate_names found;
  const int count = std::min(sk_GENERAL_NAME_num(names), static_cast<int>(most_certificate_names));
  for (int i = 0; i < count; ++i) {
    int type = 0;
    const auto* content = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type));
    if (type == GEN_DNS)
      found.dns.push_back(text_of(content));
    else if (type == GEN_IPADD)
      found.addresses.push_back(address_text(text_of(content)));
  }
  return found;
}

// ---- certificates ----

result<certificate_facts> read_certificate(byte_span der) {
  const auto certificate = parse_certificate(der);
  if (!certificate) return unreadable();
  certificate_facts facts;
  facts.serial = serial_of(certificate.get());
  facts.subject = common_name(X509_get_subject_name(certificate.get()));
  facts.issuer = common_name(X509_get_issuer_name(certificate.get()));
  const general_names_ptr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  if (names) facts.names = names_in(names.get());
  facts.valid_from = time_of(X509_get0_notBefore(certificate.get()));
  facts.valid_to = time_of(X509_get0_notAfter(certificate.get()));
  auto* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr) return unreadable();
  facts.public_key = der_of_key(key);
  facts.authority = X509_check_ca(certificate.get()) > 0;
  return facts;
}

std::string chain_text(std::span<const shared_bytes> chain) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  for (const auto& each : chain)
    if (const auto certificate = parse_certificate(each.view()))
      PEM_write_bio_X509(out.get(), certificate.get());
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

result<std::vector<shared_bytes>> read_chain(std::string_view pem) {
  constexpr std::size_t longest_chain = 8;
  if (pem.size() > longest_chain * longest_certificate) return unreadable();
  const bio_ptr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<shared_bytes> chain;
  while (chain.size() < longest_chain) {
    const certificate_ptr each(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!each) break;
    chain.push_back(der_of(each.get()));
  }
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (chain.empty() || !whole) return unreadable();
  return chain;
}

// ---- what a chain is good for ----

namespace {

using store_ptr = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using judgement_ptr = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;

struct free_stack {
  void operator()(STACK_OF(X509) * all) const { sk_X509_pop_free(all, X509_free); }
};
using stack_ptr = std::unique_ptr<STACK_OF(X509), free_stack>;

std::optional<fault> uncovered(X509* certificate, const certificate_names& names) {
  const auto fault_for = [](const std::string& name) {
    return fault{"certificate.wrong_name", "The certificate is not for " + name + ".",
                 "Ask the authority for one with this name.", 422};
  };
  for (const auto& each : names.dns) {
    // A wildcard covers itself: it is compared by its first label, whatever that is.
    const auto name = each.starts_with("*.") ? "any" + each.substr(1) : each;
    if (X509_check_host(certificate, name.data(), name.size(), 0, nullptr) != 1)
      return fault_for(each);
  }
  for (const auto& each : names.addresses) {
    const auto bytes = address_bytes(each);
    if (X509_check_ip(certificate, reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), 0) != 1)
      return fault_for(each);
  }
  return std::nullopt;
}

fault untrusted(int error) {
  if (error == X509_V_ERR_CERT_NOT_YET_VALID)
    return {"certificate.early", "The certificate is not valid yet.",
            "Look at the clock of this machine.", 422};
  if (error == X509_V_ERR_CERT_HAS_EXPIRED)
    return {"certificate.expired", "The certificate has expired.", "It must be renewed.", 422};
  return {"certificate.untrusted",
          std::string("The certificate does not lead to an authority that is trusted: ") +
              X509_verify_cert_error_string(error) + ".",
          "Put the authority's intermediate certificates behind it.", 422};
}

} // namespace

std::optional<fault> defect_of_chain(std::span<const shared_bytes> chain,
                                     std::span<const shared_bytes> roots,
                                     const chain_needs& needs) {
  if (chain.empty()) return unreadable();
  const auto own = parse_certificate(chain.front().view());
  if (!own || X509_get0_pubkey(own.get()) == nullptr) return unreadable();
  if (der_of_key(X509_get0_pubkey(own.get())).text() != as_text(needs.public_key))
    return fault{"certificate.wrong_key", "The certificate is for another key.",
                 "Ask for one with the key of this box.", 422};
  if (auto missing = uncovered(own.get(), needs.names)) return missing;
  const store_ptr trusted(X509_STORE_new());
  for (const auto& each : roots)
    if (const auto root = parse_certificate(each.view()))
      X509_STORE_add_cert(trusted.get(), root.get());
  const stack_ptr between(sk_X509_new_null());
  for (const auto& each : chain.subspan(1)) {
    auto certificate = parse_certificate(each.view());
    if (!certificate) return unreadable();
    sk_X509_push(between.get(), certificate.release());
  }
  const judgement_ptr judgement(X509_STORE_CTX_new());
  X509_STORE_CTX_init(judgement.get(), trusted.get(), own.get(), between.get());
  X509_STORE_CTX_set_purpose(judgement.get(), X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_time(
      judgement.get(), 0,
      std::chrono::duration_cast<std::chrono::seconds>(needs.now.time_since_epoch()).count());
  if (X509_verify_cert(judgement.get()) == 1) return std::nullopt;
  const int error = X509_STORE_CTX_get_error(judgement.get());
  ERR_clear_error();
  return untrusted(error);
}

} // namespace troupe::security
