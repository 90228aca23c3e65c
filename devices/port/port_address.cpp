#include "devices/port/port_address.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace troupe::port {
namespace {

constexpr std::string_view tcp_prefix = "tcp://";
constexpr std::string_view file_prefix = "file:";
constexpr std::string_view serial_prefix = "serial:";
/// Line speeds that may be asked for.
constexpr std::array<std::uint32_t, 10> speeds{600,   1200,  2400,  4800,   9600,
                                               19200, 38400, 57600, 115200, 230400};
constexpr std::array<std::pair<std::string_view, serial_parity>, 3> parities{
    {{"none", serial_parity::none}, {"even", serial_parity::even}, {"odd", serial_parity::odd}}};
/// Longest host name (RFC 1035, section 2.3.4).
constexpr std::size_t max_host_characters = 253;

fault bad_address(std::string_view text, std::string_view why) {
  return {"port.bad_address",
          "\"" + std::string(text.substr(0, 300)) +
              "\" is not an address of a device: " + std::string(why) + ".",
          "Write tcp://HOST:PORT (port 9100 if left out), serial:/dev/ttyUSB0 or file:DIRECTORY.",
          422};
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

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// Takes one "name=value"; says what is wrong with it, or nothing.
std::string_view set_line(serial_settings& line, std::string_view name, std::string_view text) {
  if (name == "baud") {
    line.baud = number_of<std::uint32_t>(text);
    if (!line.baud || std::ranges::find(speeds, *line.baud) == speeds.end())
      return "baud is one of 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400";
  } else if (name == "bits") {
    line.bits = number_of<std::uint8_t>(text);
    if (!line.bits || (*line.bits != 7 && *line.bits != 8)) return "bits is 7 or 8";
  } else if (name == "stop") {
    line.stop = number_of<std::uint8_t>(text);
    if (!line.stop || (*line.stop != 1 && *line.stop != 2)) return "stop is 1 or 2";
  } else if (name == "parity") {
    const auto found =
        std::ranges::find(parities, text, &std::pair<std::string_view, serial_parity>::first);
    if (found == parities.end()) return "parity is none, even or odd";
    line.parity = found->second;
  } else {
    return "behind the ? stand only baud, bits, parity and stop";
  }
  return {};
}

result<port_address> parse_serial(std::string_view text) {
  auto rest = text.substr(serial_prefix.size());
  if (rest.starts_with("//")) rest.remove_prefix(2);
  const auto query = std::min(rest.find('?'), rest.size());
  port_address address;
  address.kind = port_kind::serial;
  address.device = rest.substr(0, query);
  if (address.device.size() < 2 || address.device.front() != '/' ||
      address.device.find('\0') != std::string::npos)
    return bad_address(text, "a serial port is a path, such as /dev/ttyUSB0");
  rest.remove_prefix(std::min(query + 1, rest.size()));
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const auto problem = set_line(address.line, pair.substr(0, equals),
                                  pair.substr(std::min(equals + 1, pair.size())));
    if (!problem.empty()) return bad_address(text, problem);
  }
  return address;
}

std::string serial_text(const port_address& address) {
  std::string out = std::string(serial_prefix) + address.device;
  char before = '?';
  const auto add = [&](std::string_view name, std::string_view content) {
    out += std::exchange(before, '&');
    out.append(name).append("=").append(content);
  };
  const auto& line = address.line;
  if (line.baud) add("baud", std::to_string(*line.baud));
  if (line.bits) add("bits", std::to_string(*line.bits));
  if (line.parity) add("parity", parities.at(static_cast<std::size_t>(*line.parity)).first);
  if (line.stop) add("stop", std::to_string(*line.stop));
  return out;
}

} // namespace

result<port_address> parse_port_address(std::string_view text) {
  if (text.starts_with(tcp_prefix)) return parse_tcp(text);
  if (text.starts_with(file_prefix)) return parse_file(text);
  if (text.starts_with(serial_prefix)) return parse_serial(text);
  return bad_address(text, "it begins with neither tcp:// nor serial: nor file:");
}

std::string to_string(const port_address& address) {
  if (address.kind == port_kind::file) return std::string(file_prefix) + address.directory;
  if (address.kind == port_kind::serial) return serial_text(address);
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return std::string(tcp_prefix) + (ipv6 ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.number);
}

} // namespace troupe::port
