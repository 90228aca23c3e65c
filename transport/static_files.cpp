#include "transport/static_files.hpp"

#include "transport/negotiation.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <optional>

namespace troupe::transport {

namespace {

/// Files of a development directory above this are not served.
constexpr std::uintmax_t largest_file = 64 * 1024 * 1024;

struct ending {
  std::string_view suffix;
  std::string_view mime;
};
constexpr std::array endings = {
    ending{".html", mime_html},
    ending{".js", "text/javascript; charset=utf-8"},
    ending{".mjs", "text/javascript; charset=utf-8"},
    ending{".css", "text/css; charset=utf-8"},
    ending{".json", mime_json},
    ending{".map", mime_json},
    ending{".webmanifest", "application/manifest+json"},
    ending{".svg", "image/svg+xml"},
    ending{".png", "image/png"},
    ending{".jpg", "image/jpeg"},
    ending{".jpeg", "image/jpeg"},
    ending{".gif", "image/gif"},
    ending{".webp", "image/webp"},
    ending{".ico", "image/x-icon"},
    ending{".woff2", "font/woff2"},
    ending{".txt", mime_text},
    ending{".md", "text/markdown; charset=utf-8"},
    ending{".xml", "application/xml"},
    ending{".yaml", "application/yaml"},
    ending{".pdf", "application/pdf"},
    ending{".wasm", "application/wasm"},
};

/// What will be sent, whichever source it comes from.
struct content {
  std::string_view mime;
  std::string etag;
  http_body body;
  bool packed = false;
  bool varies = false;
};

http_response not_found() {
  return problem(
      {"http.not_found", "There is nothing at this address.", "Check the address.", 404});
}

http_body body_part(const http_body& body, const byte_range& range) {
  const auto view = body.view().substr(range.first, range.last - range.first + 1);
  auto owner = std::make_shared<const http_body>(body);
  // Own text moved with the copy: the view is taken from the owner.
  const auto part = owner->view().substr(range.first, view.size());
  return http_body(std::move(owner), part);
}

http_response serve(const http_request& request, content what,
                    const static_files_options& options) {
  http_response response;
  response.header("ETag", what.etag).header("Cache-Control", options.cache_control);
  if (what.varies) response.header("Vary", "Accept-Encoding");
  const auto other = options.other_header_lines.find(request.path);
  response.header_lines(other == options.other_header_lines.end() ? options.header_lines
                                                                  : other->second);
  if (etag_matches(request.headers.find("if-none-match"), what.etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = what.mime;
  if (what.packed) response.header("Content-Encoding", "gzip");
  response.header("Accept-Ranges", "bytes");
  const auto size = what.body.size();
  const auto if_range = request.headers.find("if-range");
  range_answer range;
  if (!what.packed && (if_range.empty() || if_range == what.etag))
    range = parse_range(request.headers.find("range"), size);
  if (range.kind == range_kind::unsatisfiable) {
    auto refusal = problem(
        {"http.range", "The file has no such part.", "Ask for a part inside the file.", 416});
    refusal.header("Content-Range", "bytes */" + std::to_string(size));
    return refusal;
  }
  if (range.kind == range_kind::part) {
    response.status = 206;
    response.header("Content-Range", "bytes " + std::to_string(range.range.first) + '-' +
                                         std::to_string(range.range.last) + '/' +
                                         std::to_string(size));
    response.body = body_part(what.body, range.range);
    return response;
  }
  response.body = std::move(what.body);
  return response;
}

content asset_content(const http_request& request, const asset& file) {
  content what;
  what.mime = file.mime;
  what.etag = file.etag;
  what.varies = !file.gzip.empty();
  what.packed = what.varies && request.headers.find("range").empty() &&
                accepts_encoding(request.headers.find("accept-encoding"), "gzip");
  if (what.packed && what.etag.size() > 1 && what.etag.back() == '"')
    what.etag.insert(what.etag.size() - 1, "-gzip"); // another representation, another tag
  what.body = http_body::of_static(as_text(what.packed ? file.gzip : file.content));
  return what;
}

std::optional<std::filesystem::path> file_below(const std::filesystem::path& directory,
                                                std::string_view path) {
  std::error_code error;
  const auto root = std::filesystem::canonical(directory, error);
  if (error) return std::nullopt;
  while (path.starts_with('/'))
    path.remove_prefix(1);
  const auto file = std::filesystem::canonical(root / std::filesystem::path(path), error);
  if (error || !std::filesystem::is_regular_file(file, error)) return std::nullopt;
  const auto inside = file.lexically_relative(root);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  if (std::filesystem::file_size(file, error) > largest_file || error) return std::nullopt;
  return file;
}

std::optional<content> file_content(const std::filesystem::path& file) {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  content what;
  what.mime = mime_for(file.native());
  what.etag = '"' + std::to_string(changed.time_since_epoch().count()) + '-' +
              std::to_string(text.size()) + '"';
  what.body = std::move(text);
  return what;
}

} // namespace

std::string_view mime_for(std::string_view path) {
  for (const auto& [suffix, mime] : endings)
    if (path.size() >= suffix.size() &&
        equal_ignoring_case(path.substr(path.size() - suffix.size()), suffix))
      return mime;
  return "application/octet-stream";
}

std::string security_headers(std::string_view content_security_policy, bool framed) {
  std::string lines = "Content-Security-Policy: ";
  lines += content_security_policy;
  lines += "\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: ";
  lines += framed ? "SAMEORIGIN" : "DENY";
  lines += "\r\n"
           "Referrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n"
           "Cross-Origin-Resource-Policy: same-origin\r\n";
  return lines;
}

static_files::static_files(std::span<const asset> assets, static_files_options options)
    : options_(std::move(options)) {
  for (const auto& one : assets)
    assets_.emplace(one.path, &one);
}

static_files::static_files(std::filesystem::path directory, static_files_options options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

bool static_files::has(std::string_view path) const {
  const auto full =
      path.ends_with('/') ? std::string(path) + std::string(options_.index) : std::string(path);
  if (directory_.empty()) return assets_.contains(full);
  return file_below(directory_, full).has_value();
}

http_response static_files::answer(const http_request& request, std::string_view path) const {
  if (request.method != http_method::get && request.method != http_method::head) {
    auto refusal = problem({"http.method", "Files can only be read.", "Use GET or HEAD.", 405});
    refusal.header("Allow", "GET, HEAD");
    return refusal;
  }
  std::string full(path);
  if (full.empty() || full.back() == '/') full += options_.index;
  if (full.front() != '/') full.insert(0, 1, '/');
  if (directory_.empty()) {
    const auto found = assets_.find(full);
    if (found == assets_.end()) return not_found();
    return serve(request, asset_content(request, *found->second), options_);
  }
  const auto file = file_below(directory_, full);
  auto what = file ? file_content(*file) : std::nullopt;
  return what ? serve(request, std::move(*what), options_) : not_found();
}

} // namespace troupe::transport
