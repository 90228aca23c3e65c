#include "transport/proxy.hpp"

#include "transport/query.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace troupe::transport {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  if (text.size() < end.size()) return false;
  text.remove_prefix(text.size() - end.size());
  for (std::size_t i = 0; i < end.size(); ++i)
    if (lower(text[i]) != lower(end[i])) return false;
  return true;
}

struct address {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t bits = 0; ///< 32 or 128
};

std::optional<address> address_of(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  const std::string copy(text);
  address out;
  if (inet_pton(AF_INET, copy.c_str(), out.bytes.data()) == 1)
    out.bits = 32;
  else if (inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) == 1)
    out.bits = 128;
  else
    return std::nullopt;
  return out;
}

bool in_network(const address& host, std::string_view network, std::string_view length) {
  const auto base = address_of(network);
  std::size_t bits = 0;
  const auto end = length.data() + length.size();
  if (!base || base->bits != host.bits || std::from_chars(length.data(), end, bits).ptr != end ||
      bits > base->bits)
    return false;
  for (std::size_t i = 0; i < bits; ++i) {
    const auto mask = 0x80 >> (i % 8);
    if ((base->bytes[i / 8] ^ host.bytes[i / 8]) & mask) return false;
  }
  return true;
}

/// Takes ":8080" off an entry. False: the entry is for another port.
bool port_matches(std::string_view& entry, std::uint16_t port) {
  const auto colon = entry.rfind(':');
  const auto bracket = entry.rfind(']');
  if (colon == std::string_view::npos) return true;
  if (bracket != std::string_view::npos ? bracket > colon : entry.find(':') != colon) return true;
  std::uint16_t wanted = 0;
  const auto digits = entry.substr(colon + 1);
  const auto end = digits.data() + digits.size();
  if (digits.empty() || std::from_chars(digits.data(), end, wanted).ptr != end) return true;
  entry = entry.substr(0, colon);
  return wanted == port;
}

bool entry_matches(std::string_view entry, std::string_view host, std::uint16_t port) {
  if (entry == "*") return true;
  if (!port_matches(entry, port) || entry.empty()) return false;
  const auto host_address = address_of(host);
  if (const auto slash = entry.find('/'); slash != std::string_view::npos)
    return host_address &&
           in_network(*host_address, entry.substr(0, slash), entry.substr(slash + 1));
  if (const auto entry_address = address_of(entry))
    return host_address && host_address->bits == entry_address->bits &&
           host_address->bytes == entry_address->bytes;
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.'))
    return ends_with_ignoring_case(host, entry) ||
           (host.size() + 1 == entry.size() && ends_with_ignoring_case(entry, host));
  return ends_with_ignoring_case(host, entry) &&
         (host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.');
}

} // namespace

std::string_view proxy_settings::proxy_for(bool secure, std::string_view host,
                                           std::uint16_t port) const {
  for (const auto& entry : direct)
    if (entry_matches(entry, host, port)) return {};
  return secure ? https : http;
}

proxy_settings proxy_from(const std::function<const char*(const char*)>& variable) {
  const auto read = [&](const char* small, const char* capital) -> std::string {
    for (const char* name : {small, capital}) {
      const char* value = name ? variable(name) : nullptr;
      if (value && *value) return value;
    }
    return {};
  };
  proxy_settings settings;
  const bool from_header = variable("REQUEST_METHOD") != nullptr;
  const auto all = read("all_proxy", "ALL_PROXY");
  settings.http = read("http_proxy", from_header ? nullptr : "HTTP_PROXY");
  settings.https = read("https_proxy", "HTTPS_PROXY");
  if (settings.http.empty()) settings.http = all;
  if (settings.https.empty()) settings.https = all;
  const auto none = read("no_proxy", "NO_PROXY");
  std::string_view rest = none;
  while (!rest.empty()) {
    const auto comma = rest.find_first_of(", ");
    if (const auto entry = trimmed(rest.substr(0, comma)); !entry.empty())
      settings.direct.emplace_back(entry);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return settings;
}

proxy_settings proxy_from_environment() {
  return proxy_from([](const char* name) { return std::getenv(name); });
}

} // namespace troupe::transport
