#include "apps/troupe/program.hpp"
#include "apps/troupe/prompt.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <ostream>
#include <unistd.h>

namespace troupe::apps {
namespace {

struct login_arguments {
  std::string name;
  std::string scope;
  bool with_token = false;
};

/// What a signed-in page would hold.
struct session {
  std::string cookie;
  std::string csrf;
  std::string person;
  std::string role;
  transport::header_list headers() const {
    return {{"Cookie", cookie}, {"X-CSRF-Token", csrf}, {"Content-Type", "application/json"}};
  }
};

result<session> sign_in(caller& server, const std::string& name, const std::string& password) {
  const auto body = to_json(value(value::object{{"name", name}, {"password", password}}));
  auto answer = server.exchange({.method = "POST",
                                 .url = "/api/v1/session",
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = body});
  if (!answer) return answer.error();
  if (answer->status >= 300) {
    auto told = refusal(*answer);
    if (answer->status == 401) told.remedy = "Check name and password.";
    return told;
  }
  const auto content = from_json<value>(answer->body);
  const auto cookie = answer->header("Set-Cookie");
  if (!content || cookie.empty())
    return fault{"server.answer", server.where().server + " does not answer like a Troupe server.",
                 "Check the address.", 502};
  const auto& person = (*content)["person"];
  return session{std::string(cookie.substr(0, cookie.find(';'))), content->text_or("csrf"),
                 person.text_or("name", name), person.text_or("role")};
}

/// The scope that a role can give; an owner may ask for less.
std::string scope_for(const std::string& role) {
  if (role == "owner") return "manage";
  return role == "operator" ? "operate" : "read";
}

std::string machine_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "somewhere";
}

result<login> make_token(caller& server, const session& signed_in, const std::string& scope) {
  const auto body =
      to_json(value(value::object{{"name", "troupe on " + machine_name()}, {"scope", scope}}));
  auto answer = server.exchange(
      {.method = "POST", .url = "/api/v1/tokens", .headers = signed_in.headers(), .body = body});
  // The session was only for this; whether its end arrives changes nothing for the person.
  (void)server.exchange(
      {.method = "DELETE", .url = "/api/v1/session", .headers = signed_in.headers()});
  if (!answer) return answer.error();
  if (answer->status >= 300) {
    auto told = refusal(*answer);
    if (answer->status == 403)
      told.remedy =
          "Have an owner make a token in the settings, and use troupe login --with-token.";
    return told;
  }
  const auto content = from_json<value>(answer->body);
  if (!content || content->text_or("secret").empty())
    return fault{"server.answer", "The server gave no token.", "", 502};
  return login{server.where().server, content->text_or("secret"), content->text_or("id"),
               signed_in.person};
}

int tell_login(command_context& context, const login& kept) {
  if (auto written = write_login(login_file(), kept); !written)
    return context.complain(written.error());
  if (context.json) {
    context.out << to_json(value(value::object{{"server", kept.server}, {"person", kept.person}}))
                << "\n";
    return all_well;
  }
  context.out << "Logged in to " << kept.server
              << (kept.person.empty() ? "" : " as " + printable(kept.person)) << ".\n";
  if (kept.server.starts_with("http://") && kept.server.find("//localhost") == std::string::npos &&
      kept.server.find("//127.0.0.1") == std::string::npos)
    context.err << "Mind: over http:// whoever listens in this network can read the token.\n";
  return all_well;
}

int take_token(command_context& context, login where) {
  auto token = ask_secret("Token: ");
  if (!token) return context.complain(token.error());
  where.token = *token;
  where.token_id.clear();
  where.person.clear();
  caller server(where);
  if (auto works = server.get("/api/v1/server"); !works) return context.complain(works.error());
  return tell_login(context, where);
}

int log_in(command_context& context, const login_arguments& arguments) {
  auto chosen = context.server();
  if (!chosen) return context.complain(chosen.error());
  auto where = (*chosen)->where();
  if (arguments.with_token) return take_token(context, where);
  auto name = arguments.name.empty() ? ask_line("Name: ") : result<std::string>(arguments.name);
  if (!name) return context.complain(name.error());
  auto password = ask_secret("Password: ");
  if (!password) return context.complain(password.error());
  caller server(login{.server = where.server});
  auto signed_in = sign_in(server, *name, *password);
  if (!signed_in) return context.complain(signed_in.error());
  const auto scope = arguments.scope.empty() ? scope_for(signed_in->role) : arguments.scope;
  auto made = make_token(server, *signed_in, scope);
  if (!made) return context.complain(made.error());
  return tell_login(context, *made);
}

int log_out(command_context& context) {
  const auto file = login_file();
  auto kept = read_login(file);
  if (!kept) return context.complain(kept.error());
  if (!*kept) return context.complain({"login.missing", "You are not logged in.", "", 401});
  std::optional<fault> problem;
  if (!(*kept)->token_id.empty()) {
    caller server(**kept);
    auto revoked =
        server.send("DELETE", "/api/v1/tokens/" + transport::percent_encode((*kept)->token_id), {});
    if (!revoked && revoked.error().status != 401 && revoked.error().status != 404)
      problem = revoked.error();
  }
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  if (problem) {
    problem->remedy =
        "The token is removed here but still valid: revoke it in the server's settings.";
    return context.complain(*problem);
  }
  if (!context.json) context.out << "Logged out of " << (*kept)->server << ".\n";
  return all_well;
}

int show_status(command_context& context) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto body = (*server)->get("/api/v1/server");
  if (!body) return context.complain(body.error());
  if (context.json) return context.out << *body << "\n", all_well;
  const auto content = from_json<value>(*body);
  if (!content) return context.complain(content.error());
  context.out << printable(content->text_or("name", "Troupe server")) << " at "
              << (*server)->where().server << ", version " << printable(content->text_or("version"))
              << "\n";
  const auto number = [&](const char* member) {
    const auto* found = (*content)[member].as_integer();
    return found == nullptr ? std::int64_t{0} : *found;
  };
  context.out << "  " << number("boxes") << " boxes, " << number("online") << " of them online; up "
              << rough(std::chrono::seconds(number("uptime_s"))) << ", "
              << number("memory_bytes") / (1024 * 1024) << " MB\n";
  return all_well;
}

} // namespace

void add_login_commands(CLI::App& program, command_context& context) {
  auto arguments = std::make_shared<login_arguments>();
  auto* in = program.add_subcommand("login", "Make an API token on the server and keep it here");
  in->add_option("--name", arguments->name, "Your name on the server; asked for when missing");
  in->add_option("--scope", arguments->scope,
                 "What the token may do: read, operate or manage; by default as much as you may")
      ->check(CLI::IsMember({"read", "operate", "manage"}));
  in->add_flag("--with-token", arguments->with_token,
               "Keep a token that you have; it is read from the terminal or standard input");
  in->footer("The password is asked for without echo; without a terminal it is the next line of "
             "standard input.\nThe token is kept in " +
             std::string("$XDG_CONFIG_HOME/troupe/login.json, for you alone."));
  in->callback([&context, arguments] {
    context.chosen = [&, arguments] { return log_in(context, *arguments); };
  });
  auto* out = program.add_subcommand("logout", "Revoke the kept token and forget it");
  out->callback([&context] { context.chosen = [&] { return log_out(context); }; });
  auto* status = program.add_subcommand("status", "Show the server and how its fleet is");
  status->callback([&context] { context.chosen = [&] { return show_status(context); }; });
}

} // namespace troupe::apps
