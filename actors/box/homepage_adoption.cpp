#include "actors/box/homepage_state.hpp"
#include "actors/box/server_token.hpp"

#include <utility>

/// How a server of its own network finds and takes in a box that has none.
namespace troupe::box {
namespace {

const runtime::logger adoption_log("box.adoption");

/// As long as a pairing code: who stands before a new box connects it soon.
constexpr std::chrono::hours adoption_time = pairing_core::code_lifetime;

std::string name_of_caller(const call& request) {
  if (request.who().kind == caller_kind::person) return request.who().name();
  return std::string(request.request().remote_address);
}

} // namespace

void homepage_state::pairing_is(const pairing_info& now_is) {
  const bool lost = pairing_known && pairing.server && !now_is.server;
  if (pairing.server && (!now_is.server || now_is.server->key != pairing.server->key))
    pages.clear();
  if (!pairing_known || lost) taken_in_until = runtime::now(self) + adoption_time;
  pairing_known = true;
  pairing = now_is;
  if (pairing.server)
    origins.server_is(pairing.server->url, pairing.server->since);
  else
    origins.server_is({}, {});
}

/// A box that was told of a server, by whatever way, waits for that one.
bool homepage_state::may_be_taken_in() const {
  return options.adoption && pairing_known && !pairing.server && !pairing.token &&
         pairing.url.empty() && runtime::now(self) < taken_in_until;
}

void post_blink(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.blinker, blink{name_of_caller(*request)},
           [request](bool printed) {
             request->answer(transport::json_response(json_text({{"printed", printed}}), 202));
           });
}

void post_adoption(homepage_state& home, const call_ptr& request) {
  const auto token =
      needed_text(request->request(), "token", "Send {\"token\": \"…\"} with a connection token.");
  if (!token) return request->refuse(token.error());
  const auto read = read_server_token(*token);
  if (!read) return request->refuse(read.error());
  if (!read->token) // an Odoo token has nothing by which its server proves itself
    return request->refuse({"token.malformed", "That is no connection token of a Troupe server.",
                            "Take the box in with its code or with a token.", 422});
  adoption_log.info("The server \"{}\" at {} takes this box in", read->token->server_name,
                    name_of_caller(*request));
  home.ask(request, home.neighbours.pairing, use_token{*token},
           [&home, request](const pairing_info& info) {
             home.pairing_is(info);
             request->answer(transport::json_response(json_text({{"taken", true}}), 202));
           });
}

} // namespace troupe::box
