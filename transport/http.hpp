#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Values of HTTP/1.1 (RFC 9110, 9112): what a request and an answer are. No sockets here.
namespace troupe::transport {

enum class http_method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// `other` for anything not in the enumeration; methods are case-sensitive.
http_method method_from(std::string_view text);

/// ASCII only, as header names and tokens are.
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct http_field {
  std::string_view name;
  std::string_view value;
};

/// Header fields in the order received; names compare without case. Views only: see `http_request`.
class http_headers {
public:
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  void clear() { fields_.clear(); }
  /// The first value, or an empty view.
  std::string_view find(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// Whether a comma-separated list field (`Connection`, `Upgrade` ...) names the token.
  bool has_token(std::string_view name, std::string_view token) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

private:
  std::vector<http_field> fields_;
};

/// One request. All views stay valid until its exchange is answered or dropped; keep a copy of what
/// must live longer (`body_shared()` for the body).
struct http_request {
  http_method method = http_method::get;
  std::string_view method_text = "GET";
  std::string_view target = "/"; ///< as sent, "/a%20b?x=1"
  std::string_view path = "/";   ///< percent-decoded, without the query: "/a b"
  std::string_view query;        ///< as sent, without the "?": see `transport/query.hpp`
  http_headers headers;
  byte_span body;
  std::string_view remote_address; ///< "192.168.1.20", "fe80::1"
  std::uint16_t remote_port = 0;
  std::string_view local_address;
  std::uint16_t local_port = 0;
  bool secure = false;       ///< came over TLS
  std::uint8_t version = 11; ///< 10 or 11
  shared_bytes large_body;   ///< owns `body` when it was too large for the read buffer

  std::string_view body_text() const { return as_text(body); }
  std::string_view host() const { return headers.find("host"); }
  std::string_view origin() const { return headers.find("origin"); }
  /// The body as a buffer that outlives the request: without a copy when it was large.
  shared_bytes body_shared() const;
};

/// The body of an answer: text that lives for ever, own text, or a shared buffer.
class http_body {
public:
  http_body() = default;
  http_body(std::string text) : content_(std::move(text)) {}
  http_body(shared_bytes bytes) : content_(std::move(bytes)) {}
  http_body(std::shared_ptr<const std::string> text);
  /// A part of what `owner` keeps alive.
  http_body(std::shared_ptr<const void> owner, std::string_view part)
      : content_(shared_part{std::move(owner), part}) {}
  /// `text` must have static storage: literals and embedded assets.
  static http_body of_static(std::string_view text) {
    http_body body;
    body.content_ = text;
    return body;
  }
  std::string_view view() const;
  std::size_t size() const { return view().size(); }

private:
  struct shared_part {
    std::shared_ptr<const void> owner;
    std::string_view part;
  };
  std::variant<std::string_view, std::string, shared_bytes, shared_part> content_;
};

/// One answer. `Date`, `Server`, `Content-Length` and `Connection` are written by the server.
class http_response {
public:
  http_response() = default;
  explicit http_response(std::uint16_t code) : status(code) {}

  std::uint16_t status = 200;
  std::string_view
      content_type; ///< static storage; empty: none. Others: `header("Content-Type", ...)`
  http_body body;
  bool close = false; ///< close the connection after this answer

  /// Adds a field; control characters in the value are replaced by spaces.
  http_response& header(std::string_view name, std::string_view value);
  /// Adds lines already in wire form ("Name: value\r\n"...), such as those of `cors_headers`.
  http_response& header_lines(std::string_view lines);
  /// The first value of a field added before, or an empty view.
  std::string_view find_header(std::string_view name) const;
  const std::string& lines() const { return lines_; }

private:
  std::string lines_;
};

inline constexpr std::string_view mime_json = "application/json";
inline constexpr std::string_view mime_problem = "application/problem+json";
inline constexpr std::string_view mime_text = "text/plain; charset=utf-8";
inline constexpr std::string_view mime_html = "text/html; charset=utf-8";

/// "Not Found" for 404 (RFC 9110 section 15); "Unknown" for codes it does not name.
std::string_view reason_phrase(std::uint16_t status);

http_response json_response(std::string json, std::uint16_t status = 200);
http_response text_response(std::string text, std::uint16_t status = 200);
http_response html_response(std::string html, std::uint16_t status = 200);
/// `text` of static storage, sent without a copy.
http_response static_text_response(std::string_view text, std::uint16_t status = 200);
http_response no_content();
/// A fault as `application/problem+json` (RFC 9457): type, title, status, detail and the members
/// `code`, `remedy`, `trace`. `trace` is the trace identifier; left out when empty.
http_response problem(const fault& error, std::string_view trace = {});

} // namespace troupe::transport
