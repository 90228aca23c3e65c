#include "transport/proxy.hpp"

#include "transport/query.hpp"
#include "transport/url.hpp"

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

result<std::string> checked_proxy_address(std::string_view typed) {
  const auto text = std::string(trimmed(typed));
  const auto parsed = parse_url(text.find("://") == std::string::npos ? "http://" + text : text);
  const fault wrong{"proxy.bad_address", "This is no address of a proxy.",
                    "Write it as http://proxy.example:3128; the log-in has fields of its own.",
                    422};
  if (text.size() > 512 || !parsed) return wrong;
  if (parsed->scheme != "http")
    return fault{"proxy.bad_address", "A proxy is spoken to by http.",
                 "Write it as http://proxy.example:3128.", 422};
  if (!parsed->user.empty() || !parsed->password.empty() || parsed->target != "/") return wrong;
  const auto host =
      parsed->host.find(':') == std::string::npos ? parsed->host : '[' + parsed->host + ']';
  return "http://" + host + ':' + std::to_string(parsed->port);
}

namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      ((out += '%') += digits[byte >> 4]) += digits[byte & 15];
  }
  return out;
}

} // namespace

std::string proxy_with_login(std::string_view address, std::string_view user,
                             std::string_view password) {
  const auto scheme = address.find("://");
  if (user.empty() || scheme == std::string_view::npos) return std::string(address);
  return std::string(address.substr(0, scheme + 3)) + percent_encoded(user) + ':' +
         percent_encoded(password) + '@' + std::string(address.substr(scheme + 3));
}

std::string proxy_without_login(std::string_view address) {
  const auto scheme = address.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto at = address.substr(0, address.find('/', begin)).rfind('@');
  if (at == std::string_view::npos || at < begin) return std::string(address);
  return std::string(address.substr(0, begin)) + std::string(address.substr(at + 1));
}

fault proxy_answer_fault(const proxy_answer& answer) {
  const auto proxy = "The proxy " + answer.proxy;
  const auto number = " (" + std::to_string(answer.status) + ").";
  if (answer.status == 407 && !answer.takes_basic)
    return {"transport.proxy_scheme",
            proxy + " wants a kind of log-in that this program does not know.",
            "Have the proxy take Basic log-ins from this machine, or none.", 502};
  if (answer.status == 407 && answer.had_login)
    return {"transport.proxy_wrong_login", proxy + " does not take this log-in.",
            "Check the user and the password that are set for the proxy.", 502};
  if (answer.status == 407)
    return {"transport.proxy_login", proxy + " wants a log-in.",
            "Set the user and the password for the proxy.", 502};
  if (answer.squid_error.starts_with("ERR_DNS_FAIL"))
    return {"transport.proxy_no_host",
            proxy + " finds no host of the name in " + answer.target + '.',
            "Check the address, and the name server of the proxy.", 502};
  if (answer.status == 401 || answer.status == 403 || answer.status == 405)
    return {"transport.proxy_forbids", proxy + " forbids the way to " + answer.target + number,
            "Have the proxy allow CONNECT to " + answer.target + '.', 502};
  if (answer.status == 404 || (answer.status >= 502 && answer.status <= 504))
    return {"transport.proxy_no_way",
            proxy + " finds no host or no way for " + answer.target + number,
            "Check the address, and whether the proxy reaches it.", 502};
  return {"transport.proxy", proxy + " refuses the connection" + number,
          "Check the proxy's settings.", 502};
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
