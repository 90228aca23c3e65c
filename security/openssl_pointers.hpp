#pragma once

#include <openssl/evp.h>

#include <memory>

/// Keys and digests of OpenSSL, freed with what holds them.
namespace troupe::security {

struct free_key {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct free_digest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, free_key>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, free_digest>;

} // namespace troupe::security
