#include "actors/box/kiosk.hpp"

#include "actors/box/screen_watch.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/child_process.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const runtime::logger kiosk_log("box.kiosk");
/// A screen that is plugged in makes the kernel speak several times.
constexpr auto settle_delay = 1s;
constexpr std::size_t most_screens = 16;

struct screens_moved {
  static constexpr bool local_message = true;
};
struct browser_ended {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
  std::string how;
};

using kiosk_self = kiosk_actor::extend<caf::reacts_to<screens_moved>, caf::reacts_to<browser_ended>,
                                       caf::reacts_to<runtime::tick>>;

bool has_display_server() {
  return std::getenv("WAYLAND_DISPLAY") != nullptr || std::getenv("DISPLAY") != nullptr;
}

struct kiosk_actor_state {
  kiosk_actor_state() = default;
  static inline const char* name = "kiosk";

  kiosk_self::stateful_pointer<kiosk_actor_state> self = nullptr;
  const services* shared = nullptr;
  kiosk_options options;
  event_hub_actor events;
  std::optional<kiosk_core> core;
  std::uint16_t port = 0;
  std::uint64_t number = 0;
  std::unique_ptr<runtime::child_process> browser;
  std::unique_ptr<descriptor_watch> watch;
  runtime::timer settle{1};
  runtime::timer again{2};
  std::string published;

  std::vector<std::string> command() const {
    // Another user cannot write here, and keeps the profile at home.
    const auto profile =
        options.user.empty() ? (shared->state_folder / "kiosk").string() : std::string();
    return browser_command(
        options.browser, has_display_server(), profile,
        [](const std::string& program) { return !runtime::find_program(program).empty(); });
  }
  void look() {
    kiosk_facts facts;
    facts.screens = attached_screens(options.screens);
    facts.display_server = has_display_server();
    if (const auto found = command(); !found.empty()) facts.browser = found.front();
    facts.root = ::geteuid() == 0;
    facts.has_user = !options.user.empty();
    if (port != 0) carry_out(core->facts(facts, runtime::now(self)));
  }
  void carry_out(kiosk_core::effect effect) {
    if (effect == kiosk_core::effect::stop) browser.reset();
    if (effect == kiosk_core::effect::start) start();
    if (const auto next = core->next_wake())
      again.arm_at(self, *next);
    else
      again.cancel();
    publish();
  }
  void start() {
    runtime::child_program what;
    what.command = command();
    what.command.push_back("http://localhost:" + std::to_string(port) + "/status");
    what.user = options.user;
    auto started = runtime::child_process::start(
        shared->loop, what, [tell = runtime::sender_to(self), mine = ++number](std::string how) {
          tell(browser_ended{mine, std::move(how)});
        });
    if (!started) {
      auto how = started.error().text;
      if (how.ends_with('.')) how.pop_back();
      carry_out(core->ended(std::move(how), runtime::now(self)));
      return;
    }
    browser = *std::move(started);
    kiosk_log.info("{} shows the status page on the attached screen", what.command.front());
  }
  void publish() {
    const auto words = std::string(name_of(core->state())) + core->text();
    if (words == published) return;
    const bool first = published.empty();
    published = words;
    // Where no screen is attached nothing has happened.
    if (first && (core->state() == kiosk_state::no_screen || core->state() == kiosk_state::off))
      return;
    if (!core->remedy().empty()) kiosk_log.warning("{}", core->text());
    event told;
    told.type = "screen.changed";
    told.data = value::object{{"state", std::string(name_of(core->state()))},
                              {"text", core->text()},
                              {"remedy", core->remedy()}};
    caf::anon_send(events, publish_event{std::move(told)});
  }
};

kiosk_self::behavior_type kiosk(kiosk_self::stateful_pointer<kiosk_actor_state> self,
                                const services* shared, kiosk_options options,
                                event_hub_actor events) {
  runtime::prepare(self, "kiosk");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.events = std::move(events);
  state.core.emplace(options.wish);
  state.options = std::move(options);
  if (state.options.wish == kiosk_wish::automatic)
    state.watch =
        watch_screens(shared->loop, [tell = runtime::sender_to(self)] { tell(screens_moved{}); });
  return {
      [self](const get_kiosk&) {
        const auto& core = *self->state.core;
        return kiosk_info{core.state(), core.text(), core.remedy()};
      },
      [self](const homepage_listens& now_at) {
        self->state.port = now_at.port;
        self->state.look();
      },
      [self](const screens_moved&) {
        if (!self->state.settle.armed()) self->state.settle.arm(self, settle_delay);
      },
      [self](const browser_ended& ended) {
        auto& mine = self->state;
        if (ended.number != mine.number) return;
        mine.browser.reset();
        mine.carry_out(mine.core->ended(ended.how, runtime::now(self)));
      },
      [self](const runtime::tick& tick) {
        auto& mine = self->state;
        if (mine.settle.due(self, tick)) mine.look();
        if (mine.again.due(self, tick)) mine.carry_out(mine.core->woke(runtime::now(self)));
      },
  };
}

} // namespace

std::vector<std::string> attached_screens(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  std::error_code problem;
  for (std::filesystem::directory_iterator each(folder, problem), end;
       !problem && each != end && found.size() < most_screens; each.increment(problem)) {
    const auto name = each->path().filename().string();
    if (!name.starts_with("card") || name.find('-') == std::string::npos) continue;
    std::ifstream in(each->path() / "status");
    std::string word;
    if (in >> word && word == "connected") found.push_back(name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> browser_command(const std::vector<std::string>& wished,
                                         bool display_server, const std::string& profile,
                                         const std::function<bool(const std::string&)>& has) {
  if (!wished.empty()) return has(wished.front()) ? wished : std::vector<std::string>();
  if (has("cog"))
    return display_server ? std::vector<std::string>{"cog"}
                          : std::vector<std::string>{"cog", "--platform=drm"};
  for (const char* each : {"chromium", "chromium-browser"}) {
    if (!has(each)) continue;
    std::vector<std::string> command{each,
                                     "--kiosk",
                                     "--no-first-run",
                                     "--noerrdialogs",
                                     "--disable-session-crashed-bubble",
                                     "--disable-component-update",
                                     "--disable-background-networking",
                                     "--disable-sync",
                                     "--ozone-platform-hint=auto"};
    if (!profile.empty()) command.push_back("--user-data-dir=" + profile);
    if (display_server) return command;
    // Chromium draws on no bare screen; cage is a display server for one program.
    if (!has("cage")) return {};
    command.insert(command.begin(), {"cage", "--"});
    return command;
  }
  return {};
}

kiosk_actor spawn_kiosk(caf::actor_system& system, const services& shared, kiosk_options options,
                        event_hub_actor events) {
  return system.spawn(kiosk, &shared, std::move(options), std::move(events));
}

} // namespace troupe::box
