#include "security/signing_key.hpp"

#include "security/openssl_certificates.hpp"
#include "security/private_file.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::security {
namespace {

/// A PEM file of one P-256 key has some 250 bytes.
constexpr std::size_t longest_file = 4096;

fault system_fault(const char* code, const std::filesystem::path& file, const char* what,
                   int error) {
  return {code, "The key file " + file.string() + " " + what + ": " + std::strerror(error) + ".",
          "Look at the state folder's owner, mode and disk.", 500};
}

} // namespace

struct signing_key::content {
  key_ptr key;
  shared_bytes public_key;
};

const shared_bytes& signing_key::public_key() const {
  return content_->public_key;
}

evp_pkey_st* signing_key::native() const {
  return content_->key.get();
}

signing_key signing_key::make() {
  key_ptr key(EVP_EC_gen("P-256"));
  if (!key) throw std::runtime_error("OpenSSL cannot make a P-256 key");
  signing_key made;
  auto content = std::make_shared<signing_key::content>();
  content->public_key = der_of_key(key.get());
  content->key = std::move(key);
  made.content_ = std::move(content);
  return made;
}

result<signing_key> signing_key::load_or_make(const std::filesystem::path& file) {
  const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0 && errno != ENOENT)
    return system_fault("key.unreadable", file, "cannot be opened", errno);
  if (handle < 0) {
    auto made = make();
    const bio_ptr out(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (PEM_write_bio_PKCS8PrivateKey(out.get(), made.content_->key.get(), nullptr, nullptr, 0,
                                      nullptr, nullptr) != 1)
      throw std::runtime_error("OpenSSL cannot write a private key");
    const auto size = BIO_get_mem_data(out.get(), &text);
    if (auto problem = write_private_file(file, {text, static_cast<std::size_t>(size)}))
      return *problem;
    return made;
  }
  struct ::stat about {};
  std::array<char, longest_file> text{};
  const bool known = ::fstat(handle, &about) == 0;
  const auto size = ::read(handle, text.data(), text.size());
  const int error = errno;
  ::close(handle);
  if (!known || size < 0) return system_fault("key.unreadable", file, "cannot be read", error);
  if ((about.st_mode & 077) != 0)
    return fault{
        "key.open_to_others",
        "The key file " + file.string() + " can be read by other users of this machine.",
        "If nobody can have copied it, set its mode to 0600; otherwise delete it, and a new "
        "key is made.",
        500};
  const bio_ptr in(BIO_new_mem_buf(text.data(), static_cast<int>(size)));
  key_ptr key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  if (!key || !is_p256(key.get()))
    return fault{"key.damaged", "The file " + file.string() + " holds no P-256 key.",
                 "Put it back from a copy, or delete it: a new key is made, and the box has to be "
                 "connected again.",
                 500};
  signing_key loaded;
  auto content = std::make_shared<signing_key::content>();
  content->public_key = der_of_key(key.get());
  content->key = std::move(key);
  loaded.content_ = std::move(content);
  return loaded;
}

shared_bytes signing_key::sign(byte_span statement) const {
  const digest_ptr digest(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, content_->key.get()) != 1 ||
      EVP_DigestSign(digest.get(), nullptr, &size, statement.data(), statement.size()) != 1)
    throw std::runtime_error("OpenSSL cannot sign");
  byte_vector out(size);
  if (EVP_DigestSign(digest.get(), out.data(), &size, statement.data(), statement.size()) != 1)
    throw std::runtime_error("OpenSSL cannot sign");
  out.resize(size);
  return out;
}

bool verify(byte_span public_key, byte_span statement, byte_span signature) {
  const unsigned char* at = public_key.data();
  const key_ptr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
  if (!key || at != public_key.data() + public_key.size() || !is_p256(key.get())) return false;
  const digest_ptr digest(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), signature.data(), signature.size(), statement.data(),
                          statement.size()) == 1;
}

std::string fingerprint(byte_span public_key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(public_key.data(), public_key.size(), digest.data(), &size, EVP_sha256(), nullptr);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

} // namespace troupe::security
