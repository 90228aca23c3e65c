#include "actors/box/box.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "actors/box/serial_number.hpp"
#include "actors/box/server_token.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/loop.hpp"
#include "apps/configuration.hpp"
#include "apps/discovery_settings.hpp"
#include "apps/program.hpp"
#include "apps/test_connection.hpp"
#include "devices/port/port_address.hpp"
#include "sim/printer_port.hpp"
#include "sim/scale_port.hpp"
#include "store/ledger.hpp"
#include "store/state_folder.hpp"

#include <caf/all.hpp>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <unistd.h>
#include <utility>

namespace {

using namespace troupe;
using namespace std::chrono_literals;

using apps::exit_start;
using apps::exit_usage;

constexpr const char* program = "troupe-box";

std::vector<apps::key> network_keys() {
  using type = apps::key_type;
  return {
      {"network.proxy", type::text, "",
       "HTTP proxy on the way to the server, such as http://proxy.example:3128; off: none, "
       "whatever "
       "http_proxy and https_proxy say; empty: as those say, or as set on the homepage."},
      {"network.proxy_user", type::text, "", "User for the proxy; empty: no log-in."},
      {"network.proxy_password", type::secret, "", "Password for the proxy; never shown."},
      {"network.direct", type::text_list, "",
       "Hosts that are reached without the proxy: example.org, 10.0.0.0/8."},
      {"screen.kiosk", type::text, "auto",
       "Show the status page on an attached screen: auto (where there is one), on, off."},
      {"screen.browser", type::text_list, "",
       "Program that shows it, and its arguments; the page's address is added. Empty: cog, or "
       "chromium."},
      {"screen.user", type::text, "",
       "User to run the browser as, when the box runs as root; it never runs as root."},
      {"screen.language", type::text, "",
       "Language of the status page: en, de; empty: the browser's."},
      {"screen.folder", type::text, "/sys/class/drm", "Where the kernel tells of screens."},
  };
}

std::vector<apps::key> box_keys() {
  using type = apps::key_type;
  std::vector<apps::key> keys{
      {"state", type::text, "", "Folder for everything the box keeps; made when it is missing."},
      {"serial", type::text, "",
       "Serial number of the box; empty: the machine's, or a random one. Boxes that share a "
       "machine need one each."},
      {"devices", type::text_list, "",
       "Devices present from the start: NAME=ADDRESS or ADDRESS, such as "
       "kitchen=tcp://192.168.1.9:9100, scale=serial:/dev/ttyUSB0, file:/var/spool/receipts, "
       "sim:printer, sim-scale:till."},
      {"http.port", type::integer, "8069",
       "Port of the homepage and of all interfaces; 0: any free one.", 0, 65535},
      {"http.listen", type::text_list, "::", "Addresses to listen on; :: takes IPv4 too."},
      {"http.allow_origins", type::text_list, "",
       "Origins of pages that may use the devices, such as https://shop.example.com."},
      {"http.host_names", type::text_list, "", "Further names by which this box may be called."},
      {"http.web_folder", type::text, "", "Serve the pages from this folder (for work on them)."},
      {"server.url", type::text, "",
       "Address of the server that this box asks for a code, such as http://server.example:8080."},
      {"token.folders", type::text_list, "/media, /run/media",
       "Where sticks are mounted: a file troupe-token.txt on one connects a box without a server. "
       "Empty: sticks are not looked at."},
      {"pairing.adoption", type::boolean, "true",
       "A server of the same network may take in this box while it has none, for two hours from "
       "its start."},
      {"ledger.days", type::integer, "90", "How long ended actions are kept.", 1, 3650},
      {"ledger.documents_mb", type::integer, "256", "Room for what can be printed again.", 1,
       65536},
      {"ledger.actions", type::integer, "100000", "Actions kept.", 100, 10000000},
      {"ledger.events", type::integer, "100000", "Events kept.", 1000, 10000000},
      {"uplink.buffer_events", type::integer, "100000",
       "Events kept for the server while it is away.", 1000, 10000000},
      {"uplink.buffer_days", type::integer, "30", "How long they are kept.", 1, 3650},
  };
  for (auto& each : network_keys())
    keys.push_back(each);
  keys.push_back({"discovery.announce", type::boolean, "true",
                  "Announce the box in its networks (mDNS), so that it is found without an "
                  "address."});
  for (auto& each : apps::discovery_keys())
    keys.push_back(each);
  for (auto& each : apps::log_keys())
    keys.push_back(each);
  return keys;
}

/// "sim:NAME" is a simulated printer inside this program: the same one whenever it is connected.
box::port_maker simulated_printers(boost::asio::io_context& loop) {
  auto devices = std::make_shared<std::map<std::string, std::shared_ptr<sim::printer_device>>>();
  return [&loop, devices](const std::string& address) -> result<std::unique_ptr<port::byte_port>> {
    const auto name = address.substr(address.find(':') + 1);
    if (!sim::is_printer_name(name))
      return fault{"port.bad_address", "\"" + address + "\" names no simulated printer.",
                   "Write sim: and 1 to 32 of a-z 0-9 - _, such as sim:printer.", 422};
    auto& device = (*devices)[name];
    if (!device) {
      sim::device_options options;
      options.name = name;
      device = sim::printer_device::make(std::move(options), sim::loop_time(loop));
    }
    return sim::make_printer_port(device);
  };
}

/// "sim-scale:NAME" is a simulated scale inside this program; "sim-scale:NAME?adam" speaks so.
box::port_maker simulated_scales(boost::asio::io_context& loop) {
  auto devices = std::make_shared<std::map<std::string, std::shared_ptr<sim::scale_device>>>();
  return [&loop, devices](const std::string& address) -> result<std::unique_ptr<port::byte_port>> {
    auto name = address.substr(address.find(':') + 1);
    sim::scale_device_options options;
    const auto query = name.find('?');
    const bool known = query == std::string::npos ||
                       sim::scale_language_named(name.substr(query + 1), options.model.language);
    name = name.substr(0, query);
    if (!known || !sim::is_printer_name(name))
      return fault{"port.bad_address", "\"" + address + "\" names no simulated scale.",
                   "Write sim-scale: and 1 to 32 of a-z 0-9 - _, such as sim-scale:till.", 422};
    auto& device = (*devices)[name];
    if (!device) {
      options.name = name;
      device = sim::scale_device::make(std::move(options), sim::loop_time(loop));
    }
    return sim::make_scale_port(device);
  };
}

int complain(const fault& problem, int code) {
  return apps::complain(program, problem, code);
}

struct command_line {
  std::string config_file;
  std::optional<std::string> state, log, http_port, web, server, token;
  std::vector<std::string> devices, origins;
  bool test_echo = false;
  std::string checked_file;
};

apps::given_settings settings_of(const command_line& given) {
  return {given.checked_file.empty() ? given.config_file : given.checked_file,
          given.log,
          {{"state", given.state},
           {"http.port", given.http_port},
           {"http.web_folder", given.web},
           {"server.url", given.server}},
          {{"devices", given.devices}, {"http.allow_origins", given.origins}}};
}

/// Null: the proxy is not configured.
result<box::proxy_choice> proxy_from(const apps::configuration& config) {
  box::proxy_choice choice;
  choice.address = config.text("network.proxy");
  if (choice.address.empty()) return choice;
  choice.use = choice.address == "off" ? box::proxy_use::off : box::proxy_use::own;
  choice.user = config.text("network.proxy_user");
  choice.password = config.text("network.proxy_password");
  choice.direct = config.list("network.direct");
  return box::checked_proxy(std::move(choice));
}

std::optional<fault> check_network(const apps::configuration& config) {
  if (const auto proxy = proxy_from(config); !proxy)
    return fault{"config.invalid", "network.proxy: " + proxy.error().text, proxy.error().remedy};
  if (box::kiosk_wish wish{}; !from_name(config.text("screen.kiosk"), wish))
    return fault{"config.invalid",
                 "screen.kiosk: \"" + config.text("screen.kiosk") + "\" is none of auto, on, off.",
                 "Take auto."};
  const auto language = config.text("screen.language");
  if (!language.empty() && language != "en" && language != "de")
    return fault{"config.invalid", "screen.language: there is no language \"" + language + "\".",
                 "Take en or de, or leave it out."};
  return std::nullopt;
}

/// What the types of the keys cannot tell.
std::optional<fault> check(const apps::configuration& config) {
  if (auto problem = apps::check_log(config)) return problem;
  if (auto problem = apps::check_discovery(config)) return problem;
  for (const auto& each : config.list("devices")) {
    const auto device = box::parse_device(each);
    if (!device) return device.error();
    if (device->address.starts_with("sim:") || device->address.starts_with("sim-scale:")) continue;
    if (const auto address = port::parse_port_address(device->address); !address)
      return address.error();
  }
  if (const auto url = config.text("server.url"); !url.empty())
    if (const auto checked = box::checked_server_url(url); !checked) return checked.error();
  if (const auto serial = config.text("serial"); !serial.empty() && !box::is_serial(serial))
    return fault{"config.invalid", "serial: \"" + serial + "\" is no serial number.",
                 "Give 1 to 64 letters, digits and dashes, or leave it out."};
  if (auto problem = check_network(config)) return problem;
  for (const auto& each : config.list("http.allow_origins"))
    if (!each.starts_with("http://") && !each.starts_with("https://"))
      return fault{"config.invalid", "http.allow_origins: \"" + each + "\" is no origin.",
                   "Write scheme, host and port as the browser does: https://shop.example.com."};
  return std::nullopt;
}

box::box_options box_options_from(const apps::configuration& config, bool test_echo) {
  box::box_options options;
  options.limits.longest_age = std::chrono::hours(24 * config.integer("ledger.days"));
  options.limits.payload_bytes = static_cast<std::uint64_t>(config.integer("ledger.documents_mb"))
                                 << 20;
  options.limits.actions = static_cast<std::uint64_t>(config.integer("ledger.actions"));
  options.limits.events = static_cast<std::uint64_t>(config.integer("ledger.events"));
  options.limits.buffer_events = static_cast<std::uint64_t>(config.integer("uplink.buffer_events"));
  options.limits.buffer_age = std::chrono::hours(24 * config.integer("uplink.buffer_days"));
  options.homepage.listen_addresses = config.list("http.listen");
  options.homepage.http_port = static_cast<std::uint16_t>(config.integer("http.port"));
  options.homepage.allowed_origins = config.list("http.allow_origins");
  options.homepage.host_names = config.list("http.host_names");
  options.homepage.web_folder = config.text("http.web_folder");
  options.homepage.test_echo = test_echo;
  options.homepage.adoption = config.boolean("pairing.adoption");
  options.homepage.screen_language = config.text("screen.language");
  options.proxy.configured = *proxy_from(config);
  from_name(config.text("screen.kiosk"), options.kiosk.wish);
  options.kiosk.browser = config.list("screen.browser");
  options.kiosk.user = config.text("screen.user");
  options.kiosk.screens = config.text("screen.folder");
  if (const auto url = config.text("server.url"); !url.empty())
    options.link.url = *box::checked_server_url(url);
  for (const auto& each : config.list("token.folders"))
    options.token_folders.emplace_back(each);
  for (const auto& each : config.list("devices"))
    options.devices.push_back(*box::parse_device(each));
  return options;
}

/// The text of --token: as given, or what stands in the file of that name. A file that is gone when
/// the box has long been connected keeps nobody from starting it.
result<std::string> read_token(const std::string& given) {
  constexpr std::streamsize longest = 16 * 1024;
  std::string text = given;
  if (!text.starts_with(security::connection_token_prefix) &&
      text.find_first_of("|?") == std::string::npos) {
    std::ifstream in(given, std::ios::binary);
    if (!in) {
      complain({"token.no_file", "The file " + given + " cannot be opened: no token is used.",
                "Give the token itself, or the name of a file that holds it."},
               exit_usage);
      return std::string();
    }
    text.resize(longest);
    in.read(text.data(), longest);
    text.resize(static_cast<std::size_t>(in.gcount()));
  }
  const auto read = box::read_server_token(text);
  if (!read) return read.error();
  if (!read->token)
    return fault{"token.malformed", "That is no connection token of a Troupe server.",
                 "Copy the whole token as the server shows it."};
  return text;
}

/// Runs the box until a signal, a restart or a part that cannot start. Gives the exit code, or
/// nothing when it should be started anew.
std::optional<int> run(const apps::configuration& config, const std::string& token,
                       bool test_echo) {
  const std::filesystem::path state(config.text("state"));
  auto store = store::ledger::open(state, {.database = {}, .program_version = TROUPE_VERSION});
  if (!store) return complain(store.error(), exit_start);
  apps::set_up_log(config, program);
  const auto id = box::read_box_id(state, config.text("serial"));
  if (!id) return complain(id.error(), exit_start);
  auto key = security::signing_key::load_or_make(state / "box-key.pem");
  if (!key) return complain(key.error(), exit_start);

  const runtime::logger log("box");
  runtime::limits limits;
  runtime::metrics metrics;
  std::optional<int> code = 0;
  runtime::loop loop;
  runtime::workers workers(loop);
  const box::services shared{
      loop.io_context(),
      workers,
      limits,
      metrics,
      state,
      TROUPE_VERSION,
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())};
  auto options = box_options_from(config, test_echo);
  options.id = *id;
  options.link.key = *std::move(key);
  if (config.boolean("discovery.announce"))
    options.announce =
        box::avahi_announcer(loop.io_context(), apps::responder_options_from(config));
  box::way_out way;
  way.proxy = [present = options.proxy.present] { return present->settings; };
  options.link.open = box::websocket_links(loop.io_context(), std::move(way));
  options.link.token = token;
  options.link.instance = random_hex(16);
  options.link.power_on = std::chrono::steady_clock::now();
  options.store = std::make_shared<std::unique_ptr<store::ledger>>(std::move(*store));
  options.ports["sim"] = simulated_printers(loop.io_context());
  options.ports["sim-scale"] = simulated_scales(loop.io_context());
  runtime::supervisor_actor box_actor;
  bool listening = false, ending = false;
  const auto end = [&] {
    if (std::exchange(ending, true)) return;
    caf::anon_send_exit(box_actor, caf::exit_reason::user_shutdown);
  };
  options.homepage.listening = [&](std::uint16_t port) {
    listening = true;
    log.info("Homepage on port {}.", port);
    std::cout << "troupe-box: http://localhost:" << port << "/" << std::endl;
  };
  options.homepage.restart = [&] {
    code.reset();
    end();
  };
  options.observer = [&](const runtime::child_changed& change) {
    if (listening || ending || change.reason.empty()) return;
    // At start-up a part that fails is told at once; later its supervisor tries again.
    code = complain({"box.start", change.reason}, exit_start);
    end();
  };
  box_actor = box::spawn_box(loop.system(), shared, std::move(options));
  loop.stop_on_signals([&](int) { end(); });
  apps::run_until_ended(loop, caf::actor_cast<caf::actor>(box_actor));
  box_actor = nullptr;
  runtime::flush_log();
  return code;
}

} // namespace

