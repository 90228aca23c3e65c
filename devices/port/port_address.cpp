#include "devices/port/port_address.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace troupe::port {
namespace {

constexpr std::string_view tcp_prefix = "tcp://";
constexpr std::string_view file_prefix = "file:";
/// Longest host name (RFC 1035, section 2.3.4).
constexpr std::size_t max_host_characters = 253;

fault bad_address(std::string_view text, std::string_view why) {
  return {"port.bad_address",
          "\"" + std::string(text.substr(0, 300)) +
              "\" is not an address of a device: " + std::string(why) + ".",
          "Write tcp://HOST:PORT (port 9100 if left out) or file:DIRECTORY.", 422};
}

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= max_host_characters && host.front() != '-' &&
         std::ranges::all_of(host, [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

bool is_ipv6(std::string_view host) {
  const auto digits = host.substr(0, host.find('%'));
  return std::ranges::count(digits, ':') >= 2 &&
         std::ranges::all_of(
             digits, [](unsigned char c) { return std::isxdigit(c) || c == ':' || c == '.'; }) &&
         (digits.size() == host.size() || is_name(host.substr(digits.size() + 1)));
}

result<std::uint16_t> parse_number(std::string_view text, std::string_view digits) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number == 0)
    return bad_address(text, "the port is not a number from 1 to 65535");
  return number;
}

result<port_address> parse_tcp(std::string_view text) {
  auto rest = text.substr(tcp_prefix.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  port_address address;
  std::string_view after;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return bad_address(text, "the bracket is not closed");
    address.host = rest.substr(1, end - 1);
    after = rest.substr(end + 1);
    if (!is_ipv6(address.host)) return bad_address(text, "no IPv6 address in the brackets");
  } else {
    const auto end = std::min(rest.find(':'), rest.size());
    address.host = rest.substr(0, end);
    after = rest.substr(end);
    if (is_ipv6(rest)) return bad_address(text, "an IPv6 address stands in brackets");
    if (!is_name(address.host)) return bad_address(text, "the host is missing or malformed");
  }
  if (after.empty()) return address;
  if (!after.starts_with(':')) return bad_address(text, "something follows the host");
  auto number = parse_number(text, after.substr(1));
  if (!number) return number.error();
  address.number = *number;
  return address;
}

result<port_address> parse_file(std::string_view text) {
  auto rest = text.substr(file_prefix.size());
  if (rest.starts_with("//")) rest.remove_prefix(2);
  if (rest.empty() || rest.find('\0') != std::string_view::npos)
    return bad_address(text, "the directory is missing");
  port_address address;
  address.kind = port_kind::file;
  address.directory = rest;
  return address;
}

} // namespace

result<port_address> parse_port_address(std::string_view text) {
  if (text.starts_with(tcp_prefix)) return parse_tcp(text);
  if (text.starts_with(file_prefix)) return parse_file(text);
  return bad_address(text, "it begins with neither tcp:// nor file:");
}

std::string to_string(const port_address& address) {
  if (address.kind == port_kind::file) return std::string(file_prefix) + address.directory;
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return std::string(tcp_prefix) + (ipv6 ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.number);
}

} // namespace troupe::port
