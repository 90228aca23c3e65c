#include "security/password_hash.hpp"

#include "messages/base64.hpp"
#include "messages/random.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

namespace troupe::security {
namespace {

/// OWASP's advice for scrypt at 32 MB: N = 2^15, r = 8, p = 3.
struct cost {
  unsigned n_exponent = 15;
  unsigned r = 8;
  unsigned p = 3;
};
constexpr cost today;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
/// What was written by us never needs more; what was not is refused before it costs anything.
constexpr std::uint64_t most_memory = 256 * 1024 * 1024;

struct kept_password {
  cost of;
  byte_vector salt;
  byte_vector hash;
};

byte_vector derive(std::string_view password, byte_span salt, const cost& of) {
  byte_vector out(hash_bytes);
  if (EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(),
                     std::uint64_t{1} << of.n_exponent, of.r, of.p, most_memory, out.data(),
                     out.size()) != 1)
    throw std::runtime_error("OpenSSL cannot derive a key from a password");
  return out;
}

std::vector<std::string_view> parts_of(std::string_view kept) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = kept.find('$');
    parts.push_back(kept.substr(0, end));
    if (end == std::string_view::npos) return parts;
    kept.remove_prefix(end + 1);
  }
}

bool read_number(std::string_view text, unsigned least, unsigned most, unsigned& out) {
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc() && read.ptr == end && out >= least && out <= most;
}

std::optional<kept_password> read(std::string_view kept) {
  const auto parts = parts_of(kept);
  kept_password out;
  if (parts.size() != 6 || parts[0] != "scrypt") return std::nullopt;
  if (!read_number(parts[1], 10, 17, out.of.n_exponent) ||
      !read_number(parts[2], 1, 16, out.of.r) || !read_number(parts[3], 1, 16, out.of.p))
    return std::nullopt;
  auto salt = from_base64(parts[4]);
  auto hash = from_base64(parts[5]);
  if (!salt || !hash || salt->empty() || hash->size() != hash_bytes) return std::nullopt;
  out.salt = std::move(*salt);
  out.hash = std::move(*hash);
  return out;
}

} // namespace

std::string hash_password(std::string_view password) {
  const auto salt = secure_random(salt_bytes);
  std::string out = "scrypt$" + std::to_string(today.n_exponent) + "$" + std::to_string(today.r) +
                    "$" + std::to_string(today.p) + "$";
  out += to_base64(salt);
  out += '$';
  return out += to_base64(derive(password, salt, today));
}

bool verify_password(std::string_view password, std::string_view kept) {
  const auto known = read(kept);
  if (!known) return false;
  const auto derived = derive(password, known->salt, known->of);
  return CRYPTO_memcmp(derived.data(), known->hash.data(), hash_bytes) == 0;
}

bool is_outdated(std::string_view kept) {
  const auto known = read(kept);
  if (!known) return true;
  const auto work = [](const cost& of) { return (std::uint64_t{of.r} * of.p) << of.n_exponent; };
  return work(known->of) < work(today);
}

} // namespace troupe::security
