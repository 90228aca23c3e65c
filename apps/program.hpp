#pragma once

#include "actors/runtime/loop.hpp"
#include "apps/configuration.hpp"
#include "messages/result.hpp"

#include <caf/actor.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the programs that run until a signal share.
namespace troupe::apps {

inline constexpr int exit_usage = 2; ///< bad options or configuration
inline constexpr int exit_start = 1; ///< right options, but it cannot start or had to stop

/// Says what is wrong and what to do, on stderr; gives `code`.
int complain(std::string_view program, const fault& problem, int code);

/// Where a program keeps what it keeps when nobody says: systemd's folder, XDG's, or one here.
std::string default_state_folder(const std::string& program);

/// The keys of the log, which every program has.
std::vector<key> log_keys();
/// What the types of those keys cannot tell.
std::optional<fault> check_log(const configuration& config);
/// `--log`: a level, or text or json.
result<bool> set_log(configuration& config, const std::string& word);
void set_up_log(const configuration& config, const std::string& program);

/// What the command line gave, beside the file and the environment.
struct given_settings {
  std::string file; ///< TOML; empty: none
  std::optional<std::string> log;
  std::vector<std::pair<std::string_view, std::optional<std::string>>> values;
  std::vector<std::pair<std::string_view, std::vector<std::string>>> lists;
};
/// Puts file, environment and options together; what is left to say of `state` is the default.
result<bool> gather(configuration& config, const given_settings& given, const std::string& program);

/// Runs the loop until `root` has ended.
void run_until_ended(runtime::loop& loop, const caf::actor& root);

} // namespace troupe::apps
