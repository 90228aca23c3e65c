#pragma once

#include "apps/troupe/caller.hpp"
#include "apps/troupe/exit_codes.hpp"
#include "messages/value.hpp"

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace troupe::apps {

/// What every command has: where to write, how, and the server.
struct command_context {
  std::ostream& out;
  std::ostream& err;
  bool json = false;
  std::string server_option{};
  std::size_t columns = 100;     ///< of the terminal
  std::function<int()> chosen{}; ///< set by parsing: the command to run

  /// The server and the person's token; read when first wanted.
  result<caller*> server();
  /// Tells a fault, in words or as JSON, and gives the exit code that fits.
  int complain(const fault& problem);

  std::unique_ptr<caller> calling{};
};

/// The whole command line. Parsing it sets `chosen`; each adds its own part.
std::unique_ptr<CLI::App> make_program(command_context& context);
void add_login_commands(CLI::App& program, command_context& context);
void add_box_commands(CLI::App& program, command_context& context);
void add_discover_commands(CLI::App& program, command_context& context);
void add_device_commands(CLI::App& program, command_context& context);
void add_event_commands(CLI::App& program, command_context& context);
void add_point_commands(CLI::App& program, command_context& context);
void add_token_commands(CLI::App& program, command_context& context);
void add_trace_commands(CLI::App& program, command_context& context);
void add_completion_commands(CLI::App& program, command_context& context);

/// Runs a whole command line; gives the exit code.
int run_program(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

} // namespace troupe::apps
