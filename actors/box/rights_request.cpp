#include "actors/box/rights_request.hpp"

#include "transport/query.hpp"

namespace troupe::box {
namespace {

using transport::http_request;

std::string_view bearer_token(const http_request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto field = request.headers.find("authorization");
  if (field.size() <= scheme.size() ||
      !transport::equal_ignoring_case(field.substr(0, scheme.size()), scheme))
    return {};
  return transport::trimmed(field.substr(scheme.size()));
}

/// No page of another site, and no page of this box's other ports, may use the cookie.
bool cookie_counts(const http_request& request) {
  const auto site = request.headers.find("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  return request.origin().empty() || is_own_origin(request);
}

} // namespace

std::string caller::name() const {
  if (!origin.empty() && !own_page) return origin;
  return own_page || by_cookie ? "homepage" : "api";
}

bool is_own_origin(const http_request& request) {
  auto origin = request.origin();
  const auto mark = origin.find("://");
  if (mark == std::string_view::npos) return false;
  origin.remove_prefix(mark + 3);
  return !origin.empty() && transport::equal_ignoring_case(origin, request.host());
}

caller who_is(const http_request& request, const origin_book& origins, const session_book& sessions,
              time_point now) {
  caller out;
  out.origin = request.origin();
  out.own_page = is_own_origin(request);
  out.permitted = out.own_page || origins.allowed(out.origin);
  if (out.permitted && !out.own_page) out.kind = caller_kind::till;
  auto token = bearer_token(request);
  if (token.empty() && cookie_counts(request)) {
    if (const auto cookie =
            transport::cookie_value(request.headers.find("cookie"), session_cookie)) {
      token = *cookie;
      out.by_cookie = true;
    }
  }
  if (!token.empty() && sessions.valid(token, now)) {
    out.kind = caller_kind::person;
    out.token = token;
  } else {
    out.by_cookie = false;
  }
  return out;
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

std::string session_cookie_line(std::string_view token, std::int64_t seconds, bool secure) {
  std::string line(session_cookie);
  line += '=';
  line += token;
  line += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  if (secure) line += "; Secure";
  return line;
}

} // namespace troupe::box
