#include "apps/program.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "apps/start_memory.hpp"

#include <caf/all.hpp>

#include <cstdlib>
#include <iostream>

namespace troupe::apps {

int complain(std::string_view program, const fault& problem, int code) {
  std::cerr << program << ": " << problem.text << "\n";
  if (!problem.remedy.empty()) std::cerr << "  " << problem.remedy << "\n";
  return code;
}

std::string default_state_folder(const std::string& program) {
  if (const char* systemd = std::getenv("STATE_DIRECTORY")) return systemd;
  if (const char* state = std::getenv("XDG_STATE_HOME")) return std::string(state) + "/" + program;
  if (const char* home = std::getenv("HOME")) return std::string(home) + "/.local/state/" + program;
  return program + "-state";
}

std::vector<key> log_keys() {
  using type = key_type;
  return {{"log.level", type::text, "info", "debug, info, warning or error."},
          {"log.format", type::text, "text", "text or json, one line each."},
          {"log.file", type::boolean, "true", "Also write a log file into the state folder."}};
}

std::optional<fault> check_log(const configuration& config) {
  if (!runtime::log_level_from(config.text("log.level")))
    return fault{"config.invalid", "log.level must be debug, info, warning or error, not \"" +
                                       config.text("log.level") + "\"."};
  if (const auto format = config.text("log.format"); format != "text" && format != "json")
    return fault{"config.invalid", "log.format must be text or json, not \"" + format + "\"."};
  return std::nullopt;
}

result<bool> set_log(configuration& config, const std::string& word) {
  return config.set(word == "json" || word == "text" ? "log.format" : "log.level", word);
}

void set_up_log(const configuration& config, const std::string& program) {
  runtime::log_options options;
  options.level = *runtime::log_level_from(config.text("log.level"));
  options.json = config.text("log.format") == "json";
  if (config.boolean("log.file")) options.file = config.text("state") + "/" + program + ".log";
  runtime::configure_log(options);
}

result<bool> gather(configuration& config, const given_settings& given,
                    const std::string& program) {
  if (!given.file.empty())
    if (auto read = config.read_file(given.file); !read) return read;
  if (auto read = config.read_environment(); !read) return read;
  for (const auto& [name, value] : given.values)
    if (value)
      if (auto set = config.set(name, *value); !set) return set;
  if (given.log)
    if (auto set = set_log(config, *given.log); !set) return set;
  for (const auto& [name, values] : given.lists)
    for (const auto& each : values)
      if (auto added = config.add(name, each); !added) return added;
  if (config.text("state").empty()) return config.set("state", default_state_folder(program));
  return true;
}

void run_until_ended(runtime::loop& loop, const caf::actor& root) {
  // Held: CAF ends an actor that nobody can reach, also while it monitors another.
  const auto watcher =
      loop.system().spawn([&loop, &root](caf::event_based_actor* self) -> caf::behavior {
        self->set_down_handler([&loop, self](const caf::down_msg&) {
          loop.stop();
          self->quit();
        });
        self->monitor(root);
        return {[](caf::unit_t) {}};
      });
  give_back_start_memory(loop.io_context());
  loop.run();
}

} // namespace troupe::apps
