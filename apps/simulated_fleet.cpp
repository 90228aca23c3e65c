#include "apps/simulated_fleet.hpp"

#include "actors/runtime/log.hpp"
#include "actors/runtime/loop.hpp"
#include "messages/codec.hpp"
#include "sim/fleet/actor_time.hpp"
#include "sim/fleet/fleet.hpp"
#include "transport/http_client.hpp"

#include <caf/all.hpp>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <sys/resource.h>

namespace troupe::apps {
namespace {

constexpr int bad_usage = 2;
/// What the end of a box takes at most; some 1 ms was measured on a busy core.
constexpr std::chrono::milliseconds farewell_of_a_box{5};
/// Beyond this the codes of boxes that nobody connects are not told any more.
constexpr std::uint64_t codes_told = 20;

/// What the program needs beside a socket a box.
constexpr std::uint64_t other_files = 100;

/// A socket a box: the usual bound of 1,024 open files is for programs of another kind.
std::optional<fault> raise_open_files(std::uint64_t boxes) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return std::nullopt;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max == RLIM_INFINITY || boxes + other_files <= files.rlim_max) return std::nullopt;
  const auto most = files.rlim_max > other_files ? files.rlim_max - other_files : 0;
  return fault{"fleet.open_files",
               "This machine allows " + std::to_string(files.rlim_max) +
                   " open files a program: too few for a connection of each box.",
               "Take at most " + std::to_string(most) + " boxes, or raise the limit (ulimit -Hn)."};
}

/// What the options cannot tell by their form.
std::optional<fault> check(fleet_settings& settings) {
  auto url = box::checked_server_url(settings.server);
  if (!url) return url.error();
  settings.server = *url;
  if (!runtime::log_level_from(settings.log))
    return fault{"fleet.log", "\"" + settings.log + "\" is no level of log lines.",
                 "Levels are trace, debug, info, warning, error and off."};
  return raise_open_files(settings.boxes);
}

/// Types codes on the server with a person's token.
class typist {
public:
  typist(boost::asio::io_context& loop, std::string server, std::string token)
      : client_(loop, {.connect = {},
                       .pooled_per_origin = 32,
                       .pooled_total = 32,
                       .pooled_for = std::chrono::seconds(30),
                       .waiting = 1024}),
        server_(std::move(server)), token_(std::move(token)) {}

  void operator()(const std::string& code, std::function<void(result<bool>)> done) {
    transport::client_request request;
    request.method = "POST";
    request.url = server_ + "/api/v1/pairing";
    request.headers = {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}};
    request.body = to_json(value(value::object{{"code", code}}));
    client_.send(std::move(request), [done = std::move(done)](auto answer) {
      if (!answer) return done(answer.error());
      if (answer->status < 300) return done(true);
      const auto problem = from_json<value>(answer->body);
      done(fault{problem ? problem->text_or("code", "server.answer") : "server.answer",
                 problem ? problem->text_or("detail", answer->body) : answer->body, "",
                 answer->status});
    });
  }

private:
  transport::http_client client_;
  std::string server_;
  std::string token_;
};

void print_report(const sim::fleet_report& now, bool json) {
  if (json) {
    const auto at = std::chrono::system_clock::now();
    std::cout << to_json(value(value::object{
                     {"time",
                      to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(at))},
                     {"boxes", now.boxes},
                     {"linked", now.linked},
                     {"refused", now.refused},
                     {"paired", now.paired},
                     {"events", now.events},
                     {"confirmed", now.confirmed},
                     {"failed", now.failed},
                     {"no_code", now.no_code},
                     {"problem", now.problem}}))
              << std::endl;
    return;
  }
  std::cout << now.boxes << " boxes, " << now.linked << " linked";
  if (now.refused > 0) std::cout << ", " << now.refused << " refused";
  std::cout << "; " << now.events << " events, " << now.confirmed << " receipts printed";
  if (now.failed > 0) std::cout << ", " << now.failed << " not";
  if (!now.no_code.empty()) std::cout << "; boxes get no code: " << now.no_code;
  if (!now.problem.empty()) std::cout << "; a code was not taken: " << now.problem;
  std::cout << std::endl;
}

