#include "actors/box/homepage_front.hpp"

#include "transport/dialects/odoo_answers.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using transport::http_exchange;
using transport::http_method;
using transport::http_request;
using transport::http_response;

bool may(const caller& who, permission needed, const http_request& request) {
  switch (needed) {
  case permission::open:
  case permission::sign_in:
    return true;
  case permission::page:
    return who.kind != caller_kind::anybody;
  case permission::till:
    return who.kind == caller_kind::till || who.kind == caller_kind::person;
  case permission::person:
  case permission::neighbour: // see `homepage_front::allowed`
    return who.kind == caller_kind::person;
  case permission::person_or_loopback:
    return who.kind == caller_kind::person ||
           (is_from_loopback(request) && (request.origin().empty() || who.own_page));
  }
  return false;
}

/// The page for an attached screen has a name that people can type.
std::string_view file_for(std::string_view path) {
  return path == "/status" ? "/status.html" : path;
}

bool is_for_tills(const route& which) {
  return which.needs == permission::till || which.needs == permission::page;
}

/// Pages of other origins may not change anything, not even where no rights are needed (signing
/// in), unless the owner allowed the origin.
bool is_foreign_page(const caller& who) {
  return !who.origin.empty() && !who.permitted;
}

} // namespace

fault refusal_for(const caller& who, permission needed, bool refused_by_owner) {
  const bool for_tills = needed == permission::till || needed == permission::page;
  if (who.kind == caller_kind::page)
    return {"rights.not_for_pages", "A page's token does not open this.",
            for_tills ? "Use the native interface (/openapi.json), or allow the page's origin."
                      : "Sign in on the box's homepage with its setup code.",
            403};
  if (for_tills && !who.origin.empty() && !who.own_page) {
    if (refused_by_owner)
      return {"rights.origin_refused",
              "The owner of this box refused the origin " + who.origin + ".",
              "Allow it on the box's homepage if it is yours.", 403};
    return {"rights.origin_unknown", "The origin " + who.origin + " may not use this box yet.",
            "Open the box's homepage, sign in and allow this origin.", 403};
  }
  const bool known = who.kind == caller_kind::till;
  return {"rights.sign_in",
          known ? "A till may not do this." : "This needs a person who is signed in.",
          "Sign in on the box's homepage with its setup code.",
          static_cast<std::uint16_t>(known || for_tills ? 403 : 401)};
}

homepage_front::homepage_front(boost::asio::io_context& loop, transport::static_files files,
                               parts given)
    : parts_(std::move(given)), files_(std::move(files)),
      server_(loop, server_options(),
              [this](http_exchange exchange) { handle(std::move(exchange)); }) {}

transport::http_server_options homepage_front::server_options() {
  transport::http_server_options options;
  options.body_bytes = document_body;
  options.body_limit = [this](const http_request& request) { return body_limit(request); };
  return options;
}

/// Who has no right to a route need not send it a receipt.
std::uint64_t homepage_front::body_limit(const http_request& request) const {
  const auto match = find_route(request.method, request.target);
  if (match.found == nullptr) return web::stranger_body;
  const auto who = sender_of(request);
  const bool trusted = allowed(who, match.found->needs, request);
  return trusted ? match.found->body_bytes : std::min(match.found->body_bytes, small_body);
}

caller homepage_front::sender_of(const http_request& request) const {
  return who_is(request, {*parts_.origins, *parts_.sessions, *parts_.pages, parts_.now(),
                          parts_.steady_now()});
}

bool homepage_front::allowed(const caller& who, permission needed,
                             const http_request& request) const {
  return may(who, needed, request) || (needed == permission::neighbour &&
                                       is_neighbour_program(request) && parts_.may_be_taken_in());
}

bool homepage_front::hidden(const route& which) const {
  return which.handle == open_test_echo && !parts_.test_echo;
}

