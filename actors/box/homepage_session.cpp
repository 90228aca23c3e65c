#include "actors/box/homepage_state.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "messages/time.hpp"

#include <utility>

namespace troupe::box {
namespace {

const runtime::logger session_log("box.rights");

fault wrong_code() {
  return {"rights.wrong_code", "This is not the setup code.",
          "It stands in the file setup-code of the state folder and on the status ticket.", 401};
}

void keep_sessions(homepage_state& home) {
  home.keep(
      sessions_setting, home.sessions.kept(), [] {},
      [](const fault& problem) {
        session_log.warning("Who is signed in is forgotten at the next restart: {}", problem.text);
      });
}

/// Who came with a good code or token is signed in.
void open_session(homepage_state& home, const call_ptr& request) {
  const auto session = home.sessions.open(home.now());
  keep_sessions(home);
  session_log.info("Somebody signed in from {}", request->request().remote_address);
  const auto lifetime = std::chrono::seconds(session_book::lifetime).count();
  auto response = transport::json_response(
      json_text({{"token", session.token}, {"expires", to_rfc3339(session.expires)}}));
  response.header("Set-Cookie",
                  session_cookie_line(session.token, lifetime, request->request().secure));
  request->answer(std::move(response));
}

/// A token that the box's server made: good once, for the page that it was made for.
result<security::page_token> judge_page_token(homepage_state& home, const call& request,
                                              const std::string& text, time_point server_now) {
  const auto token = security::read_page_token(text, home.pairing.server->key.view(),
                                               home.neighbours.id.text, server_now);
  if (!token) return token;
  const auto& who = request.who();
  const std::string from = who.own_page ? "" : who.origin;
  if (token->origin != from)
    return fault{"page_token.wrong_origin",
                 token->origin.empty() ? "This token opens the homepage alone."
                                       : "This token is for pages of " + token->origin + ".",
                 "Let the server make one for the page that shows it.", 401};
  // What was used before the box's start is not remembered: nothing from before it counts.
  const auto up =
      std::chrono::duration_cast<std::chrono::microseconds>(runtime::now(home.self) - home.started);
  if (token->issued + std::chrono::seconds(1) < server_now - up)
    return fault{"page_token.expired", "This token is from before the box's last start.",
                 "Let the server make another.", 401};
  const auto used = home.used_tokens.use(*token, server_now);
  home.used_tokens_limit->set_fill(home.used_tokens.size());
  if (!used) return used.error();
  return token;
}

/// The page gets a secret of its own for the rest of the token's time.
void open_page(homepage_state& home, const call_ptr& request, const security::page_token& token,
               time_point server_now) {
  const auto left = token.expires - server_now;
  const auto steady = runtime::now(home.self);
  const auto secret = home.pages.open(token, steady + left, steady);
  home.pages_limit->set_fill(home.pages.count(steady));
  if (!secret) return request->refuse(secret.error());
  session_log.info("A page of {} came with a token of the server, from {}", token.origin,
                   request->request().remote_address);
  request->answer(transport::json_response(json_text({{"token", *secret},
                                                      {"expires", to_rfc3339(home.now() + left)},
                                                      {"actions", token.actions},
                                                      {"devices", token.devices}})));
}

void take_page_token(homepage_state& home, const call_ptr& request, const std::string& text,
                     const link_info& link) {
  if (!home.pairing.server || !link.server_now)
    return request->refuse({"page_token.no_server",
                            "This box cannot judge tokens while it has no server.",
                            "Sign in with the setup code.", 401});
  const auto token = judge_page_token(home, *request, text, *link.server_now);
  if (!token) return request->refuse(token.error());
  if (token->origin.empty()) return open_session(home, request);
  open_page(home, request, *token, *link.server_now);
}

/// Pages of others have no business with the setup code, even if they know it.
bool may_try_codes(const caller& who) {
  return who.origin.empty() || who.own_page || who.kind == caller_kind::till;
}

} // namespace

void post_session(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  const auto page_token = text_member(*body, "page_token");
  if (!page_token) return request->refuse(page_token.error());
  request->brings_token = page_token->has_value();
  if (*page_token)
    return home.ask(request, home.neighbours.uplink, get_link{},
                    [&home, request, text = **page_token](const link_info& link) {
                      take_page_token(home, request, text, link);
                    });
  if (!may_try_codes(request->who()))
    return request->refuse(refusal_for(request->who(), permission::till,
                                       home.origins.refused(request->request().origin())));
  const auto code = text_member(*body, "setup_code");
  if (!code) return request->refuse(code.error());
  const auto tried = home.gate.try_code(
      code->value_or(""), setup_code_gate::time(runtime::now(home.self).time_since_epoch()));
  if (tried.what == setup_code_gate::outcome::wait) {
    auto response = transport::problem(
        {"rights.too_many_codes", "Too many wrong codes were tried.",
         "Wait " + std::to_string(tried.wait.count()) + " s and try again.", 429},
        trace_id_text(request->trace()));
    response.header("Retry-After", std::to_string(tried.wait.count()));
    return request->answer(std::move(response));
  }
  if (tried.what == setup_code_gate::outcome::wrong) {
    session_log.warning("A wrong setup code came from {}", request->request().remote_address);
    return request->refuse(wrong_code());
  }
  open_session(home, request);
}

void delete_session(homepage_state& home, const call_ptr& request) {
  home.sessions.close(request->who().token);
  keep_sessions(home);
  auto response = transport::no_content();
  response.header("Set-Cookie", session_cookie_line("", 0, request->request().secure));
  request->answer(std::move(response));
}

/// A new code counts when it is in its file. Who is signed in stays so.
void put_setup_code(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  const auto wanted = text_member(*body, "code");
  if (!wanted) return request->refuse(wanted.error());
  runtime::run_on_workers(
      home.self, home.shared->workers, neighbour_timeout,
      [folder = home.shared->state_folder, code = wanted->value_or("")] {
        return write_setup_code(folder, code);
      },
      [&home, request](result<std::string> written) {
        if (!written) return request->refuse(written.error());
        home.gate = setup_code_gate(*written);
        session_log.info("The setup code was changed from {}", request->request().remote_address);
        home.publish("setup_code.changed", value::object{});
        request->answer(transport::json_response(json_text({{"code", *written}})));
      });
}

/// Everybody but who asks is signed out.
void delete_other_sessions(homepage_state& home, const call_ptr& request) {
  const auto closed = home.sessions.close_others(request->who().token);
  home.keep(
      sessions_setting, home.sessions.kept(),
      [request, closed] {
        request->answer(transport::json_response(json_text({{"closed", closed}})));
      },
      [request](const fault& problem) { request->refuse(problem); });
}

} // namespace troupe::box
