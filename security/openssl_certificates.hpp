#pragma once

#include "security/certificate.hpp"
#include "security/openssl_pointers.hpp"

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <stdexcept>

/// Certificates of OpenSSL, freed with what holds them, for the files that make and read them.
namespace troupe::security {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* it) const {
    Free(it);
  }
};
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using request_ptr = std::unique_ptr<X509_REQ, freed_by<X509_REQ_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using general_names_ptr = std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>>;

/// What OpenSSL writes of a thing as DER.
template <class T>
shared_bytes written(int (*write)(const T*, unsigned char**), const T* it) {
  unsigned char* der = nullptr;
  const int size = write(it, &der);
  if (size <= 0) throw std::runtime_error("OpenSSL cannot write what it made");
  byte_vector out(der, der + size);
  OPENSSL_free(der);
  return out;
}

/// Null: it is none, or something is behind it.
certificate_ptr parse_certificate(byte_span der);
shared_bytes der_of(X509* certificate);
shared_bytes der_of_key(EVP_PKEY* key);
/// The names as the extension "subject alternative name" has them; null: one is none.
general_names_ptr general_names(const certificate_names& names);
certificate_names names_in(const GENERAL_NAMES* names);
/// P-256 alone: what boxes and our authorities use.
bool is_p256(const EVP_PKEY* key);

} // namespace troupe::security