void homepage_front::handle(http_exchange exchange) {
  const auto& request = exchange.request();
  if (!hosts_.knows(request.host()))
    return answer_plainly(std::move(exchange), route_class::page, web::wrong_host("box"), false);
  if (request.method == http_method::get && request.target == "/hw_proxy/hello")
    return answer_hello(std::move(exchange));
  auto match = find_route(request.method, request.target);
  if (match.found != nullptr && hidden(*match.found)) match = {};
  if (!match.allow.empty() && transport::is_preflight(request))
    return answer_preflight(std::move(exchange), match);
  if (match.found == nullptr) {
    if (match.allow.empty() && files_.has(file_for(request.path)))
      return answer_file(std::move(exchange));
    auto response = web::no_route(request, match.allow);
    return answer_plainly(std::move(exchange), route_class::page, std::move(response), false);
  }
  auto who = sender_of(request);
  check(std::make_shared<call>(std::move(exchange), *match.found, std::move(match.parameters),
                               std::move(who), parts_.metrics));
}

void homepage_front::check(call_ptr request) {
  const auto& which = request->which();
  const auto& http = request->request();
  if (!allowed(request->who(), which.needs, http)) {
    if (is_for_tills(which)) {
      std::string name(text_of(which.method));
      note_asking(http, name.append(" ").append(which.pattern));
    }
    return request->refuse(
        refusal_for(request->who(), which.needs, parts_.origins->refused(http.origin())));
  }
  const bool changes = which.method != http_method::get;
  // Who signs in from another page is judged by the token that it brings.
  const bool may_bring_token = which.needs == permission::sign_in && has_json_body(http);
  if (changes && which.group == route_class::native && !may_bring_token &&
      is_foreign_page(request->who()))
    return request->refuse(
        refusal_for(request->who(), permission::till, parts_.origins->refused(http.origin())));
  const bool bodiless = which.method == http_method::delete_ && http.body.empty();
  if (which.json_body && !bodiless && !has_json_body(http)) {
    const fault problem{"request.content_type", "The body must be JSON and say so.",
                        "Send Content-Type: application/json.", 415};
    // No JSON-RPC has begun yet, so the refusal is HTTP's for every style.
    return request->answer(transport::problem(problem, trace_id_text(request->trace())));
  }
  parts_.accept(std::move(request));
}

void homepage_front::note_asking(const http_request& request, std::string_view route) {
  if (request.origin().empty() || is_own_origin(request)) return;
  const auto origin = transport::normalized_origin(request.origin());
  if (origin && parts_.origins->note_asking(*origin, route, request.remote_address, parts_.now()))
    parts_.asked(*origin);
}

void homepage_front::answer_preflight(http_exchange exchange, const route_match& match) {
  const auto& request = exchange.request();
  const auto wanted = transport::method_from(request.headers.find("access-control-request-method"));
  const auto target = find_route(wanted, request.target);
  const auto* which = target.found != nullptr ? target.found : match.found;
  const auto who = sender_of(request);
  // A page that has a token cannot be told from others before it shows it.
  const bool open = which != nullptr &&
                    (which->group == route_class::probe || which->needs == permission::sign_in);
  const bool allowed = which != nullptr && (open || who.permitted);
  if (!allowed && which != nullptr && is_for_tills(*which)) {
    std::string name(text_of(which->method));
    note_asking(request, name.append(" ").append(which->pattern));
  }
  const auto options = which != nullptr ? cors_for(*which) : transport::cors_options{};
  auto response = transport::preflight_response(request, allowed, options);
  parts_.metrics->count(which != nullptr ? which->group : route_class::page, response.status);
  exchange.respond(std::move(response));
}

void homepage_front::answer_plainly(http_exchange exchange, route_class group,
                                    http_response response, bool readable) {
  if (readable) response.header_lines(transport::cors_headers(exchange.request(), true));
  parts_.metrics->count(group, response.status);
  exchange.respond(std::move(response));
}

void homepage_front::answer_hello(http_exchange exchange) {
  auto response = transport::static_text_response(dialects::odoo_hello);
  response.header("Cache-Control", "no-store");
  answer_plainly(std::move(exchange), route_class::probe, std::move(response), true);
}

void homepage_front::answer_file(http_exchange exchange) {
  auto response = files_.answer(exchange.request(), file_for(exchange.request().path));
  answer_plainly(std::move(exchange), route_class::page, std::move(response), false);
}

} // namespace troupe::box
