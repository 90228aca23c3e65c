#include "apps/troupe/login.hpp"

#include "messages/codec.hpp"
#include "transport/url.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::apps {
namespace {

fault not_written(const std::filesystem::path& file) {
  return {"login.not_written", file.string() + ": " + std::strerror(errno) + ".",
          "Set XDG_CONFIG_HOME to a folder of yours, or use TROUPE_SERVER and TROUPE_TOKEN.", 500};
}

} // namespace

std::filesystem::path login_file() {
  std::filesystem::path folder;
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != 0)
    folder = config;
  else if (const char* home = std::getenv("HOME"); home != nullptr)
    folder = std::filesystem::path(home) / ".config";
  return folder / "troupe" / "login.json";
}

result<std::optional<login>> read_login(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return std::optional<login>{};
  if ((facts.st_mode & 077) != 0)
    return fault{"usage.login_open", "Others may read " + file.string() + ", which holds a token.",
                 "Run: chmod 600 " + file.string() +
                     ", and log in again when you do not know who did."};
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto content = from_json<value>(text);
  if (!content || content->as_object() == nullptr)
    return fault{"usage.login_damaged", file.string() + " cannot be read.",
                 "Run troupe login again."};
  return std::optional<login>{login{content->text_or("server", default_server),
                                    content->text_or("token"), content->text_or("token_id"),
                                    content->text_or("person")}};
}

result<bool> write_login(const std::filesystem::path& file, const login& kept) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  ::chmod(file.parent_path().c_str(), 0700);
  const auto text = to_json(value(value::object{{"server", kept.server},
                                                {"token", kept.token},
                                                {"token_id", kept.token_id},
                                                {"person", kept.person}})) +
                    "\n";
  // A new file takes the old one's place: at no moment is it half written or open to others.
  const auto fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const int handle = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (handle < 0) return not_written(file);
  const bool written =
      ::write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(handle) != 0 || !written || ::rename(fresh.c_str(), file.c_str()) != 0)
    return not_written(file);
  return true;
}

result<login> choose_login(const login_sources& sources) {
  login chosen = sources.kept.value_or(login{});
  const auto& named =
      sources.server_option.empty() ? sources.server_environment : sources.server_option;
  if (!named.empty()) {
    auto origin = server_origin(named);
    if (!origin) return origin.error();
    if (*origin != chosen.server) chosen = login{.server = *origin};
  }
  if (!sources.token_environment.empty()) {
    chosen.token = sources.token_environment;
    chosen.token_id.clear();
  }
  return chosen;
}

result<std::string> server_origin(const std::string& text) {
  const auto parsed =
      transport::parse_url(text.find("://") == std::string::npos ? "http://" + text : text);
  if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https") || parsed->target != "/" ||
      !parsed->user.empty())
    return fault{"usage.server", "\"" + text + "\" is no address of a server.",
                 "Write it like http://server:8080."};
  return parsed->origin();
}

} // namespace troupe::apps
