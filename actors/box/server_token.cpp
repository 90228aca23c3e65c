#include "actors/box/server_token.hpp"

#include "actors/box/link_connection.hpp"
#include "transport/query.hpp"
#include "transport/url.hpp"

#include <array>

namespace troupe::box {
namespace {

constexpr std::size_t longest_text = 8192;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Odoo takes every address but its own name for the machine itself.
result<std::string> odoo_address(std::string_view text) {
  if (text.find("://") == std::string_view::npos) return malformed_server_token();
  auto url = checked_server_url(text);
  if (!url) return url.error();
  if (const auto parsed = transport::parse_url(*url); parsed && parsed->host == "localhost")
    return fault{"token.bad_url", "The token's address is this machine itself.",
                 "Open the server by the address by which the box reaches it, and copy the token "
                 "there.",
                 422};
  return url;
}

result<server_token> put_together(std::string_view address, std::string_view token) {
  auto url = odoo_address(address);
  if (!url) return url.error();
  server_token read{*std::move(url), std::nullopt};
  if (!token.starts_with(security::connection_token_prefix)) return read;
  auto ours = security::read_connection_token(token);
  if (!ours) return ours.error();
  read.token = *std::move(ours);
  return read;
}

/// "url|token|uuid|contract".
result<server_token> read_parts(std::string_view text) {
  std::array<std::string_view, 4> parts;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const auto end = text.find('|');
    if ((end == std::string_view::npos) != (at + 1 == parts.size()))
      return malformed_server_token();
    parts[at] = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (parts[0].empty() || parts[1].empty()) return malformed_server_token();
  return put_together(parts[0], parts[1]);
}

/// The form with a query: the first of repeated arguments counts, an unknown one spoils it.
result<server_token> read_query(std::string_view text) {
  const auto mark = text.find('?');
  const auto arguments = transport::parse_query(text.substr(mark + 1));
  std::string token;
  for (const auto& [name, content] : arguments) {
    if (name != "token" && name != "db_uuid" && name != "enterprise_code" && name != "db_name")
      return malformed_server_token();
    if (name == "token" && token.empty()) token = content;
  }
  if (token.empty()) return malformed_server_token();
  auto address = text.substr(0, mark);
  return put_together(address, token);
}

} // namespace

fault malformed_server_token() {
  return {"token.malformed", "That is no connection token, or not all of it.",
          "Copy the whole token as the server shows it.", 422};
}

result<server_token> read_server_token(std::string_view text) {
  if (text.size() > longest_text) return malformed_server_token();
  text = trimmed(text);
  if (text.find('|') != std::string_view::npos) return read_parts(text);
  if (text.find("://") != std::string_view::npos && text.find('?') != std::string_view::npos)
    return read_query(text);
  auto token = security::read_connection_token(text);
  if (!token) return token.error();
  auto url = checked_server_url(token->url);
  if (!url) return url.error();
  return server_token{*std::move(url), *std::move(token)};
}

} // namespace troupe::box
