#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// DNS-SD by ordinary DNS (RFC 6763 over unicast): for networks that multicast does not reach.
namespace troupe::transport {

struct dns_service {
  std::string name;    ///< of the instance, without type and domain
  std::string address; ///< as text
  std::uint16_t port = 0;
  std::vector<std::string> txt;
};

/// Instances of one domain that are looked at; further ones are left out.
inline constexpr std::size_t dns_services_bound = 200;

/// Asks the machine's name servers for the services of a type ("_troupe._tcp") in a domain
/// ("example.org"). Blocks, up to some 4 s a question and name
/// server. A domain without any is no fault. Faults
/// "discovery.domain" (422: no name of a domain), "discovery.dns" (502: nobody answers).
result<std::vector<dns_service>> find_dns_services(const std::string& type,
                                                   const std::string& domain);

} // namespace troupe::transport
