#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::port {

/// Port that receipt and label printers listen on (raw printing, "JetDirect").
inline constexpr std::uint16_t raw_printing_port = 9100;

enum class port_kind : std::uint8_t { tcp, file, serial };

enum class serial_parity : std::uint8_t { none, even, odd };

/// How bytes stand on a serial line; what is not said follows from the device's protocol.
struct serial_settings {
  std::optional<std::uint32_t> baud; ///< one that the system knows: 1200 … 115200
  std::optional<std::uint8_t> bits;  ///< 7 or 8
  std::optional<serial_parity> parity;
  std::optional<std::uint8_t> stop; ///< 1 or 2
  friend bool operator==(const serial_settings&, const serial_settings&) = default;
};

/// How a device is reached.
struct port_address {
  port_kind kind = port_kind::tcp;
  std::string host{};                       ///< tcp: name, IPv4, or IPv6 without brackets
  std::uint16_t number = raw_printing_port; ///< tcp
  std::string directory{};                  ///< file
  std::string device{};                     ///< serial: "/dev/ttyUSB0"
  serial_settings line{};                   ///< serial
  friend bool operator==(const port_address&, const port_address&) = default;
};

/// Reads `tcp://host[:port]` (IPv6 in brackets), `file:DIR` and
/// `serial:/dev/NAME[?baud=9600&bits=7&parity=even&stop=1]` (also `serial:///dev/…`).
/// Fault: port.bad_address.
result<port_address> parse_port_address(std::string_view text);

/// The address as `parse_port_address` reads it: the port always written, of a serial line what is
/// said of it.
std::string to_string(const port_address& address);

} // namespace troupe::port
