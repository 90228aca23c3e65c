#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::transport {

/// The parts of an http, https, ws or wss address.
struct url {
  std::string scheme; ///< lower case
  std::string user;   ///< percent-decoded; empty: none
  std::string password;
  std::string host; ///< lower case, IPv6 without brackets
  std::uint16_t port = 0;
  std::string target = "/"; ///< path and query, without fragment

  /// "localhost", 127.0.0.0/8, ::1
  bool is_loopback() const;
  bool secure() const { return scheme == "https" || scheme == "wss"; }
  bool has_default_port() const { return port == (secure() ? 443 : 80); }
  /// "example.org:8069", "[::1]"; the port only when it is not the scheme's own.
  std::string authority() const;
  /// "http://example.org:8069": what keep-alive and credentials are bound to.
  std::string origin() const { return scheme + "://" + authority(); }
  std::string text() const { return origin() + target; }
};

/// Whether a host is an address, not a name.
bool is_address(std::string_view host);
/// Fault: "transport.url".
result<url> parse_url(std::string_view text);
/// A `Location` field seen from `base`: absolute, "//host/path", "/path", "path", "?query".
result<url> resolve_url(const url& base, std::string_view reference);

} // namespace troupe::transport
