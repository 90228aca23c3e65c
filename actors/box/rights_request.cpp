#include "actors/box/rights_request.hpp"

#include "transport/interfaces.hpp"

namespace troupe::box {

using transport::http_request;

std::string caller::name() const {
  if (!origin.empty() && !own_page) return origin;
  return own_page || by_cookie ? "homepage" : "api";
}

caller who_is(const http_request& request, const origin_book& origins, const session_book& sessions,
              time_point now) {
  caller out;
  out.origin = request.origin();
  out.own_page = is_own_origin(request);
  out.permitted = out.own_page || origins.allowed(out.origin);
  if (out.permitted && !out.own_page) out.kind = caller_kind::till;
  auto token = web::bearer_token(request);
  if (token.empty()) {
    token = web::session_token(request);
    out.by_cookie = !token.empty();
  }
  if (!token.empty() && sessions.valid(token, now)) {
    out.kind = caller_kind::person;
    out.token = token;
  } else {
    out.by_cookie = false;
  }
  return out;
}

bool is_neighbour_program(const transport::http_request& request) {
  const auto& headers = request.headers;
  return request.origin().empty() && !headers.has("sec-fetch-site") &&
         !headers.has("sec-fetch-mode") && !headers.has("referer") && !headers.has("cookie") &&
         transport::is_private_address(std::string(request.remote_address));
}

} // namespace troupe::box
