#include "actors/server/web_front.hpp"

#include "security/digest.hpp"
#include "transport/cors.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

using transport::http_exchange;
using transport::http_method;
using transport::http_request;

fault not_signed_in() {
  return {"session.missing", "This needs somebody who is signed in.",
          "Sign in, or send Authorization: Bearer with a key for programs.", 401};
}

fault starting() {
  return {"server.starting", "The server is starting and does not know yet who may come in.",
          "Try again in a second.", 503};
}

fault not_allowed(role needed) {
  return {"right.missing", "Only an " + std::string(name_of(needed)) + " may do this.",
          "Ask an owner of this server for that role.", 403};
}

bool may(const caller& who, const route& which, const http_request& request) {
  const auto needed = role_for(which.needs);
  if (!needed || who.may(*needed)) return true;
  return which.needs == permission::viewer_or_loopback && web::is_from_loopback(request) &&
         request.origin().empty();
}

/// What only the server's own page of this session can know.
bool is_forged(const call& request) {
  const auto& who = request.who();
  if (!who.by_cookie || !who.granted) return false;
  return !security::equal_in_constant_time(request.request().headers.find("x-csrf-token"),
                                           csrf_of(who.granted->digest));
}

/// Called by the very address it was reached at, which no name was needed for.
bool is_local_address(const http_request& request) {
  const std::string name(request.local_address);
  return !name.empty() && transport::host_check(request.host(), {&name, 1});
}

/// Signing in needs no right, but no page of another site may do it either.
bool is_foreign_page(const http_request& request) {
  return !request.origin().empty() && !web::is_own_origin(request);
}

} // namespace

std::optional<fault> refusal_for(const call& request) {
  const auto& which = request.which();
  const auto& http = request.request();
  if (!may(request.who(), which, http))
    return request.who().granted ? not_allowed(*role_for(which.needs)) : not_signed_in();
  if (!which.changes()) return std::nullopt;
  if (is_forged(request))
    return fault{"session.forged", "This did not come from a page of this server.",
                 "Load the page anew, or send X-CSRF-Token as GET /api/v1/session gives it.", 403};
  const bool by_key = request.who().granted && !request.who().by_cookie;
  if (!by_key && is_foreign_page(http))
    return fault{"session.foreign", "Pages of other sites may change nothing here.",
                 "Use the server's own pages, or a key for programs.", 403};
  const bool bodiless = which.method == http_method::delete_ && http.body.empty();
  if (!bodiless && !web::has_json_body(http))
    return fault{"request.content_type", "The body must be JSON and say so.",
                 "Send Content-Type: application/json.", 415};
  return std::nullopt;
}

web_front::web_front(boost::asio::io_context& loop, transport::static_files files, parts given)
    : parts_(std::move(given)), files_(std::move(files)),
      server_(loop, server_options(),
              [this](http_exchange exchange) { handle(std::move(exchange)); }) {}

transport::http_server_options web_front::server_options() {
  transport::http_server_options options;
  options.body_bytes = web::document_body;
  options.body_limit = [this](const http_request& request) { return body_limit(request); };
  options.connections = parts_.connections;
  options.connections_per_address = parts_.connections_per_address;
  return options;
}

/// Who has no right to a route need not send it a document.
std::uint64_t web_front::body_limit(const http_request& request) const {
  const auto match = find_route(request.method, request.target);
  if (match.found == nullptr) return web::stranger_body;
  const auto who = who_is(request, parts_.known(), parts_.now());
  return may(who, *match.found, request) ? match.found->body_bytes
                                         : std::min(match.found->body_bytes, web::small_body);
}

void web_front::handle(http_exchange exchange) {
  const auto& request = exchange.request();
  if (!hosts_.knows(request.host()) && !is_local_address(request))
    return answer_plainly(std::move(exchange), web::wrong_host("server"));
  auto match = find_route(request.method, request.target);
  if (match.found == nullptr) {
    auto response = match.allow.empty() && files_.has(request.path)
                        ? files_.answer(request)
                        : web::no_route(request, match.allow);
    return answer_plainly(std::move(exchange), std::move(response));
  }
  auto who = who_is(request, parts_.known(), parts_.now());
  check(std::make_shared<call>(std::move(exchange), *match.found, std::move(match.parameters),
                               std::move(who), parts_.metrics));
}

void web_front::check(call_ptr request) {
  // Nobody who is signed in shall be told to sign in again because the server was started anew.
  const bool needs_somebody =
      request->who().by_cookie || !may(request->who(), request->which(), request->request());
  if (needs_somebody && !parts_.people_known()) return request->refuse(starting());
  if (const auto refusal = refusal_for(*request)) return request->refuse(*refusal);
  parts_.accept(std::move(request));
}

void web_front::answer_plainly(http_exchange exchange, transport::http_response response) {
  parts_.metrics->count(route_class::page, response.status);
  exchange.respond(std::move(response));
}

} // namespace troupe::server
