#pragma once

#include "messages/bytes.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>

namespace troupe::test {

/// A key and a certificate for a name, signed by itself, also as PEM files.
class own_certificate {
public:
  explicit own_certificate(const std::string& name = "localhost")
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    std::filesystem::create_directories(folder_);
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key_.get());
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const std::uint8_t*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key_.get(), EVP_sha256());
    write(key_file(), [&](FILE* file) {
      PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    write(certificate_file(), [&](FILE* file) { PEM_write_X509(file, certificate); });
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    der_ = byte_vector(der, der + size);
    OPENSSL_free(der);
    X509_free(certificate);
  }
  own_certificate(const own_certificate&) = delete;
  own_certificate& operator=(const own_certificate&) = delete;
  ~own_certificate() { std::filesystem::remove_all(folder_); }
  std::string key_file() const { return folder_ / "key.pem"; }
  std::string certificate_file() const { return folder_ / "certificate.pem"; }
  const shared_bytes& der() const { return der_; }
  const std::shared_ptr<EVP_PKEY>& key() const { return key_; }

private:
  template <class Use>
  static void write(const std::string& path, Use use) {
    FILE* file = std::fopen(path.c_str(), "w");
    use(file);
    std::fclose(file);
  }
  static inline std::atomic<int> made_{0};
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("troupe-certificate." + std::to_string(::getpid()) + "." + std::to_string(++made_));
  std::shared_ptr<EVP_PKEY> key_;
  shared_bytes der_;
};

} // namespace troupe::test
