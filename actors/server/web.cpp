#include "actors/server/web.hpp"

#include "actors/server/web_state.hpp"
#include "store/fleet_schema.hpp"
#include "transport/url.hpp"

#include "web/embedded.hpp"
#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

constexpr auto retry = 2s;
/// Running requests are given so long when the server ends.
constexpr auto farewell = 2s;
/// All links together are given so long to say goodbye.
constexpr auto link_look = 50ms;
constexpr unsigned looks_for_links = 60;
/// How often it is written down that somebody was here.
constexpr auto seen_every = 10min;
constexpr std::size_t seen_bound = 10'000;

const runtime::logger log_("server.web");

transport::static_files page_files(const web_options& options) {
  transport::static_files_options how;
  how.header_lines = transport::security_headers(troupe::web::content_security_policy);
  how.other_header_lines["/ask_network.html"] =
      transport::security_headers(troupe::web::network_asker_policy, true);
  if (!options.web_folder.empty()) return {options.web_folder, std::move(how)};
  return {troupe::web::server_assets(), std::move(how)};
}

std::vector<std::string> host_names(const web_options& options) {
  auto names = web::machine_names();
  names.insert(names.end(), options.host_names.begin(), options.host_names.end());
  if (const auto url = transport::parse_url(options.public_url)) names.push_back(url->host);
  return names;
}

void stop(web_self::stateful_pointer<web_state> self, caf::exit_msg& message) {
  auto& state = self->state;
  if (!state.front || state.port == 0) {
    self->quit(std::move(message.reason));
    return;
  }
  if (!state.neighbours.door) return state.leave();
  // Boxes are told when to come back before their sockets are closed.
  caf::anon_send(state.neighbours.door->gate, end_links{});
  state.looks_left = looks_for_links;
  state.look_for_links();
}

web_self::behavior_type web_actor_behavior(web_self::stateful_pointer<web_state> self,
                                           const services* shared, web_options options,
                                           web_neighbours neighbours) {
  runtime::prepare(self, "web");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.options = std::move(options);
  state.neighbours = std::move(neighbours);
  self->set_exit_handler([self](caf::exit_msg& message) { stop(self, message); });
  state.start();
  return {
      [self](const get_http_port&) -> caf::result<std::uint16_t> {
        if (self->state.port != 0) return self->state.port;
        auto promise = self->make_response_promise<std::uint16_t>();
        self->state.port_wanted.push_back(promise);
        return promise;
      },
      runtime::traced(
          [self](const call_arrived& message) { self->state.dispatch(message.request); }),
      [self](const access_changed& message) { self->state.access_is(message.access); },
      [self](const web_stopped&) { self->quit(caf::exit_reason::user_shutdown); },
      [self](const runtime::tick& tick) {
        auto& web = self->state;
        if (web.leaving.due(self, tick)) return web.look_for_links();
        if (!web.again.due(self, tick)) return;
        if (!web.settings_known) web.load_settings();
        if (!web.access_known) web.watch_people();
      },
  };
}

} // namespace

void web_state::start() {
  metrics = std::make_shared<web::request_metrics>(shared->metrics, names_of_classes());
  share->waits = &shared->metrics.count("troupe_page_turns_waited_total",
                                        "Messages to event pages that waited for their turn.");
  web_front::parts parts;
  parts.metrics = metrics;
  parts.known = [this]() -> const access_book& { return *access_now; };
  // The front outlives the moment in which the actor's own state can be asked for the time.
  parts.people_known = [this] { return access_known; };
  parts.now = [&system = self->home_system()] { return runtime::wall_now(system); };
  parts.accept = [address = caf::actor_cast<caf::actor_addr>(self)](call_ptr request) {
    const auto trace = request->trace();
    if (const auto web = caf::actor_cast<caf::actor>(address))
      caf::anon_send(web, call_arrived{std::move(request), trace});
  };
  parts.connections = options.connections;
  parts.connections_per_address = options.connections_per_address;
  front = std::make_unique<web_front>(shared->loop, page_files(options), std::move(parts));
  front->set_host_names(host_names(options));
  load_settings();
  watch_people();
  listen();
}

