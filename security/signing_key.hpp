#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <filesystem>
#include <memory>

struct evp_pkey_st;

/// Keys, signatures and passwords, on OpenSSL. Pure: no actors, no sockets.
namespace troupe::security {

/// A P-256 key pair of this machine (ECDSA with SHA-256). Made once, kept in a file that only its
/// owner may read, never sent anywhere. Copies share it; safe to use from any thread.
class signing_key {
public:
  /// Reads the PKCS#8 PEM file, or makes the key and writes it durably (mode 0600). Faults
  /// "key.unreadable", "key.damaged", "key.open_to_others" (the file's mode), "store.io".
  static result<signing_key> load_or_make(const std::filesystem::path& file);
  /// Not kept anywhere: for simulated boxes and tests.
  static signing_key make();

  const shared_bytes& public_key() const;       ///< DER SubjectPublicKeyInfo
  shared_bytes sign(byte_span statement) const; ///< DER ECDSA signature
  /// For what OpenSSL signs by itself (certificates, TLS); lives as long as this key.
  evp_pkey_st* native() const;

private:
  struct content;
  std::shared_ptr<const content> content_;
};

/// Whether `signature` over `statement` is by the owner of this public key; false for anything that
/// is no P-256 key or no signature.
bool verify(byte_span public_key, byte_span statement, byte_span signature);

/// First 16 bytes of SHA-256 of a public key as 32 hex digits: a name for it in logs and pages.
std::string fingerprint(byte_span public_key);

} // namespace troupe::security
