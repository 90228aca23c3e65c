#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::transport {

/// Which proxy serves which address. Empty addresses: direct.
struct proxy_settings {
  std::string http{};  ///< "http://user:password@proxy:3128" for http and ws
  std::string https{}; ///< for https and wss (by CONNECT)
  /// Hosts reached directly: "example.org" (and below), ".example.org", "10.0.0.0/8", "[::1]", "*",
  /// each with an optional ":port".
  std::vector<std::string> direct{};

  /// The proxy's address for a host, or empty for direct.
  std::string_view proxy_for(bool secure, std::string_view host, std::uint16_t port) const;
};

/// A proxy's address as people type it: "proxy:3128", "http://proxy:3128"; made "http://HOST:PORT".
/// A log-in within is refused: it has fields of its own. Fault "proxy.bad_address" (422), which
/// shows nothing of a log-in.
result<std::string> checked_proxy_address(std::string_view typed);
/// The address with its log-in, for `proxy_settings`. Without a user: the address alone.
std::string proxy_with_login(std::string_view address, std::string_view user,
                             std::string_view password);
/// The address without its log-in, for pages and logs.
std::string proxy_without_login(std::string_view address);

/// What a proxy says to CONNECT, other than 2xx.
struct proxy_answer {
  unsigned status = 0;
  bool had_login = false;    ///< a log-in was sent
  bool takes_basic = true;   ///< it offers Basic, or does not say what it takes
  std::string squid_error{}; ///< "ERR_DNS_FAIL 0": field X-Squid-Error
  std::string proxy{};       ///< "proxy.shop (port 3128)"
  std::string target{};      ///< "server.example:443"
};
/// In words. Codes "transport.proxy_login" (it wants one), "transport.proxy_wrong_login",
/// "transport.proxy_scheme" (a log-in of a kind that this program cannot do),
/// "transport.proxy_forbids", "transport.proxy_no_host", "transport.proxy_no_way",
/// "transport.proxy".
fault proxy_answer_fault(const proxy_answer& answer);

/// Reads http_proxy, https_proxy, all_proxy and no_proxy. Lower case wins; HTTP_PROXY in capitals
/// is left alone when REQUEST_METHOD is set (a CGI script's variable made from a header).
proxy_settings proxy_from_environment();
/// The same from any source of variables, for tests.
proxy_settings proxy_from(const std::function<const char*(const char*)>& variable);

} // namespace troupe::transport
