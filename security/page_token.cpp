#include "security/page_token.hpp"

#include "security/signed_line.hpp"

#include <algorithm>
#include <optional>

namespace troupe::security {
namespace {

constexpr std::string_view page_token_signed_as = "troupe page token 1";

std::optional<std::size_t> next_page_number(std::string_view& rest) {
  const auto text = take_field(rest);
  return text ? read_digits(*text) : std::nullopt;
}

bool next_page_names(std::string_view& rest, std::vector<std::string>& names) {
  const auto count = next_page_number(rest);
  if (!count || *count > most_page_token_names) return false;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto name = take_field(rest);
    if (!name || name->empty()) return false;
    names.emplace_back(*name);
  }
  return true;
}

byte_vector page_token_body(const page_token& token) {
  byte_vector out;
  for (const auto* part : {&token.id, &token.box, &token.origin})
    put_field(out, *part);
  for (const auto* names : {&token.actions, &token.devices}) {
    put_field(out, std::to_string(names->size()));
    for (const auto& name : *names)
      put_field(out, name);
  }
  put_field(out, seconds_text(token.issued));
  put_field(out, seconds_text(token.expires));
  return out;
}

std::optional<page_token> next_page_token(std::string_view& rest) {
  page_token token;
  for (auto* part : {&token.id, &token.box, &token.origin}) {
    const auto content = take_field(rest);
    if (!content) return std::nullopt;
    *part = *content;
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
  put_field(content, server.sign(line_statement(page_token_signed_as, content)).text());
  return line_text(page_token_prefix, content);
}

result<page_token> read_page_token(std::string_view text, byte_span server_key,
                                   std::string_view box, time_point server_now) {
  const auto content =
      text.size() <= longest_page_token ? line_content(page_token_prefix, text) : std::nullopt;
  if (!content) return refused_page_token("malformed", "That is no page token.");
  std::string_view rest(reinterpret_cast<const char*>(content->data()), content->size());
  auto token = next_page_token(rest);
  const byte_span body(content->data(), content->size() - rest.size());
  const auto signature = token ? take_field(rest) : std::nullopt;
  if (!signature || !rest.empty())
    return refused_page_token("malformed", "That is no page token, or not all of it.");
  if (!verify(server_key, line_statement(page_token_signed_as, body), as_bytes(*signature)))
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
