#pragma once

#include "transport/http.hpp"
#include "transport/query.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What box and server share of serving HTTP: tables of routes, calls, pages.
namespace troupe::web {

std::string_view text_of(transport::http_method method);

/// What a path and method mean in a table of routes.
template <class Route>
struct route_match {
  const Route* found = nullptr;        ///< none: no such path, or not with this method
  std::vector<std::string> parameters; ///< decoded, in the order of the pattern
  std::string allow;                   ///< methods of that path; empty: no such path
};

/// "/a/b" of "/a/b?c": as it stands on the request line.
std::string_view path_of(std::string_view target);
/// Whether a path fits a pattern such as "/api/v1/devices/{id}"; collects the encoded parameters.
bool path_fits(std::string_view pattern, std::string_view path,
               std::vector<std::string_view>& parameters);
/// The parameters decoded; nothing for a broken escape.
std::optional<std::vector<std::string>>
decode_parameters(const std::vector<std::string_view>& encoded);
/// Adds a method to an `Allow` list; HEAD comes with GET.
void add_allowed(std::string& list, transport::http_method method);

/// Finds a route (with members `method` and `pattern`). The first fitting pattern wins:
/// "/events/last" stands as it is, before any parameter would. `target` is taken as it stands on
/// the request line, since an encoded slash does not part a path.
template <class Route>
route_match<Route> find_in(std::span<const Route> table, transport::http_method method,
                           std::string_view target) {
  route_match<Route> out;
  if (method == transport::http_method::head) method = transport::http_method::get;
  const auto path = path_of(target);
  std::vector<std::string_view> found;
  for (const auto& each : table) {
    if (!path_fits(each.pattern, path, found)) continue;
    add_allowed(out.allow, each.method);
    if (each.method != method || out.found != nullptr) continue;
    auto decoded = decode_parameters(found);
    if (!decoded) return {};
    out.found = &each;
    out.parameters = std::move(*decoded);
  }
  if (!out.allow.empty()) add_allowed(out.allow, transport::http_method::options);
  return out;
}

} // namespace troupe::web
