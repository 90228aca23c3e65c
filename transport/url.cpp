#include "transport/url.hpp"

#include "transport/query.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <vector>

namespace troupe::transport {

namespace {

fault bad_url(std::string_view text, std::string_view why) {
  return {"transport.url",
          "\"" + std::string(text) + "\" is no usable address: " + std::string(why) + ".",
          "Give an address such as https://example.org/path.", 400};
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

bool has_forbidden(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return true;
  return false;
}

bool read_user(std::string_view text, url& out) {
  const auto colon = text.find(':');
  auto user = percent_decode(text.substr(0, colon));
  auto password =
      percent_decode(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
  if (!user || !password) return false;
  out.user = std::move(*user);
  out.password = std::move(*password);
  return true;
}

bool read_host(std::string_view text, url& out) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    out.host = lowered(text.substr(1, end - 1));
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
    if (out.host.find_first_not_of("0123456789abcdef:.%") != std::string::npos) return false;
  } else {
    const auto colon = text.find(':');
    out.host = lowered(text.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    if (out.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") != std::string::npos)
      return false;
  }
  if (out.host.empty()) return false;
  out.port = default_port(out.scheme);
  if (port.size() <= 1) return true;
  const auto end = port.data() + port.size();
  const auto [read, error] = std::from_chars(port.data() + 1, end, out.port);
  return error == std::errc() && read == end && out.port != 0;
}

/// RFC 3986 section 5.2.4.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> parts;
  bool directory = false;
  path.remove_prefix(1);
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    directory = part == "." || part == "..";
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!directory) parts.push_back(part);
    if (slash == std::string_view::npos) break;
    path = path.substr(slash + 1);
  }
  std::string out;
  for (const auto part : parts)
    (out += '/') += part;
  if (directory || out.empty()) out += '/';
  return out;
}

} // namespace

std::string url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (!has_default_port()) out += ':' + std::to_string(port);
  return out;
}

bool is_address(std::string_view host) {
  const std::string text(host.substr(0, host.find('%')));
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool url::is_loopback() const {
  return host == "localhost" || host == "::1" || (is_address(host) && host.starts_with("127."));
}

result<url> parse_url(std::string_view text) {
  if (has_forbidden(text)) return bad_url(text, "it holds blanks or control characters");
  url out;
  const auto separator = text.find("://");
  if (separator == std::string_view::npos) return bad_url(text, "it has no scheme");
  out.scheme = lowered(text.substr(0, separator));
  if (default_port(out.scheme) == 0) return bad_url(text, "its scheme is unknown");
  auto rest = text.substr(separator + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto path = rest.find_first_of("/?");
  auto authority = rest.substr(0, path);
  if (path != std::string_view::npos) {
    out.target = rest[path] == '?' ? "/" : "";
    out.target += rest.substr(path);
  }
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    if (!read_user(authority.substr(0, at), out)) return bad_url(text, "its user is broken");
    authority = authority.substr(at + 1);
  }
  if (!read_host(authority, out)) return bad_url(text, "its host or port is broken");
  return out;
}

result<url> resolve_url(const url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const auto scheme_end = reference.find("://");
  if (scheme_end != std::string_view::npos && scheme_end < reference.find_first_of("/?"))
    return parse_url(reference);
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  if (has_forbidden(reference)) return bad_url(reference, "it holds blanks or control characters");
  auto out = base;
  if (reference.empty()) return out;
  const auto base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference[0] == '?') {
    out.target = std::string(base_path) + std::string(reference);
    return out;
  }
  const auto question = reference.find('?');
  auto path = std::string(reference.substr(0, question));
  if (path[0] != '/') path = std::string(base_path.substr(0, base_path.rfind('/') + 1)) + path;
  out.target = without_dots(path);
  if (question != std::string_view::npos) out.target += reference.substr(question);
  return out;
}

} // namespace troupe::transport
