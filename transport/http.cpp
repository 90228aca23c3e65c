#include "transport/http.hpp"

#include "transport/json_text.hpp"
#include "transport/query.hpp"

#include <algorithm>

namespace troupe::transport {

namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

} // namespace

http_method method_from(std::string_view text) {
  if (text == "GET") return http_method::get;
  if (text == "POST") return http_method::post;
  if (text == "HEAD") return http_method::head;
  if (text == "OPTIONS") return http_method::options;
  if (text == "PUT") return http_method::put;
  if (text == "PATCH") return http_method::patch;
  if (text == "DELETE") return http_method::delete_;
  return http_method::other;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view http_headers::find(std::string_view name) const {
  for (const auto& field : fields_)
    if (equal_ignoring_case(field.name, name)) return field.value;
  return {};
}

bool http_headers::has(std::string_view name) const {
  return count(name) > 0;
}

std::size_t http_headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(), [&](const http_field& field) {
        return equal_ignoring_case(field.name, name);
      }));
}

bool http_headers::has_token(std::string_view name, std::string_view token) const {
  for (const auto& field : fields_) {
    if (!equal_ignoring_case(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), token)) return true;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return false;
}

shared_bytes http_request::body_shared() const {
  if (!large_body.empty()) return large_body;
  return byte_vector(body.begin(), body.end());
}

http_body::http_body(std::shared_ptr<const std::string> text) {
  const std::string_view view = text ? std::string_view(*text) : std::string_view();
  content_ = shared_part{std::move(text), view};
}

std::string_view http_body::view() const {
  switch (content_.index()) {
  case 0:
    return std::get<0>(content_);
  case 1:
    return std::get<1>(content_);
  case 2:
    return std::get<2>(content_).text();
  default:
    return std::get<3>(content_).part;
  }
}

http_response& http_response::header(std::string_view name, std::string_view value) {
  lines_.reserve(lines_.size() + name.size() + value.size() + 4);
  lines_ += name;
  lines_ += ": ";
  for (const char c : value)
    lines_ += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  lines_ += "\r\n";
  return *this;
}

http_response& http_response::header_lines(std::string_view lines) {
  lines_ += lines;
  return *this;
}

std::string_view http_response::find_header(std::string_view name) const {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
    if (end == std::string_view::npos) break;
    rest = rest.substr(end + 2);
  }
  return {};
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
  case 100:
    return "Continue";
  case 101:
    return "Switching Protocols";
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 301:
    return "Moved Permanently";
  case 302:
    return "Found";
  case 303:
    return "See Other";
  case 304:
    return "Not Modified";
  case 307:
    return "Temporary Redirect";
  case 308:
    return "Permanent Redirect";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 411:
    return "Length Required";
  case 412:
    return "Precondition Failed";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 417:
    return "Expectation Failed";
  case 421:
    return "Misdirected Request";
  case 422:
    return "Unprocessable Content";
  case 425:
    return "Too Early";
  case 426:
    return "Upgrade Required";
  case 428:
    return "Precondition Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 502:
    return "Bad Gateway";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  case 505:
    return "HTTP Version Not Supported";
  case 507:
    return "Insufficient Storage";
  default:
    return "Unknown";
  }
}

namespace {

http_response response_of(http_body body, std::string_view mime, std::uint16_t status) {
  http_response response(status);
  response.content_type = mime;
  response.body = std::move(body);
  return response;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += ", \"";
  out += name;
  out += "\": ";
  append_json_text(out, value);
}

} // namespace

http_response json_response(std::string json, std::uint16_t status) {
  return response_of(std::move(json), mime_json, status);
}
http_response text_response(std::string text, std::uint16_t status) {
  return response_of(std::move(text), mime_text, status);
}
http_response html_response(std::string html, std::uint16_t status) {
  return response_of(std::move(html), mime_html, status);
}
http_response static_text_response(std::string_view text, std::uint16_t status) {
  return response_of(http_body::of_static(text), mime_text, status);
}
http_response no_content() {
  return http_response(204);
}

http_response problem(const fault& error, std::string_view trace) {
  const std::uint16_t status = error.status >= 400 && error.status < 600 ? error.status : 500;
  std::string out = "{\"type\": ";
  append_json_text(out, "urn:troupe:fault:" + error.code);
  append_member(out, "title", reason_phrase(status));
  out += ", \"status\": " + std::to_string(status);
  append_member(out, "detail", error.text);
  append_member(out, "code", error.code);
  append_member(out, "remedy", error.remedy);
  append_member(out, "trace", trace);
  out += '}';
  return response_of(std::move(out), mime_problem, status);
}

} // namespace troupe::transport
