#include "actors/box/connection_test.hpp"

#include "actors/box/way_words.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "messages/identifiers.hpp"

#include <caf/all.hpp>

#include <optional>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const runtime::logger test_log("box.connection_test");

/// Name, TCP, proxy, TLS and the answer together; a closer look at a fault, and the link, come
/// after it: within `connection_report::longest`.
constexpr auto answer_patience = 14s;
constexpr auto link_patience = 8s;
constexpr auto link_look = 500ms;
constexpr std::size_t announcement_bytes = 256 * 1024;

/// From the sockets to the actor; of the test with this number.
struct way_came {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
  transport::connect_step step;
};
struct way_answered {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
  std::shared_ptr<const result<transport::client_response>> answer;
};
struct way_explained {
  static constexpr bool local_message = true;
  std::uint64_t number = 0;
  fault why;
};

using test_self =
    connection_test_actor::extend<caf::reacts_to<way_came>, caf::reacts_to<way_answered>,
                                  caf::reacts_to<way_explained>, caf::reacts_to<network_changed>,
                                  caf::reacts_to<runtime::tick>>;

struct test_state {
  test_state() = default;
  static inline const char* name = "connection_test";

  test_self::stateful_pointer<test_state> self = nullptr;
  const services* shared = nullptr;
  way_out way;
  connection_test_neighbours near;
  runtime::limit* tests = nullptr;
  connection_report report;
  std::uint64_t number = 0;
  std::string nonce;
  transport::url where;
  server_note_ptr server;
  std::optional<time_point> servers_time;
  std::unique_ptr<transport::http_client> client;
  std::unique_ptr<way_probe> probe;
  runtime::timer look{1};
  runtime::timer end{2};
  runtime::actor_time link_until{};
  runtime::actor_time answered_at{};
  network_info_ptr network = std::make_shared<const network_info>();

  auto now() const { return runtime::now(self); }
  void begin(const pairing_info& pairing);
  void ask();
  void answered(const result<transport::client_response>& answer);
  void look_at_link();
  void look_at_clock();
  void stuck(const fault& why);
  void finish();
  void tell();
};
using test_pointer = test_self::stateful_pointer<test_state>;

void test_state::begin(const pairing_info& pairing) {
  server = pairing.server;
  const auto url = server ? server->url : pairing.url;
  report.start(url, now(), runtime::wall_now(self));
  tests->set_fill(1);
  end.arm(self, connection_report::longest);
  servers_time.reset();
  ++number;
  if (auto parsed = transport::parse_url(url)) where = *std::move(parsed);
  const auto proxies = way.proxy();
  const bool by_proxy = !proxies.proxy_for(where.secure(), where.host, where.port).empty();
  report.plan(by_proxy, where.secure(), !transport::is_address(where.host));
  test_log.info("The connection to {} is tested", url);
  const auto up = judge_interfaces(*network);
  if (!up && !where.is_loopback()) return stuck(up.error());
  report.good(way_step::interface, up ? *up : "The server is on this machine.", now());
  const auto gateway = judge_gateway(*network, by_proxy ? std::string() : where.host);
  // Without a router a name may still lead to a neighbour: going on says more.
  if (gateway)
    report.good(way_step::gateway, *gateway, now());
  else if (transport::is_address(where.host) && !by_proxy)
    return report.failed(way_step::gateway, gateway.error(), now()), finish();
  else
    report.skipped(way_step::gateway, gateway.error().text), report.go_on(now());
  ask();
}

/// One question over the very way that the link takes; the connector tells how far it came.
void test_state::ask() {
  transport::http_client_options options;
  options.connect.proxy = way.proxy();
  options.connect.tunnel = true;
  options.connect.progress = [send = runtime::sender_to(self),
                              mine = number](const transport::connect_step& step) {
    send(way_came{mine, step});
  };
  client = std::make_unique<transport::http_client>(shared->loop, std::move(options));
  nonce = random_hex(16);
  transport::client_request request;
  request.url = where.origin() + std::string(server_announcement::path) + "?nonce=" + nonce;
  request.redirects = 0;
  request.timeout = answer_patience;
  request.answer_bytes = announcement_bytes;
  client->send(std::move(request), [send = runtime::sender_to(self),
                                    mine = number](result<transport::client_response> answer) {
    send(way_answered{
        mine, std::make_shared<const result<transport::client_response>>(std::move(answer))});
  });
  tell();
}

void test_state::answered(const result<transport::client_response>& answer) {
  if (!answer) {
    if (!way_probe::is_worth_it(answer.error())) return stuck(answer.error());
    probe =
        std::make_unique<way_probe>(shared->loop, way, where.origin(), answer.error(),
                                    [send = runtime::sender_to(self), mine = number](fault why) {
                                      send(way_explained{mine, std::move(why)});
                                    });
    return;
  }
  auto said = read_announcement(*answer, where, nonce);
  if (said && server && !(said->id == server->id && said->key == server->key))
    return stuck({"link.wrong_server",
                  "Another server answers at " + where.origin() + ": " + said->name + ".",
                  "Look at the server's address. If the server was set up anew, disconnect this "
                  "box and connect it again.",
                  502});
  // An older server does not say who it is; the link proves it all the same.
  if (!said && said.error().code != "link.unproven") return stuck(said.error());
  if (said) {
    servers_time = said->time;
    report.good(way_step::server,
                server ? said->name + " answers, and has proved that it is this box's server."
                       : said->name + " answers, and has proved who it is.",
                now());
  } else {
    report.good(way_step::server, said.error().text, now());
  }
  link_until = now() + link_patience;
  look_at_link();
}

