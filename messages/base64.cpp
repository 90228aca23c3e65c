#include "messages/base64.hpp"

#include <array>

namespace troupe {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t space = 0x40, padding = 0x41, bad = 0x80;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(bad);
  for (std::uint8_t i = 0; i < 64; ++i)
    table[static_cast<std::uint8_t>(alphabet[i])] = i;
  for (char c : {' ', '\t', '\r', '\n'})
    table[static_cast<std::uint8_t>(c)] = space;
  table['='] = padding;
  return table;
}();

std::uint8_t value_of(char c) {
  return values[static_cast<std::uint8_t>(c)];
}

} // namespace

std::string to_base64(byte_span bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  std::size_t from = 0, to = 0;
  for (; from + 3 <= bytes.size(); from += 3) {
    const unsigned bits = bytes[from] << 16 | bytes[from + 1] << 8 | bytes[from + 2];
    out[to++] = alphabet[bits >> 18];
    out[to++] = alphabet[bits >> 12 & 63];
    out[to++] = alphabet[bits >> 6 & 63];
    out[to++] = alphabet[bits & 63];
  }
  if (const auto left = bytes.size() - from; left > 0) {
    const unsigned bits = bytes[from] << 16 | (left == 2 ? bytes[from + 1] << 8 : 0);
    out[to++] = alphabet[bits >> 18];
    out[to++] = alphabet[bits >> 12 & 63];
    if (left == 2) out[to] = alphabet[bits >> 6 & 63];
  }
  return out;
}

std::optional<byte_vector> from_base64(std::string_view text) {
  byte_vector out(text.size() / 4 * 3 + 3);
  std::size_t to = 0, at = 0;
  // Whole groups of four without white space: nearly all of a receipt.
  for (; at + 4 <= text.size(); at += 4) {
    const auto a = value_of(text[at]), b = value_of(text[at + 1]), c = value_of(text[at + 2]),
               d = value_of(text[at + 3]);
    if ((a | b | c | d) >= space) break;
    out[to++] = static_cast<std::uint8_t>(a << 2 | b >> 4);
    out[to++] = static_cast<std::uint8_t>(b << 4 | c >> 2);
    out[to++] = static_cast<std::uint8_t>(c << 6 | d);
  }
  unsigned bits = 0, count = 0;
  bool ended = false;
  for (; at < text.size(); ++at) {
    const auto digit = value_of(text[at]);
    if (digit == space) continue;
    if (digit == padding) {
      ended = true;
      continue;
    }
    if (digit == bad || ended) return std::nullopt;
    bits = bits << 6 | digit;
    if (++count == 4) {
      for (int shift : {16, 8, 0})
        out[to++] = static_cast<std::uint8_t>(bits >> shift);
      bits = count = 0;
    }
  }
  if (count == 1) return std::nullopt;
  if (count >= 2) out[to++] = static_cast<std::uint8_t>(bits >> (count == 2 ? 4 : 10));
  if (count == 3) out[to++] = static_cast<std::uint8_t>(bits >> 2);
  out.resize(to);
  return out;
}

} // namespace troupe