sim::code_typist tell_codes() {
  return [told = std::uint64_t{0}](const std::string& code, auto done) mutable {
    if (++told <= codes_told) std::cout << "A box shows the code " << code << "." << std::endl;
    done(fault{"fleet.no_token", "no token was given; type the codes yourself", "", 401});
  };
}

std::string token_of(const fleet_settings& settings) {
  if (!settings.token.empty()) return settings.token;
  const char* given = std::getenv("TROUPE_TOKEN");
  return given == nullptr ? "" : given;
}

sim::fleet_options fleet_from(const fleet_settings& settings, runtime::loop& loop) {
  sim::fleet_options fleet;
  fleet.boxes = settings.boxes;
  fleet.seed = settings.seed;
  fleet.starts_per_second = settings.start_rate;
  fleet.server = settings.server;
  fleet.name = settings.name;
  if (settings.rate > 0) {
    sim::life_options life;
    life.seed = settings.seed;
    life.mean = std::chrono::microseconds(
        static_cast<std::int64_t>(1e6 * static_cast<double>(settings.boxes) / settings.rate));
    fleet.life = life;
  }
  fleet.open = box::websocket_links(loop.io_context());
  fleet.time = sim::actor_time(loop.system());
  const auto token = token_of(settings);
  if (token.empty()) {
    fleet.type_code = tell_codes();
  } else {
    auto typing = std::make_shared<typist>(loop.io_context(), settings.server, token);
    fleet.type_code = [typing](const std::string& code, auto done) { (*typing)(code, done); };
  }
  fleet.report_every = std::chrono::milliseconds(settings.report_ms);
  fleet.report = [json = settings.json](const sim::fleet_report& now) { print_report(now, json); };
  return fleet;
}

} // namespace

int run_fleet(fleet_settings settings) {
  if (const auto problem = check(settings)) {
    std::cerr << "troupe-sim: " << problem->text << "\n" << problem->remedy << "\n";
    return bad_usage;
  }
  runtime::configure_log({.level = *runtime::log_level_from(settings.log)});
  runtime::limits limits;
  runtime::metrics metrics;
  runtime::loop_options turns;
  turns.longest_farewell += farewell_of_a_box * settings.boxes;
  runtime::loop loop(turns);
  runtime::workers workers(loop);
  const box::services shared{
      loop.io_context(),
      workers,
      limits,
      metrics,
      {},
      TROUPE_VERSION,
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())};
  auto fleet = sim::spawn_fleet(loop.system(), shared, fleet_from(settings, loop));
  loop.stop_on_signals([&](int) {
    caf::anon_send_exit(fleet, caf::exit_reason::user_shutdown);
    fleet = nullptr;
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  return 0;
}

void add_fleet_options(CLI::App& fleet, fleet_settings& settings) {
  fleet.add_option("--boxes", settings.boxes, "How many boxes")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  fleet.add_option("--server", settings.server, "The server they connect to")
      ->capture_default_str();
  fleet.add_option("--token", settings.token,
                   "API token (scope operate) with which their codes are typed on the server; also "
                   "TROUPE_TOKEN. Without one the codes are shown");
  fleet
      .add_option(
          "--rate", settings.rate,
          "Receipts a second that the whole fleet prints, by chance; each makes some events")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  fleet.add_option("--seed", settings.seed, "Decides the boxes' ids and what happens at them")
      ->capture_default_str();
  fleet.add_option("--start-rate", settings.start_rate, "Boxes started a second")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  fleet.add_option("--name", settings.name, "What boxes are called, before their number")
      ->capture_default_str();
  fleet.add_flag("--json", settings.json, "Report in JSON, one object a line");
  fleet.add_option("--report-ms", settings.report_ms, "Least time between two reports")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  fleet.add_option("--log", settings.log, "Least level of log lines: trace to error, or off")
      ->capture_default_str();
  fleet.footer("The boxes live in memory: when this ends they are gone, and their entries in the "
               "fleet stay offline.\n"
               "A server that is away or starts again is waited for; Ctrl-C ends the fleet.\n"
               "Returns 0 when ended, 2 when an option is wrong or the machine allows too few "
               "open files.\n"
               "Example: TROUPE_TOKEN=… troupe-sim fleet --boxes 50 --rate 5");
}

} // namespace troupe::apps
