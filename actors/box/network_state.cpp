#include "actors/box/network_state.hpp"

#include "actors/runtime/log.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <linux/rtnetlink.h>
#include <sstream>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace troupe::box {
namespace {

/// The interface and gateway of the IPv4 default route (proc(5): little-endian hex words).
std::pair<std::string, std::string> default_route() {
  std::ifstream routes("/proc/net/route");
  for (std::string line; std::getline(routes, line);) {
    std::istringstream fields(line);
    std::string name, destination, gateway;
    fields >> name >> destination >> gateway;
    if (destination != "00000000" || gateway.size() != 8) continue;
    in_addr address{};
    address.s_addr = static_cast<in_addr_t>(std::strtoul(gateway.c_str(), nullptr, 16));
    char text[INET_ADDRSTRLEN];
    if (address.s_addr != 0 && inet_ntop(AF_INET, &address, text, sizeof text) != nullptr)
      return {name, text};
    return {name, ""};
  }
  return {};
}

/// The same for IPv6 (proc(5): destination and its length, source and its length, next hop, metric,
/// use counts, flags, interface). The kernel's own "unreachable" default stands on the loopback.
std::pair<std::string, std::string> default_route6() {
  std::ifstream routes("/proc/net/ipv6_route");
  for (std::string line; std::getline(routes, line);) {
    std::istringstream fields(line);
    std::string destination, length, source, source_length, hop, metric, uses, references, flags,
        name;
    fields >> destination >> length >> source >> source_length >> hop >> metric >> references >>
        uses >> flags >> name;
    if (length != "00" || name == "lo" || hop.size() != 32) continue;
    in6_addr address{};
    for (std::size_t i = 0; i < 16; ++i)
      address.s6_addr[i] = static_cast<std::uint8_t>(std::stoul(hop.substr(2 * i, 2), nullptr, 16));
    if (IN6_IS_ADDR_UNSPECIFIED(&address)) return {name, ""};
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr) return {name, ""};
    return {name, IN6_IS_ADDR_LINKLOCAL(&address) ? std::string(text) + '%' + name : text};
  }
  return {};
}

/// The address to put into links: on the interface of the default route if there is one, IPv4
/// first, never link-local unless there is nothing else.
std::string primary_address(const network_info& info, std::string_view preferred_interface) {
  const network_address* best = nullptr;
  int best_rank = 0;
  for (const auto& each : info.interfaces) {
    if (each.loopback || !each.up) continue;
    for (const auto& address : each.addresses) {
      const int rank =
          1 + 4 * !address.link_local + 2 * (each.name == preferred_interface) + !address.ipv6;
      if (rank > best_rank) best_rank = rank, best = &address;
    }
  }
  return best != nullptr ? best->text : "127.0.0.1";
}

} // namespace

network_info read_network() {
  network_info info;
  info.interfaces = transport::read_interfaces();
  if (info.interfaces.empty()) {
    network_log.warning("The kernel gives no addresses: {}", std::strerror(errno));
    info.primary_address = "127.0.0.1";
    return info;
  }
  auto [name, gateway] = default_route();
  if (name.empty()) std::tie(name, gateway) = default_route6();
  info.gateway = std::move(gateway);
  info.primary_address = primary_address(info, name);
  return info;
}

std::unique_ptr<descriptor_watch> watch_network_changes(boost::asio::io_context& loop,
                                                        std::function<void()> changed) {
  const int descriptor =
      open_netlink(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                                      RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
  if (descriptor < 0) {
    network_log.warning("Changes of the network cannot be watched: {}", std::strerror(errno));
    return nullptr;
  }
  return std::make_unique<descriptor_watch>(
      loop, descriptor, descriptor_watch::kind::readable, [changed = std::move(changed)](int from) {
        // What changed is read anew from the kernel; the messages only say that.
        // ENOBUFS (messages lost) is such a message too.
        std::array<char, 8192> buffer;
        while (::recv(from, buffer.data(), buffer.size(), 0) > 0 || errno == ENOBUFS) {
        }
        changed();
      });
}

} // namespace troupe::box
