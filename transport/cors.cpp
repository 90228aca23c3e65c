#include "transport/cors.hpp"

#include "transport/query.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::transport {

namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
    });
  return !host.empty() && std::all_of(host.begin(), host.end(), is_name_character);
}

struct host_and_port {
  std::string_view host; ///< with brackets
  std::optional<std::uint16_t> port;
};

std::optional<host_and_port> split_host(std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const auto colon = text.find(':', bracket);
  host_and_port parts{text.substr(0, colon), std::nullopt};
  if (colon == std::string_view::npos) return parts;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc() || read != end || port == 0) return std::nullopt;
  parts.port = port;
  return parts;
}

bool is_extension(std::string_view scheme) {
  return scheme == "chrome-extension" || scheme == "moz-extension" ||
         scheme == "safari-web-extension";
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

std::string permission(const http_request& request, const cors_options& options) {
  std::string lines;
  // Echoed as sent: the policy knows it, so it holds nothing but an origin's characters.
  add_line(lines, "Access-Control-Allow-Origin", request.origin());
  if (options.credentials) add_line(lines, "Access-Control-Allow-Credentials", "true");
  return lines;
}

bool may_be_named(const http_request& request, bool allowed) {
  return allowed && normalized_origin(request.origin()).has_value();
}

} // namespace

std::optional<std::string> normalized_origin(std::string_view text) {
  const auto lower = lowered(text);
  const auto separator = lower.find("://");
  if (separator == std::string::npos) return std::nullopt;
  const auto scheme = std::string_view(lower).substr(0, separator);
  const bool http = scheme == "http";
  if (!http && scheme != "https" && !is_extension(scheme)) return std::nullopt;
  const auto parts = split_host(std::string_view(lower).substr(separator + 3));
  if (!parts || !is_host(parts->host)) return std::nullopt;
  auto host = parts->host;
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  std::string origin(scheme);
  origin += "://";
  origin += host;
  if (parts->port && *parts->port != (http ? 80 : scheme == "https" ? 443 : 0))
    origin += ':' + std::to_string(*parts->port);
  return origin;
}

bool origin_policy::allow(std::string_view origin) {
  auto normalized = normalized_origin(origin);
  if (!normalized) return false;
  origins_.insert(std::move(*normalized));
  return true;
}

void origin_policy::forbid(std::string_view origin) {
  if (const auto normalized = normalized_origin(origin)) origins_.erase(*normalized);
}

bool origin_policy::allowed(std::string_view origin) const {
  const auto normalized = normalized_origin(origin);
  return normalized && origins_.contains(*normalized);
}

bool is_preflight(const http_request& request) {
  return request.method == http_method::options && request.headers.has("origin") &&
         request.headers.has("access-control-request-method");
}

std::string cors_headers(const http_request& request, bool allowed, const cors_options& options) {
  std::string lines = "Vary: Origin\r\n";
  if (!may_be_named(request, allowed)) return lines;
  lines += permission(request, options);
  if (!options.exposed.empty()) add_line(lines, "Access-Control-Expose-Headers", options.exposed);
  return lines;
}

http_response preflight_response(const http_request& request, bool allowed,
                                 const cors_options& options) {
  std::string lines =
      "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, "
      "Access-Control-Request-Private-Network\r\n";
  if (may_be_named(request, allowed)) {
    lines += permission(request, options);
    add_line(lines, "Access-Control-Allow-Methods", options.methods);
    add_line(lines, "Access-Control-Allow-Headers", options.headers);
    add_line(lines, "Access-Control-Max-Age", std::to_string(options.max_age.count()));
    if (request.headers.find("access-control-request-private-network") == "true")
      add_line(lines, "Access-Control-Allow-Private-Network", "true");
  }
  auto response = no_content();
  response.header_lines(lines);
  return response;
}

bool host_check(std::string_view host, std::span<const std::string> names) {
  const auto lower = lowered(trimmed(host));
  const auto parts = split_host(lower);
  if (!parts || !is_host(parts->host)) return false;
  auto name = parts->host;
  if (name.front() == '[') name = name.substr(1, name.size() - 2);
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& own) { return equal_ignoring_case(own, name); });
}

} // namespace troupe::transport
