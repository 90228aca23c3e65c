// Simulated devices to print to and to look at.
#include "actors/runtime/log.hpp"
#include "actors/runtime/loop.hpp"
#include "apps/simulated_fleet.hpp"
#include "sim/receipt_folder.hpp"
#include "sim/room.hpp"
#include "sim/scale_terminal.hpp"
#include "sim/tcp_printer.hpp"

#include <caf/all.hpp>

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

using namespace troupe;

namespace {

/// What the program returns; usage errors are told apart so that scripts can tell.
enum exit_code : int { all_well = 0, failed = 1, bad_usage = 2 };

struct room_settings {
  std::string address = "127.0.0.1";
  std::uint16_t http_port = 8090;
  std::vector<std::string> printers{"counter=9100"};
  std::vector<std::string> scales;
  std::vector<std::string> hosts;
  std::string faults, pace = "real", save, pages, log = "info";
  std::size_t width = 576, buffer = 65536;
};

struct named_port {
  std::string name;
  std::uint16_t port = 0;
};

int complain(const fault& why, exit_code code = failed) {
  std::cerr << "troupe-sim: " << why.text << "\n";
  if (!why.remedy.empty()) std::cerr << why.remedy << "\n";
  return code;
}

result<named_port> parse_printer(const std::string& text) {
  auto equals = text.find('=');
  named_port printer{text.substr(0, equals), 0};
  auto number = equals == std::string::npos ? std::string() : text.substr(equals + 1);
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), printer.port);
  if (!sim::is_printer_name(printer.name) || error != std::errc() || number.empty() ||
      end != number.data() + number.size())
    return fault{"sim.printer", "\"" + text + "\" does not name a printer and its port.",
                 "Write it like counter=9100; the name is of a-z, 0-9, - and _.", 422};
  return printer;
}

/// Everything that is running; taken down in the reverse order.
struct running_room {
  std::shared_ptr<int> watching = std::make_shared<int>(0);
  std::vector<std::shared_ptr<sim::tcp_printer>> listeners;
  std::vector<std::shared_ptr<sim::scale_terminal>> terminals;
  std::vector<caf::actor> actors;
};

result<sim::printer_actor> start_printer(runtime::loop& loop, const room_settings& settings,
                                         const named_port& named, const sim::fault_plan& faults,
                                         const std::optional<sim::receipt_folder>& folder,
                                         running_room& running) {
  sim::device_options options;
  options.name = named.name;
  options.model.width = settings.width;
  options.model.buffer_bytes = settings.buffer;
  options.pace = settings.pace == "real" ? sim::printer_pace::real : sim::printer_pace::instant;
  options.faults = faults;
  auto device = sim::printer_device::make(options, sim::loop_time(loop.io_context()));
  auto listener = sim::tcp_printer::listen(loop.io_context(), device,
                                           {.address = settings.address, .port = named.port});
  if (!listener) return listener.error();
  running.listeners.push_back(*listener);
  if (folder)
    device->watch(running.watching, [folder = *folder](const sim::printer_event& event) {
      const runtime::logger log("sim.receipts");
      if (auto* cut = std::get_if<sim::receipt_cut>(&event))
        if (auto saved = folder.save(*cut->receipt); !saved) log.error("{}", saved.error().text);
    });
  std::cout << "Printer \"" << named.name << "\" takes jobs at tcp://" << settings.address << ":"
            << (*listener)->port() << "\n";
  auto actor = sim::spawn_printer(loop.system(), std::move(device));
  running.actors.push_back(caf::actor_cast<caf::actor>(actor));
  return actor;
}

result<sim::room_options> start_printers(runtime::loop& loop, const room_settings& settings,
                                         running_room& running) {
  sim::room_options room{
      settings.address, settings.http_port, settings.hosts, settings.pages, {}, {}};
  sim::fault_plan faults;
  if (!settings.faults.empty()) {
    auto plan = sim::parse_fault_plan(settings.faults);
    if (!plan) return plan.error();
    faults = *plan;
  }
  std::optional<sim::receipt_folder> folder;
  if (!settings.save.empty()) {
    auto opened = sim::receipt_folder::open(settings.save);
    if (!opened) return opened.error();
    folder = *opened;
  }
  if (settings.printers.size() > sim::room_printers_limit)
    return fault{"sim.printers", "There are too many printers for one room.", "Give at most eight.",
                 422};
  for (const auto& text : settings.printers) {
    auto named = parse_printer(text);
    if (!named) return named.error();
    if (room.printers.contains(named->name))
      return fault{"sim.printer", "Two printers are called \"" + named->name + "\".",
                   "Give each a name of its own.", 422};
    auto printer = start_printer(loop, settings, *named, faults, folder, running);
    if (!printer) return printer.error();
    room.printers.emplace(named->name, *printer);
  }
  return room;
}

/// "till=/tmp/scale" or "till=/tmp/scale?adam".
result<sim::scale_device_options> parse_scale(const std::string& text, std::string& link) {
  const auto equals = text.find('=');
  const auto query = text.find('?', equals == std::string::npos ? 0 : equals);
  sim::scale_device_options options;
  options.name = text.substr(0, equals);
  link = equals == std::string::npos ? "" : text.substr(equals + 1, query - equals - 1);
  const bool known = query == std::string::npos ||
                     sim::scale_language_named(text.substr(query + 1), options.model.language);
  if (!sim::is_printer_name(options.name) || link.empty() || !known)
    return fault{"sim.scale", "\"" + text + "\" does not name a scale and its line.",
                 "Write it like till=/tmp/scale, or till=/tmp/scale?adam; protocols are "
                 "mettler_toledo_8217, adam_mdw, adam.",
                 422};
  return options;
}

