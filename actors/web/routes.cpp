#include "actors/web/routes.hpp"

#include <algorithm>

namespace troupe::web {
namespace {

using transport::http_method;

/// Takes the next segment off a path that begins with "/".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

void append(std::string& list, std::string_view method) {
  if (!list.empty()) list += ", ";
  list += method;
}

} // namespace

std::string_view text_of(http_method method) {
  static constexpr std::string_view names[] = {"GET",   "HEAD",   "POST",    "PUT",
                                               "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return names[static_cast<std::size_t>(method)];
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

bool path_fits(std::string_view pattern, std::string_view path,
               std::vector<std::string_view>& parameters) {
  parameters.clear();
  while (!pattern.empty() && !path.empty()) {
    if (pattern.front() != '/' || path.front() != '/') return false;
    const auto wanted = take_segment(pattern);
    const auto segment = take_segment(path);
    if (!wanted.empty() && wanted.front() == '{') {
      if (segment.empty()) return false;
      parameters.push_back(segment);
    } else if (wanted != segment) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

std::optional<std::vector<std::string>>
decode_parameters(const std::vector<std::string_view>& encoded) {
  std::vector<std::string> out;
  for (const auto segment : encoded) {
    auto decoded = transport::percent_decode(segment);
    if (!decoded) return std::nullopt;
    out.push_back(std::move(*decoded));
  }
  return out;
}

void add_allowed(std::string& list, http_method method) {
  append(list, text_of(method));
  if (method == http_method::get) append(list, "HEAD");
}

} // namespace troupe::web
