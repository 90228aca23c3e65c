#include "transport/tls_identity.hpp"

#include "transport/http.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <optional>
#include <utility>

namespace troupe::transport {
namespace {

namespace asio = boost::asio;
using context_ptr = std::shared_ptr<asio::ssl::context>;

/// Forward secrecy and authenticated encryption alone: what "modern" and "intermediate" of
/// Mozilla's server side TLS (version 5.7) have in common for TLS 1.2 with an ECDSA key.
constexpr const char* ciphers_of_tls_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";
constexpr std::array<unsigned char, 9> only_protocol{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// The other chains, by name; kept by the context that asks for them.
struct by_name {
  std::vector<std::pair<std::string, context_ptr>> chains;
};

bool covers(std::string_view pattern, std::string_view name) {
  if (!pattern.starts_with("*.")) return equal_ignoring_case(pattern, name);
  const auto dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         equal_ignoring_case(pattern.substr(1), name.substr(dot));
}

int names_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* held, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<by_name*>(held);
      });
  return index;
}

int choose_chain(SSL* ssl, int*, void*) {
  const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const auto* known =
      static_cast<const by_name*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), names_index()));
  if (asked == nullptr || known == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const auto& [pattern, context] : known->chains)
    if (covers(pattern, asked)) {
      // OpenSSL holds the context from here on.
      SSL_set_SSL_CTX(ssl, context->native_handle());
      return SSL_TLSEXT_ERR_OK;
    }
  return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, size, only_protocol.data(), only_protocol.size(),
                                          offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

fault unusable(const char* why) {
  ERR_clear_error();
  return {"transport.tls", std::string("A certificate cannot be shown: ") + why,
          "Take the whole chain of the authority, and the key that it was asked for with.", 500};
}

result<context_ptr> context_for(const tls_identity::chain& chain) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  auto* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, ciphers_of_tls_1_2);
  SSL_CTX_set1_groups_list(native, groups);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Idle connections hold no buffers of OpenSSL: thousands are open and say nothing.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF); // tickets alone
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  bool first = true;
  for (const auto& each : chain.certificates) {
    const unsigned char* at = each.view().data();
    X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(each.size()));
    if (certificate == nullptr) return unusable("it cannot be read.");
    const bool taken = first ? SSL_CTX_use_certificate(native, certificate) == 1
                             : SSL_CTX_add1_chain_cert(native, certificate) == 1;
    X509_free(certificate);
    if (!taken) return unusable("OpenSSL does not take it.");
    first = false;
  }
  if (first) return unusable("there is none.");
  if (!chain.key || SSL_CTX_use_PrivateKey(native, chain.key.get()) != 1 ||
      SSL_CTX_check_private_key(native) != 1)
    return unusable("it does not belong to its key.");
  return context;
}

} // namespace

result<bool> tls_identity::show(std::span<const chain> chains) {
  if (chains.empty()) return unusable("there is none.");
  std::vector<context_ptr> made;
  for (const auto& each : chains) {
    auto context = context_for(each);
    if (!context) return context.error();
    made.push_back(std::move(*context));
  }
  auto names = std::make_unique<by_name>();
  for (std::size_t i = 1; i < chains.size(); ++i)
    for (const auto& name : chains[i].names)
      names->chains.emplace_back(name, made[i]);
  auto* native = made[0]->native_handle();
  SSL_CTX_set_tlsext_servername_callback(native, choose_chain);
  SSL_CTX_set_ex_data(native, names_index(), names.release());
  shown_ = std::move(made[0]);
  return true;
}

} // namespace troupe::transport
