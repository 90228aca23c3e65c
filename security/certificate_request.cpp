#include "security/certificate.hpp"
#include "security/openssl_certificates.hpp"

#include <openssl/err.h>

#include <stdexcept>
#include <string>

/// PKCS#10: what a box asks for.
namespace troupe::security {
namespace {

struct free_extensions {
  void operator()(STACK_OF(X509_EXTENSION) * all) const {
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  }
};
using extensions_ptr = std::unique_ptr<STACK_OF(X509_EXTENSION), free_extensions>;

fault bad_request(const char* why) {
  return {"certificate.bad_request", std::string("That is no request for a certificate: ") + why,
          "Send PKCS#10 (DER), signed by a P-256 key.", 422};
}

} // namespace

result<shared_bytes> make_certificate_request(const signing_key& key,
                                              const certificate_names& names) {
  const auto wanted = general_names(names);
  if (!wanted)
    return fault{"certificate.bad_name", "A certificate cannot be for these names.",
                 "Take host names and addresses, 64 at most.", 422};
  const request_ptr request(X509_REQ_new());
  extensions_ptr extensions(sk_X509_EXTENSION_new_null());
  sk_X509_EXTENSION_push(extensions.get(), X509V3_EXT_i2d(NID_subject_alt_name, 0, wanted.get()));
  const bool made = X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key.native()) == 1 &&
                    X509_REQ_add_extensions(request.get(), extensions.get()) == 1 &&
                    X509_REQ_sign(request.get(), key.native(), EVP_sha256()) > 0;
  if (!made) throw std::runtime_error("OpenSSL cannot make a request for a certificate");
  return written<X509_REQ>(i2d_X509_REQ, request.get());
}

result<certificate_request> read_certificate_request(byte_span der) {
  if (der.size() > longest_certificate) return bad_request("it is too long.");
  const unsigned char* at = der.data();
  const request_ptr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!request || at != der.data() + der.size()) return bad_request("it cannot be read.");
  auto* key = X509_REQ_get0_pubkey(request.get());
  if (!is_p256(key)) return bad_request("its key is not of the curve P-256.");
  const bool proven = X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!proven) return bad_request("it is not signed by its own key.");
  certificate_request asked{der_of_key(key), {}};
  const extensions_ptr extensions(X509_REQ_get_extensions(request.get()));
  const general_names_ptr names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions.get(), NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();
  if (names) asked.names = names_in(names.get());
  return asked;
}

} // namespace troupe::security
