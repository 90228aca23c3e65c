#include "actors/runtime/log.hpp"
#include "actors/runtime/loop.hpp"
#include "actors/server/whole_server.hpp"
#include "apps/configuration.hpp"
#include "apps/discovery_settings.hpp"
#include "apps/program.hpp"
#include "store/state_folder.hpp"
#include "transport/names.hpp"
#include "transport/url.hpp"

#include <caf/all.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <sys/resource.h>
#include <utility>

namespace {

using namespace troupe;
using apps::exit_start;
using apps::exit_usage;

constexpr const char* program = "troupe-server";

std::vector<apps::key> server_keys() {
  using type = apps::key_type;
  std::vector<apps::key> keys{
      {"state", type::text, "", "Folder for everything the server keeps; made when it is missing."},
      {"database", type::text, "sqlite",
       "sqlite (a file in the state folder), or postgresql://USER@HOST/NAME."},
      {"server.name", type::text, "Troupe",
       "What a new server is called; later its owner names it on its pages."},
      {"server.public_url", type::text, "",
       "How browsers and boxes reach this server, such as https://fleet.example.com; empty: as "
       "they "
       "called it."},
      {"http.port", type::integer, "8080", "Port of pages, interfaces and boxes; 0: any free one.",
       0, 65535},
      {"http.listen", type::text_list, "::", "Addresses to listen on; :: takes IPv4 too."},
      {"http.host_names", type::text_list, "", "Further names by which this server may be called."},
      {"http.web_folder", type::text, "", "Serve the pages from this folder (for work on them)."},
      {"http.connections", type::integer, "25000",
       "Connections at a time, those of boxes included.", 16, 1000000},
      {"http.connections_per_address", type::integer, "25000",
       "Of those, from one address: all boxes of a site may come from one.", 16, 1000000},
  };
  keys.push_back({"discovery.listen", type::boolean, "true",
                  "Find boxes that announce themselves in the server's networks (mDNS)."});
  keys.push_back({"discovery.ranges", type::text_list, "",
                  "Private ranges that are searched for boxes when nobody says others, such as "
                  "192.168.1.0/24; empty: the networks that the server is on."});
  keys.push_back({"discovery.domains", type::text_list, "",
                  "Domains whose DNS lists boxes (_troupe._tcp, RFC 6763), such as "
                  "shop.example.org: for networks that multicast does not reach."});
  for (auto& each : apps::discovery_keys())
    keys.push_back(each);
  for (auto& each : apps::log_keys())
    keys.push_back(each);
  return keys;
}

struct command_line {
  std::string config_file;
  std::optional<std::string> state, database, name, public_url, http_port, log, web;
  std::vector<std::string> listen;
  std::string checked_file;
};

apps::given_settings settings_of(const command_line& given) {
  return {given.checked_file.empty() ? given.config_file : given.checked_file,
          given.log,
          {{"state", given.state},
           {"database", given.database},
           {"server.name", given.name},
           {"server.public_url", given.public_url},
           {"http.port", given.http_port},
           {"http.web_folder", given.web}},
          {{"http.listen", given.listen}}};
}

/// What the types of the keys cannot tell.
std::optional<fault> check(const apps::configuration& config) {
  if (auto problem = apps::check_log(config)) return problem;
  if (auto problem = apps::check_discovery(config)) return problem;
  if (const auto ranges = server::sweep_addresses_of(config.list("discovery.ranges")); !ranges)
    return fault{"config.invalid", "discovery.ranges: " + ranges.error().text,
                 ranges.error().remedy};
  const auto database = config.text("database");
  if (database != "sqlite" && !database.starts_with("postgresql://"))
    return fault{"config.invalid", "database must be sqlite or postgresql://USER@HOST/NAME."};
  if (auto name = transport::checked_name(config.text("server.name"), "config.invalid"); !name)
    return fault{"config.invalid", "server.name: " + name.error().text};
  const auto url = config.text("server.public_url");
  if (url.empty()) return std::nullopt;
  const auto parsed = transport::parse_url(url);
  if (!parsed || !parsed->scheme.starts_with("http") || parsed->target != "/" || url.ends_with("/"))
    return fault{"config.invalid", "server.public_url: \"" + url + "\" is no address of a server.",
                 "Write scheme, host and port: https://fleet.example.com."};
  return std::nullopt;
}

std::string own_url(const apps::configuration& config, std::uint16_t port) {
  const auto url = config.text("server.public_url");
  return url.empty() ? "http://localhost:" + std::to_string(port) : url;
}

/// Each linked box holds a connection open. Gives how many there may be.
std::size_t raise_file_limit(std::size_t wanted) {
  constexpr std::size_t others = 256;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, wanted + others);
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0 && ::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return wanted;
  return std::min<std::size_t>(wanted, std::max<std::size_t>(files.rlim_cur, 2 * others) - others);
}

