#include "apps/troupe/program.hpp"

#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace troupe::apps {
namespace {

std::string environment(const char* name) {
  const char* found = std::getenv(name);
  return found == nullptr ? "" : found;
}

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const int columns = std::atoi(environment("COLUMNS").c_str());
  return columns > 0 ? static_cast<std::size_t>(columns) : 100;
}

constexpr const char* footer =
    "A box or a device may be given by id, by name, or by the start of either.\n"
    "TROUPE_SERVER and TROUPE_TOKEN stand in for what troupe login keeps.\n"
    "Returns 0 when done, 1 when it went wrong, 2 for a wrong option, 3 when there is no such "
    "thing,\n"
    "4 when you are not logged in or may not, 5 when the server does not answer, 6 when the "
    "outcome\n"
    "is not known (yet).\n"
    "Examples:\n"
    "  troupe login --server http://server:8080\n"
    "  troupe connect BCDF-GHJK\n"
    "  troupe device do Kitchen counter print --text 'Hello' --wait\n"
    "  troupe event tail --box Kitchen";

} // namespace

result<caller*> command_context::server() {
  if (!calling) {
    login_sources sources{server_option, environment("TROUPE_SERVER"), environment("TROUPE_TOKEN"),
                          std::nullopt};
    // Who gives both by the environment needs no file, and no home.
    if (sources.token_environment.empty() || sources.server_environment.empty()) {
      auto kept = read_login(login_file());
      if (!kept) return kept.error();
      sources.kept = std::move(*kept);
    }
    auto chosen = choose_login(sources);
    if (!chosen) return chosen.error();
    calling = std::make_unique<caller>(std::move(*chosen));
  }
  return calling.get();
}

int command_context::complain(const fault& problem) {
  if (json) {
    err << to_json(value(value::object{{"code", problem.code},
                                       {"text", problem.text},
                                       {"remedy", problem.remedy},
                                       {"exit_code", static_cast<int>(exit_code_of(problem))}}))
        << "\n";
  } else {
    err << "troupe: " << printable(problem.text) << "\n";
    if (!problem.remedy.empty()) err << "  " << printable(problem.remedy) << "\n";
  }
  return exit_code_of(problem);
}

std::unique_ptr<CLI::App> make_program(command_context& context) {
  auto program = std::make_unique<CLI::App>(
      "troupe: your boxes from the command line, through their server.", "troupe");
  program->set_version_flag("--version", std::string("troupe ") + TROUPE_VERSION);
  program->add_option("--server", context.server_option,
                      "The server, such as http://server:8080 (also TROUPE_SERVER)");
  program->add_flag("--json", context.json, "Write JSON, as the server gives it, for programs");
  program->require_subcommand(1);
  program->fallthrough();
  program->footer(footer);
  context.columns = terminal_columns();
  add_login_commands(*program, context);
  add_box_commands(*program, context);
  add_discover_commands(*program, context);
  add_device_commands(*program, context);
  add_event_commands(*program, context);
  add_trace_commands(*program, context);
  add_point_commands(*program, context);
  add_token_commands(*program, context);
  add_completion_commands(*program, context);
  return program;
}

int run_program(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  command_context context{out, err};
  const auto program = make_program(context);
  try {
    program->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program->exit(error, out, err) == 0 ? all_well : bad_usage;
  }
  return context.chosen();
}

} // namespace troupe::apps
