#include "transport/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace troupe::transport {

namespace {

/// How a first byte continues: number of bytes, and the bounds of the second one.
struct lead {
  std::uint8_t missing;
  std::uint8_t low;
  std::uint8_t high;
};

bool read_lead(std::uint8_t byte, lead& out) {
  if (byte >= 0xc2 && byte <= 0xdf)
    out = {1, 0x80, 0xbf};
  else if (byte == 0xe0)
    out = {2, 0xa0, 0xbf};
  else if (byte == 0xed)
    out = {2, 0x80, 0x9f};
  else if (byte >= 0xe1 && byte <= 0xef)
    out = {2, 0x80, 0xbf};
  else if (byte == 0xf0)
    out = {3, 0x90, 0xbf};
  else if (byte >= 0xf1 && byte <= 0xf3)
    out = {3, 0x80, 0xbf};
  else if (byte == 0xf4)
    out = {3, 0x80, 0x8f};
  else
    return false;
  return true;
}

/// The number of leading ASCII bytes, counted eight at a time.
std::size_t ascii_run(const std::uint8_t* data, std::size_t size) {
  std::size_t n = 0;
  for (; n + 8 <= size; n += 8) {
    std::uint64_t word;
    std::memcpy(&word, data + n, 8);
    if (word & 0x8080808080808080ULL) break;
  }
  while (n < size && data[n] < 0x80)
    ++n;
  return n;
}

struct character_range {
  char32_t first;
  char32_t last;
};

/// Characters that show nothing by themselves: White_Space and Default_Ignorable_Code_Point of the
/// Unicode Character Database 15, and the empty Braille pattern.
constexpr character_range unseen_characters[] = {
    {0x0009, 0x000d}, {0x0020, 0x0020},   {0x0085, 0x0085},   {0x00a0, 0x00a0},  {0x00ad, 0x00ad},
    {0x034f, 0x034f}, {0x061c, 0x061c},   {0x115f, 0x1160},   {0x1680, 0x1680},  {0x17b4, 0x17b5},
    {0x180b, 0x180f}, {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},  {0x2800, 0x2800},
    {0x3000, 0x3000}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},  {0xffa0, 0xffa0},
    {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

bool is_unseen(char32_t c) {
  return std::any_of(std::begin(unseen_characters), std::end(unseen_characters),
                     [c](const auto& range) { return c >= range.first && c <= range.last; });
}

/// Of those, the ones that only take room.
bool is_blank(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000;
}

} // namespace

bool utf8_check::feed(byte_span bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (missing_ == 0) {
      i += ascii_run(bytes.data() + i, bytes.size() - i);
      if (i == bytes.size()) break;
      lead first;
      if (!read_lead(bytes[i], first)) return false;
      missing_ = first.missing, low_ = first.low, high_ = first.high;
    } else {
      if (bytes[i] < low_ || bytes[i] > high_) return false;
      --missing_;
      low_ = 0x80, high_ = 0xbf;
    }
    ++i;
  }
  return true;
}

bool is_utf8(std::string_view text) {
  utf8_check check;
  return check.feed(as_bytes(text)) && check.complete();
}

char32_t next_character(std::string_view text, std::size_t& position) {
  const auto bytes = as_bytes(text);
  const std::uint8_t first = bytes[position++];
  if (first < 0x80) return first;
  lead form;
  if (!read_lead(first, form)) return 0xfffd;
  char32_t value = first & (0x3f >> form.missing);
  std::size_t at = position;
  for (std::uint8_t i = 0; i < form.missing; ++i, ++at) {
    const std::uint8_t low = i == 0 ? form.low : 0x80;
    const std::uint8_t high = i == 0 ? form.high : 0xbf;
    if (at >= bytes.size() || bytes[at] < low || bytes[at] > high) return 0xfffd;
    value = value << 6 | (bytes[at] & 0x3f);
  }
  position = at;
  return value;
}

std::optional<std::size_t> characters_on_one_line(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const auto c = next_character(text, at);
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
    const bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    if (control || turns) return std::nullopt;
  }
  return count;
}

std::optional<std::string_view> read_name(std::string_view text, std::size_t longest) {
  if (!is_utf8(text)) return std::nullopt;
  std::size_t first = text.size(); // of what is no blank
  std::size_t end = 0;
  bool seen = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto c = next_character(text, at);
    seen = seen || !is_unseen(c);
    if (is_blank(c)) continue;
    first = std::min(first, begin);
    end = at;
  }
  if (!seen) return std::nullopt;
  const auto name = text.substr(first, end - first);
  const auto count = characters_on_one_line(name);
  if (!count || *count > longest) return std::nullopt;
  return name;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<std::uint8_t>(text[bytes]) & 0xc0) == 0x80)
    --bytes;
  return text.substr(0, bytes);
}

} // namespace troupe::transport