void test_state::look_at_link() {
  if (!server) {
    report.skipped(way_step::link, "The box belongs to no server yet: it shows a code.");
    report.go_on(now());
    return look_at_clock();
  }
  runtime::request_then(
      self, near.uplink, neighbour_timeout, get_link{},
      [this, mine = number](const link_info& link) {
        if (mine != number || !report.running()) return;
        const auto verdict = judge_link(link);
        const bool linked = verdict && *verdict;
        if (!linked && now() < link_until) return look.arm(self, link_look);
        if (!verdict)
          return stuck({"link.silent", "The box is not linked yet: " + link.text,
                        "The box tries again by itself; test again in a minute.", 503});
        if (!*verdict) return stuck(verdict->error());
        report.good(way_step::link, **verdict, now());
        look_at_clock();
      },
      [this, mine = number](const fault& problem) {
        if (mine == number) stuck(problem);
      });
  tell();
}

void test_state::look_at_clock() {
  if (!servers_time) {
    report.skipped(way_step::clock, "The server does not tell the time.");
    report.go_on(now());
    return finish();
  }
  const auto theirs =
      *servers_time + std::chrono::duration_cast<std::chrono::microseconds>(now() - answered_at);
  const auto verdict = judge_clock(runtime::wall_now(self), theirs);
  if (!verdict) return stuck(verdict.error());
  report.good(way_step::clock, *verdict, now());
  finish();
}

void test_state::stuck(const fault& why) {
  report.failed_here(why, now());
  finish();
}

void test_state::finish() {
  client.reset();
  probe.reset();
  look.cancel();
  end.cancel();
  tests->set_fill(0);
  test_log.info("The connection was tested: {}", report.is_good() ? "good" : "a step failed");
  tell();
}

/// Pages read the report when they hear this; nothing of it stands in the event.
void test_state::tell() {
  publish_event step;
  step.content.type = "connection.test";
  step.content.data =
      value::object{{"running", report.running()}, {"done", std::uint64_t{report.done()}}};
  step.transient = true;
  caf::anon_send(near.events, std::move(step));
}

caf::result<connection_test_info> start(test_pointer self) {
  auto& state = self->state;
  if (state.report.running()) {
    state.tests->count_hit();
    return connection_test_info{state.report};
  }
  auto promise = self->make_response_promise<connection_test_info>();
  runtime::request_then(
      self, state.near.pairing, neighbour_timeout, get_pairing{},
      [self, promise](const pairing_info& pairing) mutable {
        auto& mine = self->state;
        if (!pairing.server && pairing.url.empty()) {
          promise.deliver(runtime::to_error({"connection_test.no_server",
                                             "No server is set that could be reached.",
                                             "Set the server's address first.", 409}));
          return;
        }
        if (!mine.report.running()) mine.begin(pairing);
        promise.deliver(connection_test_info{mine.report});
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

void time_came(test_state& state, const runtime::tick& tick) {
  if (state.look.due(state.self, tick)) return state.look_at_link();
  if (state.end.due(state.self, tick) && state.report.running())
    state.stuck({"connection_test.timeout", "There is no answer within 30 seconds.",
                 "Look at the network; something on the way is silent.", 504});
}

test_self::behavior_type connection_test(test_pointer self, const services* shared, way_out way,
                                         connection_test_neighbours neighbours) {
  runtime::prepare(self, "connection_test");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.way = std::move(way);
  state.near = std::move(neighbours);
  state.tests =
      &shared->limits.declare("connection.tests", "tests", 1, runtime::limit_policy::coalesce);
  runtime::request_then(
      self, state.near.network, neighbour_timeout, watch_network{caf::actor_cast<caf::actor>(self)},
      [self](const network_info_ptr& info) { self->state.network = info; },
      [](const fault& problem) {
        test_log.warning("The addresses are not known: {}", problem.text);
      });
  return {
      runtime::traced([self](const start_connection_test&) { return start(self); }),
      [self](const get_connection_test&) { return connection_test_info{self->state.report}; },
      [self](const network_changed& changed) { self->state.network = changed.network; },
      [self](const way_came& came) {
        auto& mine = self->state;
        if (came.number != mine.number || !mine.report.running()) return;
        mine.report.came(came.step, mine.now());
        mine.tell();
      },
      [self](const way_answered& came) {
        auto& mine = self->state;
        if (came.number != mine.number || !mine.report.running()) return;
        mine.answered_at = mine.now();
        mine.answered(*came.answer);
      },
      [self](const way_explained& came) {
        auto& mine = self->state;
        if (came.number == mine.number && mine.report.running()) mine.stuck(came.why);
      },
      [self](const runtime::tick& tick) { time_came(self->state, tick); },
  };
}

} // namespace

connection_test_actor spawn_connection_test(caf::actor_system& system, const services& shared,
                                            way_out way, connection_test_neighbours neighbours) {
  return system.spawn(connection_test, &shared, std::move(way), std::move(neighbours));
}

} // namespace troupe::box