result<bool> start_scales(runtime::loop& loop, const room_settings& settings,
                          sim::room_options& room, running_room& running) {
  if (settings.scales.size() > sim::room_scales_limit)
    return fault{"sim.scales", "There are too many scales for one room.", "Give at most four.",
                 422};
  for (const auto& text : settings.scales) {
    std::string link;
    auto options = parse_scale(text, link);
    if (!options) return options.error();
    const auto name = options->name;
    if (room.scales.contains(name))
      return fault{"sim.scale", "Two scales are called \"" + name + "\".",
                   "Give each a name of its own.", 422};
    auto device = sim::scale_device::make(std::move(*options), sim::loop_time(loop.io_context()));
    auto terminal = sim::scale_terminal::open(loop.io_context(), device, link);
    if (!terminal) return terminal.error();
    running.terminals.push_back(*terminal);
    std::cout << "Scale \"" << name << "\" is at serial:" << link << "\n";
    auto actor = sim::spawn_scale(loop.system(), std::move(device));
    running.actors.push_back(caf::actor_cast<caf::actor>(actor));
    room.scales.emplace(name, std::move(actor));
  }
  return true;
}

int run_room(const room_settings& settings) {
  auto level = runtime::log_level_from(settings.log);
  runtime::configure_log({.level = level.value_or(runtime::log_level::info)});
  runtime::loop loop;
  running_room running;
  auto options =
      std::make_unique<result<sim::room_options>>(start_printers(loop, settings, running));
  if (*options)
    if (auto scales = start_scales(loop, settings, **options, running); !scales)
      *options = scales.error();
  auto stop = [&] {
    for (auto& terminal : running.terminals)
      terminal->close();
    for (auto& listener : running.listeners)
      listener->close();
    for (auto& actor : running.actors)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    loop.post([&] { loop.stop(); });
  };
  int code = all_well;
  if (!*options) {
    code = complain(options->error(), options->error().status == 422 ? bad_usage : failed);
  } else if (auto room = sim::spawn_room(loop.system(), loop.io_context(), **options); !room) {
    code = complain(room.error());
  } else {
    running.actors.push_back(caf::actor_cast<caf::actor>(*room));
    std::cout << "The paper room is open at http://" << settings.address << ":"
              << settings.http_port << "/\nCtrl-C closes it." << std::endl;
  }
  loop.stop_on_signals([&](int) { stop(); });
  if (code != all_well) stop();
  options.reset(); // it holds the printers, which could not end otherwise
  loop.run();
  running = {};
  return code;
}

void add_room_options(CLI::App& room, room_settings& settings) {
  room.add_option(
          "--printer", settings.printers,
          "A printer and the TCP port it listens on, NAME=PORT; may be given up to eight times")
      ->capture_default_str();
  room.add_option("--scale", settings.scales,
                  "A scale and the path of its serial line (a link to a pseudo-terminal), "
                  "NAME=PATH; may be given up to four times");
  room.add_option("--http-port", settings.http_port, "Port of the page")->capture_default_str();
  room.add_option("--address", settings.address,
                  "Address to listen on, for the page and the printers")
      ->check(CLI::ValidIPV4)
      ->capture_default_str();
  room.add_option("--host", settings.hosts, "A further name under which browsers reach the page");
  room.add_option("--width", settings.width, "Dots across the paper: a multiple of 8, 64 to 832")
      ->check(CLI::Range(64, 832))
      ->capture_default_str();
  room.add_option("--pace", settings.pace, "How fast paper comes out: real or instant")
      ->check(CLI::IsMember({"real", "instant"}))
      ->capture_default_str();
  room.add_option("--buffer", settings.buffer, "Bytes of a printer's receive buffer")
      ->check(CLI::Range(1024, 1 << 20))
      ->capture_default_str();
  room.add_option("--faults", settings.faults,
                  "Plan of faults, such as seed=7,jobs=200,paper_out=0.02,mend_ms=500");
  room.add_option("--save", settings.save, "Directory in which each receipt is kept as a PNG");
  room.add_option("--pages", settings.pages, "Serve the page's files from this directory");
  room.add_option("--log", settings.log, "Least level of log lines: trace to error, or off")
      ->capture_default_str();
}

} // namespace

int main(int argc, char** argv) {
  CLI::App program{"Simulated devices to print to and to look at.", "troupe-sim"};
  program.require_subcommand(1);
  room_settings settings;
  auto* room = program.add_subcommand("room", "Printers whose paper comes out on a page");
  add_room_options(*room, settings);
  room->footer(
      "Examples:\n"
      "  troupe-sim room\n"
      "  troupe-sim room --printer counter=9100 --printer kitchen=9101 --pace instant\n"
      "  troupe-sim room --scale till=/tmp/scale    (then: troupe-box --devices "
      "scale=serial:/tmp/scale)\n"
      "  troupe-sim room --faults seed=7,jobs=200,paper_out=0.05,dead=0.01 --save receipts\n"
      "Print something: printf 'Hello\\n\\n\\n\\x1dVA\\n' | nc -N 127.0.0.1 9100\n"
      "Returns 0 when closed, 1 when it could not run, 2 when an option is wrong.");
  apps::fleet_settings fleet_settings;
  auto* fleet = program.add_subcommand("fleet", "Many whole boxes that connect to a server");
  apps::add_fleet_options(*fleet, fleet_settings);
  try {
    program.parse(argc, argv);
    if (settings.width % 8 != 0) throw CLI::ValidationError("--width", "is not a multiple of 8");
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? all_well : bad_usage;
  }
  return *fleet ? apps::run_fleet(fleet_settings) : run_room(settings);
}