server::web_options web_options_from(const apps::configuration& config) {
  server::web_options options;
  options.listen_addresses = config.list("http.listen");
  options.http_port = static_cast<std::uint16_t>(config.integer("http.port"));
  options.host_names = config.list("http.host_names");
  options.public_url = config.text("server.public_url");
  options.web_folder = config.text("http.web_folder");
  const auto wanted = static_cast<std::size_t>(config.integer("http.connections"));
  options.connections = raise_file_limit(wanted);
  if (options.connections < wanted)
    std::cerr << program << ": this machine allows " << options.connections
              << " connections at a time, not " << wanted << " (ulimit -n)\n";
  options.connections_per_address =
      static_cast<std::size_t>(config.integer("http.connections_per_address"));
  return options;
}

server::discovery_settings discovery_from(const apps::configuration& config, runtime::loop& loop) {
  server::discovery_settings out;
  if (config.boolean("discovery.listen"))
    out.listen = server::avahi_listener(loop.io_context(), apps::responder_options_from(config));
  out.domains = config.list("discovery.domains");
  out.ranges = config.list("discovery.ranges");
  return out;
}

/// Says where the server is, and how to set it up, once both are known.
class announcer {
public:
  explicit announcer(const apps::configuration& config) : config_(config) {}
  bool listening() const { return port_ != 0; }
  void listens(std::uint16_t port) {
    port_ = port;
    std::cout << program << ": " << own_url(config_, port) << "/" << std::endl;
    tell_link();
  }
  void setup(const std::optional<std::string>& token) {
    token_ = token;
    tell_link();
  }

private:
  void tell_link() {
    if (port_ == 0 || !token_) return;
    std::cout << program << ": set it up once at " << own_url(config_, port_)
              << "/#setup=" << *std::exchange(token_, std::nullopt) << std::endl;
  }
  const apps::configuration& config_;
  std::uint16_t port_ = 0;
  std::optional<std::string> token_;
};

/// Runs the server until a signal or a part that cannot start. Gives the exit code.
int run(const apps::configuration& config) {
  const std::filesystem::path state(config.text("state"));
  const auto folder = store::state_folder::open(state);
  if (!folder) return apps::complain(program, folder.error(), exit_start);
  apps::set_up_log(config, program);
  runtime::limits limits;
  runtime::metrics metrics;
  int code = 0;
  runtime::loop loop;
  runtime::workers workers(loop, {.threads = 2, .queued_jobs = 4096});
  const server::services shared{
      loop.io_context(),
      workers,
      limits,
      metrics,
      state,
      TROUPE_VERSION,
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())};
  announcer told(config);
  runtime::supervisor_actor root;
  bool ending = false;
  const auto end = [&] {
    if (std::exchange(ending, true)) return;
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  };
  auto web = web_options_from(config);
  web.listening = [&](std::uint16_t port) { told.listens(port); };
  server::server_options options;
  const auto database = config.text("database");
  options.store.url =
      database == "sqlite" ? "sqlite:" + (state / "fleet.sqlite").string() : database;
  options.name = config.text("server.name");
  options.further = server::people_and_web(shared, {[&](const auto& token) { told.setup(token); }},
                                           std::move(web), discovery_from(config, loop));
  options.observer = [&](const runtime::child_changed& change) {
    if (told.listening() || ending || change.reason.empty()) return;
    // At start-up a part that fails is told at once; later its supervisor tries again.
    code = apps::complain(program, {"server.start", change.reason}, exit_start);
    end();
  };
  auto spawned = server::spawn_server(loop.system(), shared, std::move(options));
  if (!spawned) {
    runtime::flush_log();
    return apps::complain(program, spawned.error(), exit_start);
  }
  root = *spawned;
  loop.stop_on_signals([&](int) { end(); });
  apps::run_until_ended(loop, caf::actor_cast<caf::actor>(root));
  root = nullptr;
  *spawned = nullptr;
  runtime::flush_log();
  return code;
}

