#include "actors/server/box_finder.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/log.hpp"
#include "transport/interfaces.hpp"
#include "transport/url.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

const runtime::logger finder_log("server.finder");

constexpr std::size_t question_bytes = 16;
/// A box that is told something writes it down before it answers.
constexpr std::chrono::seconds told_patience{5};
/// Of an announcement there are some 600 bytes.
constexpr std::size_t answer_bytes = 16 * 1024;

struct address_answered {
  static constexpr bool local_message = true;
  std::uint64_t search = 0;
  std::size_t place = 0;
  bool hello = false; ///< of the second question
  std::shared_ptr<const result<transport::client_response>> answer;
};

using finder_self = box_finder_actor::extend<caf::reacts_to<address_answered>>;

struct finder_state {
  static inline const char* name = "box_finder";

  finder_self::stateful_pointer<finder_state> self = nullptr;
  finder_options options;
  runtime::limit* addresses = nullptr;

  std::uint64_t search = 0;
  search_progress now;
  std::vector<std::string> urls; ///< in the order they are asked
  std::size_t next = 0;
  std::size_t under_way = 0;

  result<search_progress_ptr> start(const start_search& message);
  void go_on();
  void ask(std::size_t place, bool hello);
  void take(const address_answered& message);
  void keep(found_box found);
  result<search_progress_ptr> take(const browser_saw& message);
  search_progress_ptr progress() const { return std::make_shared<const search_progress>(now); }
};

result<search_progress_ptr> finder_state::start(const start_search& message) {
  auto ranges = message.ranges.empty() ? options.ranges : message.ranges;
  if (ranges.empty()) ranges = sweep_ranges_of(options.own());
  if (ranges.empty())
    return fault{"discovery.no_network", "This server is on no private network.",
                 "Say which range to search, like 192.168.1.0/24.", 409};
  const auto found = sweep_addresses_of(ranges);
  if (!found) return found.error();
  auto ports = message.ports.empty() ? std::vector{box_port} : message.ports;
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  if (ports.size() > sweep_ports || ports.front() == 0)
    return fault{"discovery.ports", "Ports are numbers from 1 to 65535, at most four of them.",
                 "A box answers on 8069 when nobody chose another.", 422};
  ++search; // what is still under way of the last search is not waited for
  urls.clear();
  for (const auto& address : *found)
    for (const auto port : ports)
      urls.push_back("http://" + address + ":" + std::to_string(port) + "/");
  now = {true, std::move(ranges), 0, urls.size(), {}, random_hex(question_bytes)};
  next = under_way = 0;
  finder_log.info("Searching {} addresses for boxes", urls.size());
  go_on();
  return progress();
}

void finder_state::go_on() {
  while (now.running && under_way < sweep_questions && next < urls.size()) {
    ++under_way;
    ask(next++, false);
  }
  addresses->set_fill(now.running ? urls.size() - now.asked : 0);
}

void finder_state::ask(std::size_t place, bool hello) {
  const auto url =
      hello ? urls[place] + "hw_proxy/hello" : announcement_url(urls[place], now.nonce);
  options.ask(url, [me = box_finder_actor(self), search = search, place,
                    hello](result<transport::client_response> answer) {
    caf::anon_send(caf::actor_cast<caf::actor>(me),
                   address_answered{search, place, hello,
                                    std::make_shared<const result<transport::client_response>>(
                                        std::move(answer))});
  });
}

void finder_state::take(const address_answered& message) {
  if (message.search != search || !now.running) return;
  const auto& answer = *message.answer;
  const auto& url = urls[message.place];
  if (message.hello) {
    if (answer && is_odoo_hello(*answer)) keep({found_kind::odoo, url, {}, found_way::sweep, true});
  } else if (answer) {
    auto found = read_announcement(*answer, now.nonce, url);
    if (!found) return ask(message.place, true);
    keep(std::move(*found));
  }
  --under_way;
  if (++now.asked == urls.size()) {
    now.running = false;
    finder_log.info("Of {} addresses {} are boxes", urls.size(), now.found.size());
  }
  go_on();
}

void finder_state::keep(found_box found) {
  if (now.found.size() < sweep_found) merge_found(now.found, std::move(found));
}

result<search_progress_ptr> finder_state::take(const browser_saw& message) {
  const auto url = transport::parse_url(message.url);
  if (!url || url->scheme != "http" || url->target != "/" ||
      !transport::is_private_address(url->host))
    return fault{"discovery.not_private", "The address is of no private network.",
                 "Give the address of a homepage, like http://192.168.1.20:8069/.", 422};
  transport::client_response answer;
  answer.status = 200;
  answer.body = message.answer;
  auto found = now.nonce.empty() ? std::nullopt : read_announcement(answer, now.nonce, url->text());
  if (!found)
    return fault{"discovery.no_box", "That is no box's announcement.", "Begin a search first.",
                 422};
  found->way = found_way::browser;
  found->answers = false;
  keep(std::move(*found));
  return progress();
}

finder_self::behavior_type finder_behavior(finder_self::stateful_pointer<finder_state> self,
                                           const services* shared, finder_options options) {
  runtime::prepare(self, "box_finder");
  auto& mine = self->state;
  mine.self = self;
  mine.options = std::move(options);
  mine.addresses =
      &shared->limits.declare("discovery.addresses", "addresses", sweep_addresses * sweep_ports,
                              runtime::limit_policy::refuse);
  return {
      [self](const start_search& message) -> caf::result<search_progress_ptr> {
        auto begun = self->state.start(message);
        if (!begun) return runtime::to_error(begun.error());
        return *begun;
      },
      [self](const stop_search&) {
        self->state.now.running = false;
        self->state.go_on();
        return self->state.progress();
      },
      [self](const get_search&) { return self->state.progress(); },
      [self](const browser_saw& message) -> caf::result<search_progress_ptr> {
        auto taken = self->state.take(message);
        if (!taken) return runtime::to_error(taken.error());
        return *taken;
      },
      [self](const address_answered& message) { self->state.take(message); },
  };
}

/// Boxes stand in the server's own networks.
std::shared_ptr<transport::http_client> neighbour_client(boost::asio::io_context& loop,
                                                         std::chrono::milliseconds patience) {
  transport::http_client_options options;
  options.connect.proxy = {};
  options.connect.connect_timeout = patience;
  options.pooled_total = 0;
  return std::make_shared<transport::http_client>(loop, options);
}

transport::client_request request_to(const std::string& url, std::chrono::milliseconds patience) {
  transport::client_request request;
  request.url = url;
  request.redirects = 0;
  request.answer_bytes = answer_bytes;
  request.timeout = patience;
  return request;
}

} // namespace

box_finder_actor spawn_box_finder(caf::actor_system& system, const services& shared,
                                  finder_options options) {
  return system.spawn(finder_behavior, &shared, std::move(options));
}

address_asker http_asker(boost::asio::io_context& loop) {
  return [client = neighbour_client(loop, sweep_patience)](
             const std::string& url,
             std::function<void(result<transport::client_response>)> answered) {
    auto request = request_to(url, sweep_patience);
    client->send(std::move(request), std::move(answered));
  };
}

address_teller http_teller(boost::asio::io_context& loop) {
  return [client = neighbour_client(loop, transport::connect_options{}.connect_timeout)](
             const std::string& url, std::string json,
             std::function<void(result<transport::client_response>)> answered) {
    auto request = request_to(url, told_patience);
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(json);
    client->send(std::move(request), std::move(answered));
  };
}

} // namespace troupe::server
