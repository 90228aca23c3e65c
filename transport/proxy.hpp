#pragma once

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

/// Reads http_proxy, https_proxy, all_proxy and no_proxy. Lower case wins; HTTP_PROXY in capitals
/// is left alone when REQUEST_METHOD is set (a CGI script's variable made from a header).
proxy_settings proxy_from_environment();
/// The same from any source of variables, for tests.
proxy_settings proxy_from(const std::function<const char*(const char*)>& variable);

} // namespace troupe::transport
