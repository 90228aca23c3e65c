#include "actors/box/homepage_state.hpp"
#include "messages/time.hpp"

#include <utility>

namespace troupe::box {
namespace {

const runtime::logger rights_log("box.rights");

constexpr const char* origins_setting = "rights.origins";
constexpr const char* sessions_setting = "rights.sessions";

fault wrong_code() {
  return {"rights.wrong_code", "This is not the setup code.",
          "It stands in the file setup-code of the state folder and on the status ticket.", 401};
}

/// What a decision changed is on disk before it is answered.
void keep_origins(homepage_state& home, const call_ptr& request, const std::string& origin,
                  std::function<void()> kept) {
  home.keep(
      origins_setting, home.origins.kept(),
      [&home, origin, kept = std::move(kept)] {
        home.publish("origin.decided", value::object{{"origin", origin}});
        kept();
      },
      [request](const fault& problem) {
        request->refuse(
            {"origin.not_kept",
             "The decision counts until the box restarts; it could not be written down: " +
                 problem.text,
             problem.remedy, 503});
      });
}

void keep_sessions(homepage_state& home) {
  home.keep(
      sessions_setting, home.sessions.kept(), [] {},
      [](const fault& problem) {
        rights_log.warning("Who is signed in is forgotten at the next restart: {}", problem.text);
      });
}

transport::json_value time_text(time_point at) {
  return to_rfc3339(at);
}

/// Who came with a good code or token is signed in.
void open_session(homepage_state& home, const call_ptr& request) {
  const auto session = home.sessions.open(home.now());
  keep_sessions(home);
  rights_log.info("Somebody signed in from {}", request->request().remote_address);
  const auto lifetime = std::chrono::seconds(session_book::lifetime).count();
  auto response = transport::json_response(
      json_text({{"token", session.token}, {"expires", to_rfc3339(session.expires)}}));
  response.header("Set-Cookie",
                  session_cookie_line(session.token, lifetime, request->request().secure));
  request->answer(std::move(response));
}

/// A token that the box's server made: it opens one session.
result<bool> judge_page_token(homepage_state& home, const std::string& text,
                              const link_info& link) {
  if (!home.pairing.server || !link.server_now)
    return fault{"page_token.no_server", "This box cannot judge tokens while it has no server.",
                 "Sign in with the setup code.", 401};
  const auto token = security::read_page_token(text, home.pairing.server->key.view(),
                                               home.neighbours.id.text, *link.server_now);
  if (!token) return token.error();
  // What was used before the box's start is not remembered: nothing from before it counts.
  const auto up =
      std::chrono::duration_cast<std::chrono::microseconds>(runtime::now(home.self) - home.started);
  if (!token->origin.empty() || token->issued + std::chrono::seconds(1) < *link.server_now - up)
    return fault{"page_token.expired", "This link is too old.",
                 "Open the homepage from the server again, or sign in with the setup code.", 401};
  auto used = home.used_tokens.use(*token, *link.server_now);
  home.used_tokens_limit->set_fill(home.used_tokens.size());
  return used;
}

} // namespace

void post_session(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  const auto page_token = text_member(*body, "page_token");
  if (!page_token) return request->refuse(page_token.error());
  if (*page_token)
    return home.ask(request, home.neighbours.uplink, get_link{},
                    [&home, request, text = **page_token](const link_info& link) {
                      if (const auto good = judge_page_token(home, text, link); !good)
                        return request->refuse(good.error());
                      open_session(home, request);
                    });
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
    rights_log.warning("A wrong setup code came from {}", request->request().remote_address);
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

void get_origins(homepage_state& home, const call_ptr& request) {
  auto body = transport::json_value{{"allowed", transport::json_value::array()},
                                    {"asking", transport::json_value::array()},
                                    {"refused", transport::json_value::array()}};
  for (const auto& each : home.origins.allowed_origins())
    body["allowed"].push_back(
        {{"origin", each.origin}, {"since", time_text(each.since)}, {"by", each.by}});
  for (const auto& each : home.origins.asking_origins())
    body["asking"].push_back({{"origin", each.origin},
                              {"first", time_text(each.first)},
                              {"last", time_text(each.last)},
                              {"count", each.count},
                              {"route", each.route},
                              {"address", each.address}});
  for (const auto& each : home.origins.refused_origins())
    body["refused"].push_back({{"origin", each.origin}, {"since", time_text(each.since)}});
  request->answer(transport::json_response(json_text(body)));
}

void put_origin(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  const auto word = text_member(*body, "decision");
  if (!word) return request->refuse(word.error());
  if (*word != "allow" && *word != "refuse")
    return request->refuse(
        {"request.shape", "decision must be allow or refuse.", "See /openapi.json.", 422});
  const auto what = *word == "allow" ? origin_decision::allow : origin_decision::refuse;
  const auto origin = home.origins.decide(request->parameter(0), what, home.now());
  if (!origin) return request->refuse(origin.error());
  rights_log.info("The owner said {} to the origin {}", **word, *origin);
  keep_origins(home, request, *origin, [request, origin = *origin, word = **word] {
    request->answer(transport::json_response(json_text({{"origin", origin}, {"decision", word}})));
  });
}

void delete_origin(homepage_state& home, const call_ptr& request) {
  const auto forgotten = home.origins.forget(request->parameter(0));
  if (!forgotten) return request->refuse(forgotten.error());
  if (!*forgotten)
    return request->refuse({"origin.unknown", "Nothing was decided about this origin.",
                            "GET /api/v1/origins lists the decisions.", 404});
  keep_origins(home, request, request->parameter(0),
               [request] { request->answer(transport::no_content()); });
}

} // namespace troupe::box