void web_state::load_settings() {
  run_in_store(
      self, neighbours.store,
      [](store::sql_connection& connection) { return store::read_fact(connection, "server_name"); },
      [this](const std::string& kept) {
        server_name = kept.empty() ? neighbours.server_name : kept;
        settings_known = true;
      },
      [this](const fault& problem) {
        log_.warning("The settings are not known yet: {}", problem.text);
        again.arm(self, retry);
      });
}

void web_state::watch_people() {
  runtime::request_then(
      self, neighbours.people, neighbour_timeout, watch_access{caf::actor_cast<caf::actor>(self)},
      [this](const access_ptr& known) { access_is(known); },
      [this](const fault& problem) {
        log_.warning("Who may come in is not known yet: {}", problem.text);
        again.arm(self, retry);
      });
}

void web_state::listen() {
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
  for (auto& promise : port_wanted)
    promise.deliver(port);
  port_wanted.clear();
  if (options.listening) options.listening(port);
}

void web_state::look_for_links() {
  if (looks_left == 0) return leave();
  --looks_left;
  runtime::request_then(
      self, neighbours.door->gate, link_look * looks_for_links, count_links{},
      [this](std::uint64_t open) { open == 0 ? leave() : leaving.arm(self, link_look); },
      [this](const fault&) { leave(); });
}

void web_state::leave() {
  front->stop(farewell,
              [me = caf::actor_cast<caf::actor>(self)] { caf::anon_send(me, web_stopped{}); });
}

void web_state::access_is(access_ptr now_is) {
  access_now = std::move(now_is);
  access_known = true;
  std::erase_if(pages, [this](const caf::actor_addr& each) {
    const auto page = caf::actor_cast<caf::actor>(each);
    if (page) caf::anon_send(page, access_changed{access_now});
    return !page;
  });
}

void web_state::dispatch(const call_ptr& request) {
  if (const auto& given = request->who().granted) note_seen_now(*given);
  request->which().handle(*this, request);
}

void web_state::note_seen_now(const grant& given) {
  if (seen.size() >= seen_bound) seen.clear();
  auto& last = seen[given.digest];
  if (now() - last < seen_every) return;
  last = now();
  caf::anon_send(neighbours.people, note_seen{given.person, given.token});
}

void web_state::audit(const call_ptr& request, std::string action, std::string target,
                      std::string text, transport::http_response response) {
  auto kept = std::make_shared<transport::http_response>(std::move(response));
  const auto answer = [request, kept] { request->answer(std::move(*kept)); };
  runtime::request_then(
      self, neighbours.people, neighbour_timeout,
      note_change{request->by(), std::move(action), std::move(target), std::move(text)},
      [answer](bool) { answer(); },
      // It is done; that it could not be noted is for the log.
      [answer](const fault& problem) {
        log_.error("A change could not be noted: {}", problem.text);
        answer();
      });
}

void answer_json(const call_ptr& request, const transport::json_value& body, std::uint16_t status) {
  request->answer(transport::json_response(web::json_text(body), status));
}

std::optional<transport::json_value> body_of(const call_ptr& request) {
  auto body = web::json_body(request->request());
  if (body) return std::move(*body);
  request->refuse(body.error());
  return std::nullopt;
}

bool read_text(const call_ptr& request, const transport::json_value& body, const char* member,
               std::optional<std::string>& out, bool needed) {
  auto text = web::text_member(body, member);
  if (!text) {
    request->refuse(text.error());
    return false;
  }
  out = std::move(*text);
  if (out || !needed) return true;
  request->refuse(
      {"request.shape", std::string("The body has no ") + member + ".", "See /openapi.json.", 422});
  return false;
}

web_actor spawn_web(caf::actor_system& system, const services& shared, web_options options,
                    web_neighbours neighbours) {
  return system.spawn(web_actor_behavior, &shared, std::move(options), std::move(neighbours));
}

} // namespace troupe::server
