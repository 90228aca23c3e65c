#include "transport/interfaces.hpp"

#include <arpa/inet.h>
#include <cstdint>
#include <cstdio>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netpacket/packet.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace troupe::transport {
namespace {

network_interface& interface_named(std::vector<network_interface>& all, std::string_view name) {
  for (auto& each : all)
    if (each.name == name) return each;
  auto& added = all.emplace_back();
  added.name = name;
  return added;
}

int prefix_length(const sockaddr* mask) {
  if (mask == nullptr) return 0;
  const bool ipv6 = mask->sa_family == AF_INET6;
  const auto* bytes = ipv6 ? reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr.s6_addr
                           : reinterpret_cast<const std::uint8_t*>(
                                 &reinterpret_cast<const sockaddr_in*>(mask)->sin_addr);
  int bits = 0;
  for (int i = 0; i < (ipv6 ? 16 : 4); ++i)
    bits += __builtin_popcount(bytes[i]);
  return bits;
}

void add_address(network_interface& to, const ifaddrs& entry) {
  char text[INET6_ADDRSTRLEN] = "";
  network_address address;
  address.ipv6 = entry.ifa_addr->sa_family == AF_INET6;
  if (address.ipv6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr;
    inet_ntop(AF_INET6, &in6, text, sizeof text);
    address.link_local = IN6_IS_ADDR_LINKLOCAL(&in6);
  } else {
    const auto& in4 = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr)->sin_addr;
    inet_ntop(AF_INET, &in4, text, sizeof text);
    address.link_local = (ntohl(in4.s_addr) >> 16) == 0xA9FE; // 169.254/16, RFC 3927
  }
  address.text = text;
  address.prefix = prefix_length(entry.ifa_netmask);
  to.addresses.push_back(std::move(address));
}

void add_hardware(network_interface& to, const sockaddr* address) {
  const auto& link = *reinterpret_cast<const sockaddr_ll*>(address);
  if (to.loopback || link.sll_halen != 6) return;
  char text[18];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", link.sll_addr[0],
                link.sll_addr[1], link.sll_addr[2], link.sll_addr[3], link.sll_addr[4],
                link.sll_addr[5]);
  to.mac = text;
}

bool is_private_v4(std::uint32_t address) {
  const auto within = [address](std::uint32_t network, int bits) {
    return (address >> (32 - bits)) == (network >> (32 - bits));
  };
  return within(0x0A000000, 8) || within(0xAC100000, 12) || within(0xC0A80000, 16) ||
         within(0xA9FE0000, 16) || within(0x7F000000, 8);
}

} // namespace

bool is_private_address(const std::string& text) {
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_private_v4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &v6) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::uint32_t mapped = 0;
    for (int at = 12; at < 16; ++at)
      mapped = mapped << 8 | v6.s6_addr[at];
    return is_private_v4(mapped);
  }
  return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
         (v6.s6_addr[0] & 0xFE) == 0xFC; // RFC 4193
}

std::vector<network_interface> read_interfaces() {
  std::vector<network_interface> all;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return all;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, freeifaddrs);
  for (const auto* entry = first; entry != nullptr; entry = entry->ifa_next) {
    auto& to = interface_named(all, entry->ifa_name);
    to.up = (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_RUNNING) != 0;
    to.loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
    if (entry->ifa_addr == nullptr) continue;
    if (entry->ifa_addr->sa_family == AF_PACKET)
      add_hardware(to, entry->ifa_addr);
    else if (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6)
      add_address(to, *entry);
  }
  return all;
}

} // namespace troupe::transport
