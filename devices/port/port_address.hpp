#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::port {

/// Port that receipt and label printers listen on (raw printing, "JetDirect").
inline constexpr std::uint16_t raw_printing_port = 9100;

enum class port_kind : std::uint8_t { tcp, file };

/// How a device is reached.
struct port_address {
  port_kind kind = port_kind::tcp;
  std::string host;                         ///< tcp: name, IPv4, or IPv6 without brackets
  std::uint16_t number = raw_printing_port; ///< tcp
  std::string directory;                    ///< file
  friend bool operator==(const port_address&, const port_address&) = default;
};

/// Reads `tcp://host[:port]` (IPv6 in brackets) and `file:DIR`. Fault: port.bad_address.
result<port_address> parse_port_address(std::string_view text);

/// The address as `parse_port_address` reads it, the port always written.
std::string to_string(const port_address& address);

} // namespace troupe::port