int show_setup_link(const apps::configuration& config) {
  std::ifstream in(std::filesystem::path(config.text("state")) / server::setup_link_file);
  std::string token;
  if (!(in >> token))
    return apps::complain(
        program,
        {"server.no_setup_link", "There is no set-up link in " + config.text("state") + ".",
         "It is made when the server first starts, and is gone once an owner has set it up. Name "
         "the folder with --state."},
        exit_start);
  const auto port = static_cast<std::uint16_t>(config.integer("http.port"));
  std::cout << own_url(config, port) << "/#setup=" << token << "\n";
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  // One heap for all threads; what a password or a long list took goes back at once.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  command_line given;
  apps::configuration config(server_keys(), "TROUPE_SERVER");
  CLI::App app{"troupe-server: the server behind a fleet of IoT boxes."};
  app.set_version_flag("--version", std::string(program) + " " + TROUPE_VERSION);
  app.add_option("--config", given.config_file, "Configuration file (TOML)")
      ->check(CLI::ExistingFile);
  app.add_option("--state", given.state, "Folder for everything the server keeps");
  app.add_option("--http-port", given.http_port, "Port of pages, interfaces and boxes (8080)");
  app.add_option("--listen", given.listen, "Address to listen on; repeatable (all)");
  app.add_option("--database", given.database, "sqlite, or postgresql://USER@HOST/NAME");
  app.add_option("--server-name", given.name, "What a new server is called");
  app.add_option("--public-url", given.public_url,
                 "How browsers and boxes reach this server: https://fleet.example.com");
  app.add_option("--log", given.log, "debug, info, warning, error; or text, json");
  app.add_option("--web", given.web,
                 "Serve the pages from this folder instead of the embedded ones");
  app.footer("Example: troupe-server --state ./server-state --http-port 8080\n"
             "\"config keys\" lists all settings.");
  app.fallthrough();
  auto* config_command =
      app.add_subcommand("config", "Look at the configuration")->require_subcommand(1);
  auto* check_command =
      config_command->add_subcommand("check", "Check a file, the environment and the options");
  check_command->add_option("file", given.checked_file, "Configuration file (TOML)");
  auto* show_command =
      config_command->add_subcommand("show", "Show what is in force, and where it comes from");
  auto* keys_command = config_command->add_subcommand("keys", "List all settings");
  auto* link_command =
      app.add_subcommand("setup-link", "Show the one-time link by which the first owner comes in");
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  if (*keys_command) return std::cout << config.describe(), 0;
  if (auto gathered = apps::gather(config, settings_of(given), program); !gathered)
    return apps::complain(program, gathered.error(), exit_usage);
  if (const auto problem = check(config)) return apps::complain(program, *problem, exit_usage);
  if (*show_command) return std::cout << config.show(), 0;
  if (*check_command) return std::cout << "The configuration is good.\n", 0;
  if (*link_command) return show_setup_link(config);
  return run(config);
}
