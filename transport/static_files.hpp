#pragma once

#include "transport/http.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace troupe::transport {

/// One embedded file. All parts of static storage.
struct asset {
  std::string_view path; ///< "/index.html"
  std::string_view mime;
  byte_span content;
  byte_span gzip;        ///< empty: not worth it
  std::string_view etag; ///< with quotes: "\"3f2a...\""
};

struct static_files_options {
  std::string_view index = "index.html"; ///< answers for a path that ends in "/"
  std::string_view cache_control = "no-cache";
  /// Security fields in wire form, sent with every file: see `security_headers`.
  std::string header_lines{};
  /// Files, by path, that have others instead.
  std::map<std::string, std::string, std::less<>> other_header_lines{};
};

/// The usual fields for pages: the given Content-Security-Policy, nosniff, no framing, no referrer,
/// same-origin opener and resource policy. `framed`: pages of the same origin may frame it, if the
/// policy says so too.
std::string security_headers(std::string_view content_security_policy, bool framed = false);

/// Serves files by GET and HEAD: ETag and If-None-Match, If-Range, one range, gzip where the client
/// takes it. A directory (for development) is read anew each time and may not be left.
class static_files {
public:
  static_files(std::span<const asset> assets, static_files_options options);
  static_files(std::filesystem::path directory, static_files_options options);

  /// Whether there is such a file.
  bool has(std::string_view path) const;
  /// 200, 206, 304, 404, 405 or 416. `path` is the request's path without the mount point.
  http_response answer(const http_request& request, std::string_view path) const;
  http_response answer(const http_request& request) const { return answer(request, request.path); }

private:
  std::map<std::string_view, const asset*> assets_;
  std::filesystem::path directory_;
  static_files_options options_;
};

/// "text/html; charset=utf-8" for ".html"; application/octet-stream for unknown endings.
std::string_view mime_for(std::string_view path);

} // namespace troupe::transport
