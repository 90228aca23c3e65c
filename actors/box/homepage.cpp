#include "actors/box/homepage.hpp"

#include "actors/box/homepage_state.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "messages/codec.hpp"

#include "web/embedded.hpp"
#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// How long the first answers of neighbours may delay the first answer of the homepage.
constexpr auto start_patience = 2s;
constexpr auto settings_retry = 5s;
/// Running requests are given so long when the box ends.
constexpr auto farewell = 2s;

/// Events of the past that long polls may still ask for after a restart of the box.
constexpr std::uint64_t events_taken_back = dialects::odoo_memory::kept_events;

const runtime::logger log_("box.homepage");

transport::static_files page_files(const homepage_options& options) {
  transport::static_files_options how;
  how.header_lines = transport::security_headers(web::content_security_policy);
  if (!options.web_folder.empty()) return {options.web_folder, std::move(how)};
  return {web::box_assets(), std::move(how)};
}

/// Everything that `Host` may say: this machine's names and its addresses at the moment.
std::vector<std::string> host_names(const homepage_options& options, const network_info& network) {
  auto names = web::machine_names();
  names.insert(names.end(), options.host_names.begin(), options.host_names.end());
  for (const auto& interface : network.interfaces)
    for (const auto& address : interface.addresses)
      names.push_back(address.text);
  return names;
}

/// Of a device, also of one that was removed a moment ago.
device_kind kind_of(const homepage_state& home, const device_id& id) {
  const auto found = home.kinds.find(id);
  return found != home.kinds.end() ? found->second : device_kind::unsupported;
}

void dispatch(homepage_state& home, const call_ptr& request) {
  const auto& which = request->which();
  if (which.style == answer_style::jsonrpc) {
    auto parsed = transport::parse_jsonrpc(request->request().body);
    if (!parsed)
      return request->answer(transport::problem(parsed.error(), trace_id_text(request->trace())));
    request->rpc_id = std::move(parsed->id);
    request->rpc_params = std::move(parsed->params);
  }
  which.handle(home, request);
}

void event_came(homepage_state& home, const event_ptr& arrived) {
  const auto& content = arrived->content;
  if (const auto* device = home.find_device(content.device.text))
    home.kinds.insert_or_assign(content.device, device->description.kind);
  home.polls.remember(content, kind_of(home, content.device),
                      std::min(home.now(), std::max(content.time, time_point{})));
  if (content.type == "device.removed") home.kinds.erase(content.device);
  if (content.type == "screen.changed") home.refresh_screen();
  // What comes again after a start of this actor is no news.
  if (content.type == "box.blinked" && home.now() - content.time < blink_shown)
    home.blinked = runtime::now(home.self);
  if (content.type == "pairing.changed") return home.refresh_pairing();
  if (content.type != "box.changed") return;
  runtime::request_then(
      home.self, home.neighbours.identity, neighbour_timeout, get_identity{},
      [&home](const identity_info& info) { home.identity = info; },
      [](const fault& problem) { log_.warning("The box's name is not known: {}", problem.text); });
}

void stop(homepage_self::stateful_pointer<homepage_state> self, caf::exit_msg& message) {
  auto& home = self->state;
  home.polls.close();
  if (!home.front || home.port == 0) {
    self->quit(std::move(message.reason));
    return;
  }
  home.front->stop(farewell, [self = caf::actor_cast<caf::actor>(self)] {
    caf::anon_send(self, server_stopped{});
  });
}

void time_came(homepage_state& home, const runtime::tick& tick) {
  if (home.settings_again.due(home.self, tick)) return home.load_settings();
  if (home.restart_soon.due(home.self, tick) && home.options.restart) home.options.restart();
}

