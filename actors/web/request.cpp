#include "actors/web/request.hpp"

#include "transport/query.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::web {
namespace {

using transport::http_request;

constexpr std::size_t key_bytes = 128;

} // namespace

std::string_view bearer_token(const http_request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto field = request.headers.find("authorization");
  if (field.size() <= scheme.size() ||
      !transport::equal_ignoring_case(field.substr(0, scheme.size()), scheme))
    return {};
  return transport::trimmed(field.substr(scheme.size()));
}

std::string_view session_token(const http_request& request) {
  const auto site = request.headers.find("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return {};
  if (!request.origin().empty() && !is_own_origin(request)) return {};
  return transport::cookie_value(request.headers.find("cookie"), session_cookie)
      .value_or(std::string_view());
}

std::string session_cookie_line(std::string_view token, std::int64_t seconds, bool secure) {
  std::string line(session_cookie);
  line += '=';
  line += token;
  line += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  if (secure) line += "; Secure";
  return line;
}

bool is_own_origin(const http_request& request) {
  auto origin = request.origin();
  const auto mark = origin.find("://");
  if (mark == std::string_view::npos) return false;
  origin.remove_prefix(mark + 3);
  return !origin.empty() && transport::equal_ignoring_case(origin, request.host());
}

bool has_json_body(const http_request& request) {
  auto type = request.headers.find("content-type");
  type = transport::trimmed(type.substr(0, type.find(';')));
  return transport::equal_ignoring_case(type, "application/json");
}

bool is_from_loopback(const http_request& request) {
  const auto from = request.remote_address;
  return from == "::1" || from.rfind("127.", 0) == 0 || from.rfind("::ffff:127.", 0) == 0;
}

result<std::string> idempotency_key(const http_request& request) {
  if (!request.headers.has("idempotency-key")) return std::string();
  std::string key(request.headers.find("idempotency-key"));
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > key_bytes || !printable)
    return fault{"request.idempotency_key",
                 "Idempotency-Key must be 1 to 128 printable characters.",
                 "Use a random identifier, such as a UUID.", 400};
  return key;
}

result<transport::json_value> json_body(const http_request& request) {
  auto body = transport::parse_json(request.body);
  if (!body) {
    body.error().code = "request.json";
    return body;
  }
  if (!body->is_object())
    return fault{"request.shape", "The body must be a JSON object.", "See /openapi.json.", 422};
  return body;
}

result<std::optional<std::string>> text_member(const transport::json_value& body,
                                               const char* member) {
  const auto found = body.find(member);
  if (found == body.end() || found->is_null()) return std::optional<std::string>();
  if (!found->is_string())
    return fault{"request.shape", std::string(member) + " must be text.", "See /openapi.json.",
                 422};
  return std::optional(found->get<std::string>());
}

result<std::string> needed_text(const http_request& request, const char* member,
                                std::string remedy) {
  const auto body = json_body(request);
  if (!body) return body.error();
  auto text = text_member(*body, member);
  if (!text) return text.error();
  if (!*text)
    return fault{"request.shape", "The body has no " + std::string(member) + ".", std::move(remedy),
                 422};
  return **std::move(text);
}

result<std::optional<std::vector<std::string>>> texts_member(const transport::json_value& body,
                                                             const char* member) {
  const auto found = body.find(member);
  if (found == body.end() || found->is_null()) return std::optional<std::vector<std::string>>();
  const auto is_text = [](const transport::json_value& each) { return each.is_string(); };
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_text))
    return fault{"request.shape", std::string(member) + " must be a list of texts.",
                 "See /openapi.json.", 422};
  return std::optional(found->get<std::vector<std::string>>());
}

result<std::uint64_t> number_in_query(const http_request& request, std::string_view parameter,
                                      std::uint64_t otherwise) {
  const auto text = transport::query_value(request.query, parameter);
  if (!text || text->empty()) return otherwise;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size())
    return fault{"request.query", std::string(parameter) + " must be a whole number.",
                 "See /openapi.json.", 400};
  return number;
}

std::string json_text(const transport::json_value& content) {
  return content.dump(-1, ' ', false, transport::json_value::error_handler_t::replace);
}

} // namespace troupe::web
