#pragma once

#include "messages/describe.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/// Services of the local network as DNS-SD names them (RFC 6763), found by multicast (RFC 6762).
namespace troupe::transport::mdns {

struct offered_service {
  std::string type; ///< "_troupe._tcp"
  std::uint16_t port = 0;
  std::vector<std::string> txt; ///< "key=value", in order
  bool operator==(const offered_service&) const = default;
};
/// What this machine offers under one name.
struct advertisement {
  std::string name; ///< for people; cut to 63 bytes, the longest label of DNS
  std::vector<offered_service> services;
  bool operator==(const advertisement&) const = default;
};

/// How an advertisement stands.
struct advertised {
  bool established = false;
  bool by_daemon = false; ///< by the machine's Avahi, else by a responder of our own
  std::string name;       ///< another than wished when somebody in the network had it
  std::string problem;    ///< in words; empty: none
  bool operator==(const advertised&) const = default;
};

/// A service of somebody in the network, on one interface by one protocol.
struct found_service {
  std::string key; ///< of this finding: the same when it changes or goes
  std::string name;
  std::string address; ///< "192.168.1.20", "fe80::1%eth0"
  bool ipv6 = false;
  std::uint16_t port = 0;
  std::vector<std::string> txt;
};

enum class responder_choice : std::uint8_t {
  automatic, ///< the machine's Avahi where it runs, else our own
  daemon,
  own
};
constexpr auto names_of(responder_choice) {
  using c = responder_choice;
  return std::array{enum_name<c>{c::automatic, "auto"}, enum_name<c>{c::daemon, "avahi"},
                    enum_name<c>{c::own, "own"}};
}
struct responder_options {
  responder_choice choice = responder_choice::automatic;
  std::vector<std::string> interfaces; ///< by name; empty: all
};

} // namespace troupe::transport::mdns
