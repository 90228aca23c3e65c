#pragma once

#include <string>
#include <vector>

/// The network interfaces of this machine.
namespace troupe::transport {

struct network_address {
  std::string text; ///< "192.168.1.20", "fe80::1"
  int prefix = 0;
  bool ipv6 = false;
  bool link_local = false;
};
struct network_interface {
  std::string name; ///< "eth0"
  std::string mac;  ///< "dc:a6:32:00:00:01"; empty for loopback
  bool up = false;  ///< and its cable is in
  bool loopback = false;
  std::vector<network_address> addresses;
};

/// As the kernel says now; empty, with a reason in `errno`, when it says nothing.
std::vector<network_interface> read_interfaces();

/// Whether an address, as text, is of a private network (RFC 1918, RFC 4193), link-local
/// (RFC 3927, RFC 4291) or this machine's loopback.
bool is_private_address(const std::string& text);

} // namespace troupe::transport