int main(int argc, char** argv) {
  // One heap for all threads: a box has few, and each further heap keeps memory of its own.
  mallopt(M_ARENA_MAX, 1);
  command_line given;
  apps::configuration config(box_keys(), "TROUPE_BOX");
  CLI::App app{
      "troupe-box: an IoT box. Prints what tills send, loses nothing, says what is wrong."};
  app.set_version_flag("--version", std::string("troupe-box ") + TROUPE_VERSION);
  app.add_option("--config", given.config_file, "Configuration file (TOML)")
      ->check(CLI::ExistingFile);
  app.add_option("--state", given.state, "Folder for everything the box keeps");
  app.add_option("--http-port", given.http_port, "Port of the homepage and all interfaces (8069)");
  app.add_option("--devices", given.devices,
                 "Devices: NAME=ADDRESS,… (printer=tcp://127.0.0.1:9100, "
                 "scale=serial:/dev/ttyUSB0, file:DIR, sim:printer, sim-scale:NAME)");
  app.add_option("--allow-origin", given.origins,
                 "Origin of a page that may use the devices; repeatable");
  app.add_option("--server", given.server,
                 "Address of the server: where to ask for a code (http://server.example:8080)");
  app.add_option("--token", given.token,
                 "Connection token of a server, or a file with one: the box connects without a "
                 "code");
  app.add_option("--log", given.log, "debug, info, warning, error; or text, json");
  app.add_option("--web", given.web,
                 "Serve the pages from this folder instead of the embedded ones");
  app.add_flag("--test-echo", given.test_echo,
               "Open a WebSocket echo at /test/echo for conformance suites");
  app.footer("Example: troupe-box --state ./state --devices counter=tcp://127.0.0.1:9100 "
             "--allow-origin https://shop.example.com\n\"config keys\" lists all settings.");
  app.fallthrough(); // "setup-code --state DIR" is as good as "--state DIR setup-code"
  auto* config_command =
      app.add_subcommand("config", "Look at the configuration")->require_subcommand(1);
  auto* check_command =
      config_command->add_subcommand("check", "Check a file, the environment and the options");
  check_command->add_option("file", given.checked_file, "Configuration file (TOML)");
  auto* show_command =
      config_command->add_subcommand("show", "Show what is in force, and where it comes from");
  auto* keys_command = config_command->add_subcommand("keys", "List all settings");
  auto* code_command = app.add_subcommand("setup-code", "Show the setup code of the box");
  auto* identifier_command = app.add_subcommand(
      "identifier", "Show the identifier of the box; at the first time it is made and kept");
  auto* test_command =
      app.add_subcommand("test-connection", "Have the running box test its way to the server");
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  if (*keys_command) return std::cout << config.describe(), 0;
  if (auto gathered = apps::gather(config, settings_of(given), program); !gathered)
    return complain(gathered.error(), exit_usage);
  if (const auto problem = check(config)) return complain(*problem, exit_usage);
  if (*show_command) return std::cout << config.show(), 0;
  if (*check_command) return std::cout << "The configuration is good.\n", 0;
  if (*code_command) {
    const auto code = box::expect_setup_code(config.text("state"));
    if (!code) return complain(code.error(), exit_start);
    return std::cout << *code << "\n", 0;
  }
  if (*identifier_command) {
    const std::filesystem::path state(config.text("state"));
    if (!exists(state)) // a box that runs holds its folder; nothing is to be made there then
      if (const auto made = store::state_folder::open(state); !made)
        return complain(made.error(), exit_start);
    const auto id = box::read_box_id(state, config.text("serial"));
    if (!id) return complain(id.error(), exit_start);
    return std::cout << id->text << "\n", 0;
  }
  if (*test_command)
    return apps::test_connection(config.text("state"),
                                 static_cast<std::uint16_t>(config.integer("http.port")));
  std::string token;
  if (given.token) {
    auto read = read_token(*given.token);
    if (!read) return complain(read.error(), exit_usage);
    token = *std::move(read);
  }
  if (const auto code = run(config, token, given.test_echo)) return *code;
  execv("/proc/self/exe", argv);
  return complain({"box.restart", "The box could not start itself anew."}, exit_start);
}