homepage_self::behavior_type homepage(homepage_self::stateful_pointer<homepage_state> self,
                                      const services* shared, homepage_options options,
                                      homepage_neighbours neighbours) {
  runtime::prepare(self, "homepage");
  auto& home = self->state;
  home.self = self;
  home.shared = shared;
  home.options = std::move(options);
  home.neighbours = std::move(neighbours);
  self->set_exit_handler([self](caf::exit_msg& message) { stop(self, message); });
  home.start();
  return {
      [self](const get_http_port&) -> caf::result<std::uint16_t> {
        if (self->state.port != 0) return self->state.port;
        auto promise = self->make_response_promise<std::uint16_t>();
        self->state.port_wanted.push_back(promise);
        return promise;
      },
      [self](const get_status_text&) -> caf::result<status_text> {
        auto promise = self->make_response_promise<status_text>();
        gather_status(
            self->state,
            [promise](std::string json) mutable { promise.deliver(status_text{std::move(json)}); },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
      [self](const decide_origin& wanted) -> caf::result<bool> {
        auto promise = self->make_response_promise<bool>();
        change_origin(
            self->state, wanted, [promise]() mutable { promise.deliver(true); },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
      [self](const get_origin_standings&) { return standings_of(self->state.origins); },
      runtime::traced(
          [self](const call_arrived& message) { dispatch(self->state, message.request); }),
      [self](const event_arrived& message) { event_came(self->state, message.content); },
      [self](const devices_changed& message) {
        self->state.devices = message.devices;
        for (const auto& each : *message.devices)
          self->state.kinds.insert_or_assign(each.description.id, each.description.kind);
      },
      [self](const network_changed& message) { self->state.network_is(message.network); },
      [self](const poll_ended& message) { self->state.polls.ended(message.number); },
      [self](const server_stopped&) { self->quit(caf::exit_reason::user_shutdown); },
      [self](const runtime::tick& tick) { time_came(self->state, tick); },
  };
}

} // namespace

void homepage_state::start() {
  started = runtime::now(self);
  metrics = std::make_shared<web::request_metrics>(shared->metrics, names_of_classes());
  polls.declare(shared->limits);
  used_tokens_limit =
      &shared->limits.declare("rights.used_tokens", "tokens", security::used_page_tokens::bound,
                              runtime::limit_policy::refuse);
  pages_limit = &shared->limits.declare("rights.pages", "pages", page_session_book::bound,
                                        runtime::limit_policy::refuse);
  for (const auto& odd : origins.configure(options.allowed_origins, now()))
    log_.error("\"{}\" in allow_origins is no origin and is left out", odd);
  if (auto code = read_setup_code(shared->state_folder)) {
    gate = setup_code_gate(std::move(*code));
  } else {
    log_.error("{} Nobody can sign in until then.", code.error().text);
  }
  homepage_front::parts parts;
  parts.metrics = metrics;
  parts.sessions = &sessions;
  parts.pages = &pages;
  parts.origins = &origins;
  parts.now = [&system = self->home_system()] { return runtime::wall_now(system); };
  parts.steady_now = [&system = self->home_system()] { return runtime::now(system); };
  parts.accept = [address = caf::actor_cast<caf::actor_addr>(self)](call_ptr request) {
    const auto trace = request->trace();
    if (const auto home = caf::actor_cast<caf::actor>(address))
      caf::anon_send(home, call_arrived{std::move(request), trace});
  };
  parts.asked = [this](const std::string& origin) {
    log_.info("Pages of {} ask to use this box: allow or refuse them on the homepage", origin);
    publish("origin.asked", value::object{{"origin", origin}});
  };
  parts.may_be_taken_in = [this] { return may_be_taken_in(); };
  parts.test_echo = options.test_echo;
  front = std::make_unique<homepage_front>(shared->loop, page_files(options), std::move(parts));
  awaited = 2; // settings and network: without them it would say no where it should not
  load_settings();
  watch_neighbours();
}

void homepage_state::load_settings() {
  const bool first = awaited > 0;
  runtime::request_then(
      self, neighbours.ledger, start_patience, get_settings{"rights."},
      [this, first](const setting_list& list) {
        for (const auto& [setting, json] : list.settings) {
          const auto kept = from_json<value>(json);
          if (!kept)
            log_.error("The setting {} cannot be read: {}", setting, kept.error().text);
          else if (setting == origins_setting)
            origins.restore(*kept);
          else if (setting == sessions_setting)
            sessions.restore(*kept, now());
        }
        settings_known = true;
        if (first) ready_to_listen();
      },
      [this, first](const fault& problem) {
        log_.warning("Who may use this box is not known yet: {}", problem.text);
        settings_again.arm(self, settings_retry);
        if (first) ready_to_listen();
      });
}

void homepage_state::watch_neighbours() {
  const auto me = caf::actor_cast<caf::actor>(self);
  const auto note = [](const char* what) {
    return [what](const fault& problem) { log_.warning("{} not known: {}", what, problem.text); };
  };
  runtime::request_then(
      self, neighbours.network, start_patience, watch_network{me},
      [this](const network_info_ptr& info) {
        network_is(info);
        ready_to_listen();
      },
      [this](const fault& problem) {
        log_.warning("The addresses of this box are not known: {}", problem.text);
        network_is(network);
        ready_to_listen();
      });
  runtime::request_then(
      self, neighbours.identity, neighbour_timeout, get_identity{},
      [this](const identity_info& info) { identity = info; }, note("The name of this box is"));
  refresh_pairing();
  runtime::request_then(
      self, neighbours.directory, neighbour_timeout, watch_devices{me},
      [this, me](const device_list_ptr& list) {
        devices = list;
        devices_known = true;
        for (const auto& each : *list)
          kinds.insert_or_assign(each.description.id, each.description.kind);
        runtime::request_then(
            self, neighbours.events, neighbour_timeout, get_last_sequence{},
            [this, me](std::uint64_t last) {
              const auto after = last > events_taken_back ? last - events_taken_back : 0;
              self->request(neighbours.events, neighbour_timeout, subscribe_events{me, after, {}})
                  .then([](std::uint64_t) {},
                        [](const caf::error& error) {
                          log_.error("Long polls get no events: {}", runtime::to_text(error));
                        });
            },
            [](const fault& problem) { log_.error("Long polls get no events: {}", problem.text); });
      },
      note("The devices are"));
}

void homepage_state::refresh_pairing() {
  runtime::request_then(
      self, neighbours.pairing, neighbour_timeout, get_pairing{},
      [this](const pairing_info& info) { pairing_is(info); },
      [](const fault& problem) {
        log_.warning("The box's server is not known: {}", problem.text);
      });
}

void homepage_state::refresh_screen() {
  if (!neighbours.kiosk) return;
  runtime::request_then(
      self, neighbours.kiosk, neighbour_timeout, get_kiosk{},
      [this](const kiosk_info& info) { screen = info; },
      [](const fault& problem) { log_.warning("The screen is not known: {}", problem.text); });
}

void homepage_state::ready_to_listen() {
  if (awaited > 0 && --awaited == 0) listen();
}

void homepage_state::listen() {
  auto wanted = options.http_port;
  for (const auto& address : options.listen_addresses) {
    const auto got = front->listen(address, wanted);
    if (!got) {
      log_.error("{}", got.error().text);
      for (auto& promise : port_wanted)
        promise.deliver(runtime::to_error(got.error()));
      self->quit(runtime::to_error(got.error()));
      return;
    }
    wanted = *got;
  }
  port = wanted;
  log_.info("The homepage is at http://{}:{}/", network->primary_address, port);
  for (auto& promise : port_wanted)
    promise.deliver(port);
  port_wanted.clear();
  if (options.listening) options.listening(port);
  refresh_screen();
}

void homepage_state::network_is(network_info_ptr now_is) {
  network = std::move(now_is);
  front->set_host_names(host_names(options, *network));
}

void homepage_state::publish(std::string type, value data) const {
  publish_event message;
  message.content.type = std::move(type);
  message.content.data = std::move(data);
  caf::anon_send(neighbours.events, std::move(message));
}

void homepage_state::keep(std::string setting, const value& content, std::function<void()> kept,
                          std::function<void(const fault&)> not_kept) {
  runtime::request_then(
      self, neighbours.ledger, neighbour_timeout, put_setting{std::move(setting), to_json(content)},
      [kept = std::move(kept)](bool) { kept(); },
      [not_kept = std::move(not_kept)](const fault& problem) { not_kept(problem); });
}

const device_snapshot* homepage_state::find_device(std::string_view id) const {
  for (const auto& each : *devices)
    if (each.description.id.text == id) return &each;
  return nullptr;
}

// ---- what the handlers share ----

fault unknown_device(std::string_view id) {
  return {"device.unknown", "There is no device \"" + std::string(id.substr(0, 100)) + "\".",
          "GET /api/v1/devices lists them.", 404};
}

homepage_actor spawn_homepage(caf::actor_system& system, const services& shared,
                              homepage_options options, homepage_neighbours neighbours) {
  return system.spawn(homepage, &shared, std::move(options), std::move(neighbours));
}

} // namespace troupe::box
