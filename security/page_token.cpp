#include "security/page_token.hpp"

#include "messages/base64.hpp"

#include <algorithm>
#include <optional>

namespace troupe::security {
namespace {

constexpr std::size_t longest_page_field = 512;
constexpr std::string_view page_token_signed_as = "troupe page token 1";

/// Each field is led by its length in 2 bytes, big end first.
void put_page_field(byte_vector& out, std::string_view content) {
  out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
}

std::optional<std::string> next_page_field(std::string_view& rest) {
  if (rest.size() < 2) return std::nullopt;
  const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(rest[0]) << 8 |
                                             static_cast<std::uint8_t>(rest[1]));
  if (size > longest_page_field || rest.size() - 2 < size) return std::nullopt;
  std::string content(rest.substr(2, size));
  rest.remove_prefix(2 + size);
  return content;
}

std::optional<std::size_t> next_page_number(std::string_view& rest) {
  constexpr std::size_t most_digits = 11; // seconds until the year 5138
  const auto text = next_page_field(rest);
  if (!text || text->empty() || text->size() > most_digits ||
      text->find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoull(*text);
}

bool next_page_names(std::string_view& rest, std::vector<std::string>& names) {
  const auto count = next_page_number(rest);
  if (!count || *count > most_page_token_names) return false;
  for (std::size_t i = 0; i < *count; ++i) {
    auto name = next_page_field(rest);
    if (!name || name->empty()) return false;
    names.push_back(std::move(*name));
  }
  return true;
}

std::string page_seconds(time_point at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return std::to_string(std::max<std::int64_t>(seconds, 0));
}

byte_vector page_token_body(const page_token& token) {
  byte_vector out;
  for (const auto* part : {&token.id, &token.box, &token.origin})
    put_page_field(out, *part);
  for (const auto* names : {&token.actions, &token.devices}) {
    put_page_field(out, std::to_string(names->size()));
    for (const auto& name : *names)
      put_page_field(out, name);
  }
  put_page_field(out, page_seconds(token.issued));
  put_page_field(out, page_seconds(token.expires));
  return out;
}

byte_vector page_token_statement(byte_span body) {
  byte_vector out;
  put_page_field(out, page_token_signed_as);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::optional<byte_vector> page_token_bytes(std::string_view line) {
  if (line.size() > longest_page_token || !line.starts_with(page_token_prefix)) return std::nullopt;
  std::string text(line.substr(page_token_prefix.size()));
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return from_base64(text);
}

std::optional<page_token> next_page_token(std::string_view& rest) {
  page_token token;
  for (auto* part : {&token.id, &token.box, &token.origin}) {
    auto content = next_page_field(rest);
    if (!content) return std::nullopt;
    *part = std::move(*content);
  }
  if (!next_page_names(rest, token.actions) || !next_page_names(rest, token.devices))
    return std::nullopt;
  const auto issued = next_page_number(rest);
  const auto expires = next_page_number(rest);
  if (!issued || !expires || *expires < *issued || token.id.empty() || token.box.empty())
    return std::nullopt;
  token.issued = time_point(std::chrono::seconds(*issued));
  token.expires = time_point(std::chrono::seconds(*expires));
  if (token.expires - token.issued > longest_page_token_life) return std::nullopt;
  return token;
}

fault refused_page_token(std::string code, std::string text) {
  return {"page_token." + std::move(code), std::move(text), "Let the server make a new one.", 401};
}

} // namespace

std::string page_token_text(const page_token& token, const signing_key& server) {
  auto content = page_token_body(token);
  put_page_field(content, server.sign(page_token_statement(content)).text());
  auto text = to_base64(content);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return std::string(page_token_prefix) + text;
}

result<page_token> read_page_token(std::string_view text, byte_span server_key,
                                   std::string_view box, time_point server_now) {
  const auto content = page_token_bytes(text);
  if (!content) return refused_page_token("malformed", "That is no page token.");
  std::string_view rest(reinterpret_cast<const char*>(content->data()), content->size());
  auto token = next_page_token(rest);
  const byte_span body(content->data(), content->size() - rest.size());
  const auto signature = token ? next_page_field(rest) : std::nullopt;
  if (!signature || !rest.empty())
    return refused_page_token("malformed", "That is no page token, or not all of it.");
  if (!verify(server_key, page_token_statement(body), as_bytes(*signature)))
    return refused_page_token("forged", "This page token is not by the server of this box.");
  if (token->box != box)
    return refused_page_token("foreign", "This page token is for another box.");
  if (token->issued > server_now + page_token_clock_slack)
    return refused_page_token("early", "This page token is not valid yet.");
  if (token->expires <= server_now)
    return refused_page_token("expired", "This page token has expired.");
  return std::move(*token);
}

bool covers(const page_token& token, std::string_view action, std::string_view device) {
  const auto names = [](const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return names(token.actions, action) &&
         (names(token.devices, "*") || (!device.empty() && names(token.devices, device)));
}

result<bool> used_page_tokens::use(const page_token& token, time_point server_now) {
  std::erase_if(expires_, [&](const auto& used) { return used.second <= server_now; });
  if (expires_.contains(token.id))
    return refused_page_token("used", "This page token was used already.");
  if (expires_.size() >= bound)
    return fault{"page_token.too_many", "Too many page tokens were used in the last minutes.",
                 "Try again in some minutes.", 503};
  expires_.emplace(token.id, token.expires);
  return true;
}

} // namespace troupe::security
