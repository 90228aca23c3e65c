#include "transport/base64.hpp"

#include <array>

namespace troupe::transport {

namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0xff;
constexpr std::uint8_t skipped = 0xfe;
constexpr std::uint8_t padding = 0xfd;

using table = std::array<std::uint8_t, 256>;

constexpr table make_table(bool tolerant) {
  table values{};
  for (auto& value : values)
    value = invalid;
  for (std::uint8_t i = 0; i < 64; ++i)
    values[static_cast<std::uint8_t>(alphabet[i])] = i;
  values['='] = padding;
  if (tolerant) {
    values['-'] = 62;
    values['_'] = 63;
    for (const char c : {' ', '\t', '\r', '\n'})
      values[static_cast<std::uint8_t>(c)] = skipped;
  }
  return values;
}

constexpr table strict_table = make_table(false);
constexpr table tolerant_table = make_table(true);

fault not_base64(std::size_t position) {
  return {"base64.invalid",
          "The text is not Base64 (at character " + std::to_string(position + 1) + ").",
          "Encode it as RFC 4648 says.", 400};
}

/// Decodes whole groups of four as long as they hold nothing but the alphabet. Gives characters
/// read.
std::size_t decode_groups(const table& values, std::string_view text, std::uint8_t*& out) {
  const auto* in = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint8_t a = values[in[i]], b = values[in[i + 1]];
    const std::uint8_t c = values[in[i + 2]], d = values[in[i + 3]];
    if ((a | b | c | d) & 0xc0) break;
    const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<std::uint8_t>(group >> 16);
    *out++ = static_cast<std::uint8_t>(group >> 8);
    *out++ = static_cast<std::uint8_t>(group);
  }
  return i;
}

/// The last bytes out of 2 or 3 characters. False: 1 character, or bits that say nothing.
bool decode_rest(std::uint32_t group, std::size_t characters, bool strict, std::uint8_t*& out) {
  if (characters == 0) return true;
  if (characters == 1) return false;
  group <<= 6 * (4 - characters);
  *out++ = static_cast<std::uint8_t>(group >> 16);
  if (characters == 3) *out++ = static_cast<std::uint8_t>(group >> 8);
  return !strict || (group & (characters == 3 ? 0xff : 0xffff)) == 0;
}

} // namespace

std::string base64_encode(byte_span bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  auto* out = text.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = alphabet[group >> 6 & 63];
    *out++ = alphabet[group & 63];
  }
  if (i == bytes.size()) return text;
  const bool two = i + 2 == bytes.size();
  const std::uint32_t group = bytes[i] << 16 | (two ? bytes[i + 1] << 8 : 0);
  *out++ = alphabet[group >> 18];
  *out++ = alphabet[group >> 12 & 63];
  if (two) *out = alphabet[group >> 6 & 63];
  return text;
}

result<byte_vector> base64_decode(std::string_view text) {
  byte_vector bytes(text.size() / 4 * 3 + 3);
  auto* out = bytes.data();
  const auto used = decode_groups(strict_table, text, out);
  const auto rest = text.substr(used);
  if (!rest.empty()) {
    if (rest.size() != 4) return not_base64(used);
    const std::size_t characters = rest[3] != '=' ? 4 : rest[2] != '=' ? 3 : 2;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < characters; ++i) {
      const auto value = strict_table[static_cast<std::uint8_t>(rest[i])];
      if (value >= 64) return not_base64(used + i);
      group = group << 6 | value;
    }
    if (!decode_rest(group, characters, true, out)) return not_base64(used);
  }
  bytes.resize(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}

result<byte_vector> base64_decode_tolerant(std::string_view text) {
  byte_vector bytes(text.size() / 4 * 3 + 3);
  auto* out = bytes.data();
  std::size_t i = 0;
  std::uint32_t group = 0;
  std::size_t characters = 0;
  bool ended = false;
  while (i < text.size()) {
    if (characters == 0 && !ended) {
      i += decode_groups(tolerant_table, text.substr(i), out);
      if (i == text.size()) break;
    }
    const auto value = tolerant_table[static_cast<std::uint8_t>(text[i])];
    if (value == padding)
      ended = true;
    else if (value == invalid || (value < 64 && ended))
      return not_base64(i);
    else if (value < 64) {
      group = group << 6 | value;
      if (++characters == 4) {
        *out++ = static_cast<std::uint8_t>(group >> 16);
        *out++ = static_cast<std::uint8_t>(group >> 8);
        *out++ = static_cast<std::uint8_t>(group);
        group = 0, characters = 0;
      }
    }
    ++i;
  }
  if (!decode_rest(group, characters, false, out)) return not_base64(text.size());
  bytes.resize(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}

} // namespace troupe::transport
