#include "actors/server/web_state.hpp"

#include <chrono>
#include <utility>

/// Coming in and going out.
namespace troupe::server {
namespace {

using transport::json_value;

json_value server_json(const web_state& web, bool signed_in) {
  json_value about{{"name", web.server_name}, {"version", web.shared->version}};
  if (signed_in) about["id"] = web.neighbours.server_id;
  return about;
}

json_value session_json(const web_state& web, const grant& given) {
  json_value body{
      {"person", {{"id", given.person}, {"name", given.name}, {"role", name_of(given.may)}}},
      {"server", server_json(web, true)}};
  if (given.token.empty()) {
    body["csrf"] = csrf_of(given.digest);
    body["expires"] = to_rfc3339(given.expires);
  }
  return body;
}

bool secure_cookie(const web_state& web, const call_ptr& request) {
  return request->request().secure || web.options.public_url.starts_with("https:");
}

transport::http_response signed_in(const web_state& web, const call_ptr& request,
                                   const opened_session& opened) {
  auto response = transport::json_response(web::json_text(session_json(web, opened.granted)));
  const auto lifetime = std::chrono::seconds(session_lifetime).count();
  response.header("Set-Cookie",
                  web::session_cookie_line(opened.token, lifetime, secure_cookie(web, request)));
  return response;
}

transport::http_response signed_out(const web_state& web, const call_ptr& request) {
  auto response = transport::no_content();
  response.header("Set-Cookie", web::session_cookie_line("", 0, secure_cookie(web, request)));
  return response;
}

struct credentials {
  std::string name;
  std::string password;
};
/// Name and password of the body; nothing when the call was refused.
std::optional<credentials> credentials_of(const call_ptr& request, const json_value& body) {
  std::optional<std::string> name;
  std::optional<std::string> password;
  if (!read_text(request, body, "name", name, true) ||
      !read_text(request, body, "password", password, true))
    return std::nullopt;
  return credentials{std::move(*name), std::move(*password)};
}

} // namespace

void get_setup(web_state& web, const call_ptr& request) {
  answer_json(request, {{"needed", web.access_known && !web.access_now->set_up()}});
}

void post_setup(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> token;
  if (!body || !read_text(request, *body, "token", token, true)) return;
  const auto given = credentials_of(request, *body);
  if (!given) return;
  web.ask(request, web.neighbours.people,
          set_up{*token, given->name, given->password, request->by().address},
          [&web, request](const opened_session& opened) {
            request->answer(signed_in(web, request, opened));
          });
}

void get_session(web_state& web, const call_ptr& request) {
  const auto& given = request->who().granted;
  if (given) return answer_json(request, session_json(web, *given));
  answer_json(request, {{"person", nullptr}, {"server", server_json(web, false)}});
}

void post_session(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  if (!body) return;
  const auto given = credentials_of(request, *body);
  if (!given) return;
  web.ask(request, web.neighbours.people,
          sign_in{given->name, given->password, request->by().address},
          [&web, request](const sign_in_outcome& outcome) {
            if (outcome.session) return request->answer(signed_in(web, request, *outcome.session));
            if (outcome.wait.count() == 0)
              return request->refuse({"session.wrong", "Name or password is wrong.",
                                      "Try again, or ask an owner for a new password.", 401});
            request->refuse_for(
                {"session.slow", "Too many wrong passwords were tried.",
                 "Wait " + std::to_string(outcome.wait.count()) + " s and try again.", 429},
                outcome.wait);
          });
}

void delete_session(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.people, sign_out{request->who().granted->digest},
          [&web, request](bool) { request->answer(signed_out(web, request)); });
}

void end_all_sessions(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.people,
          sign_out_everywhere{request->who().granted->person, request->by()},
          [&web, request](bool) { request->answer(signed_out(web, request)); });
}

void put_password(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> present;
  std::optional<std::string> wanted;
  if (!body || !read_text(request, *body, "old", present, true) ||
      !read_text(request, *body, "new", wanted, true))
    return;
  const auto& given = *request->who().granted;
  if (!given.token.empty())
    return request->refuse({"right.missing", "A key for programs may not change passwords.",
                            "Sign in on a page of this server.", 403});
  web.ask(request, web.neighbours.people,
          change_own_password{given.person, *present, *wanted, given.digest, request->by()},
          [request](bool) { request->answer(transport::no_content()); });
}

} // namespace troupe::server
