#include "actors/box/rights_request.hpp"

#include "transport/interfaces.hpp"
#include "transport/query.hpp"

namespace troupe::box {

using transport::http_request;

namespace {

/// Of `Authorization`, or among the subprotocols that a WebSocket offers.
std::string_view shown_bearer(const http_request& request) {
  if (const auto token = web::bearer_token(request); !token.empty()) return token;
  auto offered = request.headers.find("sec-websocket-protocol");
  while (!offered.empty()) {
    const auto comma = offered.find(',');
    const auto one = transport::trimmed(offered.substr(0, comma));
    if (one.starts_with(bearer_subprotocol)) return one.substr(bearer_subprotocol.size());
    offered.remove_prefix(comma == std::string_view::npos ? offered.size() : comma + 1);
  }
  return {};
}

} // namespace

std::string caller::name() const {
  if (!origin.empty() && !own_page) return origin;
  return own_page || by_cookie ? "homepage" : "api";
}

caller who_is(const http_request& request, const rights_books& books) {
  caller out;
  out.origin = request.origin();
  out.own_page = is_own_origin(request);
  const bool till = !out.own_page && books.origins.allowed(out.origin);
  if (till) out.kind = caller_kind::till;
  out.permitted = out.own_page || till || books.pages.knows(out.origin, books.steady);
  auto token = shown_bearer(request);
  if (token.empty()) {
    token = web::session_token(request);
    out.by_cookie = !token.empty();
  }
  if (token.empty()) return out;
  if (books.sessions.valid(token, books.now)) {
    out.kind = caller_kind::person;
    out.token = token;
    return out;
  }
  out.by_cookie = false;
  // Whose origin is allowed may more than any token says.
  if (!till) out.page = books.pages.find(token, out.origin, books.steady);
  if (out.page) {
    out.kind = caller_kind::page;
    out.token = token;
  }
  return out;
}

bool may_see(const caller& who, std::string_view device) {
  return who.kind != caller_kind::page || page_sees(*who.page, device);
}

bool may_act(const caller& who, std::string_view action, std::string_view device) {
  return who.kind != caller_kind::page || security::covers(*who.page, action, device);
}

bool is_neighbour_program(const transport::http_request& request) {
  const auto& headers = request.headers;
  return request.origin().empty() && !headers.has("sec-fetch-site") &&
         !headers.has("sec-fetch-mode") && !headers.has("referer") && !headers.has("cookie") &&
         transport::is_private_address(std::string(request.remote_address));
}

} // namespace troupe::box
