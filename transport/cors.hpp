#pragma once

#include "transport/http.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace troupe::transport {

/// An origin in canonical form: "https://shop.example.com", port only when not the scheme's own.
/// Nothing for "null", anything with a path, or what is no http(s) or extension origin.
std::optional<std::string> normalized_origin(std::string_view text);

/// The origins whose pages may call us.
class origin_policy {
public:
  /// False: not an origin.
  bool allow(std::string_view origin);
  void forbid(std::string_view origin);
  bool allowed(std::string_view origin) const;
  const std::set<std::string>& origins() const { return origins_; }

private:
  std::set<std::string> origins_;
};

struct cors_options {
  std::string_view methods = "GET, POST, OPTIONS";
  std::string_view headers = "content-type, authorization, idempotency-key, traceparent";
  std::string_view exposed{};        ///< Access-Control-Expose-Headers; empty: none
  std::chrono::seconds max_age{600}; ///< Odoo's own box: 86400
  bool credentials = false;
};

/// Whether it is a preflight: OPTIONS with Origin and Access-Control-Request-Method.
bool is_preflight(const http_request& request);
/// The answer to a preflight: 204, with the permission only when `allowed`. Names the exact origin,
/// never "*"; allows the private network only when asked.
http_response preflight_response(const http_request& request, bool allowed,
                                 const cors_options& options = {});
/// Fields for an answer to the request, in wire form: `Vary: Origin` always, the permission when
/// the request has an origin and it is `allowed`.
std::string cors_headers(const http_request& request, bool allowed,
                         const cors_options& options = {});

/// Whether a `Host` field names us: one of our names (case, final dot and port ignored) or
/// addresses (against DNS rebinding). `names` hold names and addresses without port.
bool host_check(std::string_view host, std::span<const std::string> names);

} // namespace troupe::transport
