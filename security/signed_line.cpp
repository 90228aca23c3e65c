#include "security/signed_line.hpp"

#include "messages/base64.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe::security {

void put_field(byte_vector& out, std::string_view content) {
  out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
}

std::optional<std::string_view> take_field(std::string_view& rest) {
  if (rest.size() < 2) return std::nullopt;
  const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(rest[0]) << 8 |
                                             static_cast<std::uint8_t>(rest[1]));
  if (size > longest_line_field || rest.size() - 2 < size) return std::nullopt;
  const auto content = rest.substr(2, size);
  rest.remove_prefix(2 + size);
  return content;
}

std::optional<std::size_t> read_digits(std::string_view text) {
  constexpr std::size_t most_digits = 11; // as seconds the year 5138
  if (text.empty() || text.size() > most_digits ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::stoull(std::string(text));
}

std::string seconds_text(time_point at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return std::to_string(std::max<std::int64_t>(seconds, 0));
}

std::optional<time_point> read_seconds(std::string_view text) {
  const auto seconds = read_digits(text);
  if (!seconds) return std::nullopt;
  return time_point(std::chrono::seconds(*seconds));
}

byte_vector line_statement(std::string_view meant_for, byte_span fields) {
  byte_vector out;
  out.reserve(2 + meant_for.size() + fields.size());
  put_field(out, meant_for);
  out.insert(out.end(), fields.begin(), fields.end());
  return out;
}

std::string line_text(std::string_view prefix, byte_span content) {
  auto text = to_base64(content);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return std::string(prefix) + text;
}

std::optional<byte_vector> line_content(std::string_view prefix, std::string_view line) {
  if (!line.starts_with(prefix)) return std::nullopt;
  std::string text(line.substr(prefix.size()));
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return from_base64(text);
}

} // namespace troupe::security
