#pragma once

#include "actors/web/routes.hpp"
#include "transport/http.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What a front says to requests that are none of its routes'.
namespace troupe::web {

/// Body limits: small for commands; documents as large as a picture in base64 may be
/// (devices/printer/picture.hpp) and what stands around it.
inline constexpr std::uint64_t small_body = 64 * 1024;
inline constexpr std::uint64_t document_body = 12 * 1024 * 1024;
/// Files and probes that a browser may keep asking for need no more than this of a body.
inline constexpr std::uint64_t stranger_body = 16 * 1024;

/// Names and addresses that `Host` may hold, against DNS rebinding.
class host_book {
public:
  /// Without port.
  void set(std::vector<std::string> names);
  bool knows(std::string_view host);

private:
  std::vector<std::string> names_;
  std::string last_good_; ///< most requests of a page say the same
};
/// This machine's own names, "localhost" and the loopback addresses.
std::vector<std::string> machine_names();

/// 421; `whose` is "box" or "server".
transport::http_response wrong_host(std::string_view whose);
/// 404 when `allow` is empty, the methods for OPTIONS, otherwise 405.
transport::http_response no_route(const transport::http_request& request, const std::string& allow);

} // namespace troupe::web
