#include "apps/troupe/program.hpp"
#include "apps/troupe/show.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"
#include "messages/time.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <ctime>
#include <ostream>

namespace troupe::apps {
namespace {

constexpr const char* path = "/api/v1/connection-tokens";

struct token_arguments {
  std::string note, until, url, id;
  std::uint32_t boxes = 1, days = 30;
};
using arguments_ptr = std::shared_ptr<token_arguments>;

/// The end of a day ("2030-01-31") where the person is, or a time as RFC 3339 has it.
result<time_point> end_of(const token_arguments& given) {
  if (given.until.empty()) return runtime_now() + std::chrono::hours(24) * given.days;
  if (const auto at = from_rfc3339(given.until)) return *at;
  std::tm day{};
  const char* rest = ::strptime(given.until.c_str(), "%Y-%m-%d", &day);
  if (rest == nullptr || *rest != '\0')
    return fault{"usage.until", "\"" + given.until + "\" is no date.",
                 "Write it as 2030-01-31, or as 2030-01-31T12:00:00Z."};
  day.tm_hour = 23;
  day.tm_min = day.tm_sec = 59;
  day.tm_isdst = -1;
  return time_point(std::chrono::seconds(std::mktime(&day)));
}

int create(command_context& context, const token_arguments& given) {
  const auto end = end_of(given);
  if (!end) return context.complain(end.error());
  auto server = context.server();
  if (!server) return context.complain(server.error());
  value::object body{
      {"note", given.note}, {"boxes", std::int64_t{given.boxes}}, {"expires", to_rfc3339(*end)}};
  if (!given.url.empty()) body["url"] = given.url;
  const auto answer = (*server)->send("POST", path, to_json(value(std::move(body))));
  if (!answer) return context.complain(answer.error());
  if (context.json) return context.out << *answer << "\n", all_well;
  const auto made = from_json<value>(*answer);
  if (!made) return context.complain(made.error());
  // Alone on its line, so that it can go into a file or a pipe.
  context.out << made->text_or("token") << "\n";
  return all_well;
}

std::string shown_time(const value& of, std::string_view member) {
  const auto at = from_rfc3339(of.text_or(member));
  return at ? local_time(*at) : std::string();
}

int list(command_context& context, const token_arguments&) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto body = (*server)->get(path);
  if (!body) return context.complain(body.error());
  if (context.json) return context.out << *body << "\n", all_well;
  const auto read = from_json<value>(*body);
  if (!read) return context.complain(read.error());
  const auto* tokens = (*read)["tokens"].as_list();
  if (tokens == nullptr || tokens->empty())
    return context.out << "There are no connection tokens.\n", all_well;
  text_table table({"ID", "NOTE", "STATE", "LEFT", "UNTIL", "BY"});
  for (const auto& each : *tokens)
    table.add({each.text_or("id"), each.text_or("note"), each.text_or("state"),
               to_json(each["uses_left"]) + " of " + to_json(each["boxes"]),
               shown_time(each, "expires"), each.text_or("made_by")});
  context.out << table.text();
  return all_well;
}

int revoke(command_context& context, const token_arguments& given) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto answer =
      (*server)->send("DELETE", std::string(path) + "/" + transport::percent_encode(given.id), "");
  if (!answer) return context.complain(answer.error());
  if (context.json)
    context.out << to_json(value(value::object{{"id", given.id}, {"state", "revoked"}})) << "\n";
  else
    context.out << "No further box comes with this token.\n";
  return all_well;
}

void choose(CLI::App& command, command_context& context, const arguments_ptr& given,
            int (*run)(command_context&, const token_arguments&)) {
  command.callback([&context, given, run] {
    context.chosen = [&context, given, run] { return run(context, *given); };
  });
}

} // namespace

void add_token_commands(CLI::App& program, command_context& context) {
  auto given = std::make_shared<token_arguments>();
  auto* token = program.add_subcommand("token", "Connection tokens: boxes come without a code")
                    ->require_subcommand(1);
  auto* make = token->add_subcommand("create", "Make a token and write it out");
  make->add_option("--note", given->note, "What it is for");
  make->add_option("--boxes", given->boxes, "How many boxes may come with it")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  auto* days = make->add_option("--days", given->days, "How many days it is good for")
                   ->check(CLI::Range(1, 366))
                   ->capture_default_str();
  make->add_option("--until", given->until, "Its last day, such as 2030-01-31")->excludes(days);
  make->add_option("--url", given->url,
                   "Where boxes reach the server, when that is another address than yours");
  make->footer("Examples:\n"
               "  troupe token create --note Kitchen > troupe-token.txt\n"
               "  troupe token create --boxes 20 --until 2030-01-31 --json");
  choose(*make, context, given, create);
  choose(*token->add_subcommand("list", "List the tokens, without their text"), context, given,
         list);
  auto* end = token->add_subcommand("revoke", "Let no further box come with a token");
  end->add_option("id", given->id, "The token's id, as the list shows it")->required();
  choose(*end, context, given, revoke);
}

} // namespace troupe::apps
