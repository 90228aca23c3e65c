#pragma once

#include "messages/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

/// Which server the command line speaks to, and the token it shows there.
namespace troupe::apps {

inline constexpr const char* default_server = "http://localhost:8080";

/// What `troupe login` keeps, in a file that only its owner may read.
struct login {
  std::string server = default_server; ///< "http://server:8080", without a path
  std::string token{};                 ///< empty: none
  std::string token_id{};              ///< for `troupe logout`
  std::string person{};
};

/// $XDG_CONFIG_HOME/troupe/login.json, or the same below ~/.config.
std::filesystem::path login_file();
/// Fault "usage.login_open" when others may read the file, "usage.login_damaged"; nothing when
/// there is none.
result<std::optional<login>> read_login(const std::filesystem::path& file);
result<bool> write_login(const std::filesystem::path& file, const login& kept);

/// Puts together what counts: the option, then TROUPE_SERVER and TROUPE_TOKEN, then the file. The
/// file's token is for the file's server only.
struct login_sources {
  std::string server_option;
  std::string server_environment;
  std::string token_environment;
  std::optional<login> kept;
};
result<login> choose_login(const login_sources& sources);

/// Scheme, host and port of an address as people write it ("server", "server:8080",
/// "http://server/"). Fault "usage.server".
result<std::string> server_origin(const std::string& text);

} // namespace troupe::apps
