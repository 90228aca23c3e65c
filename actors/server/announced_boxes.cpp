#include "actors/server/announced_boxes.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "actors/runtime/workers.hpp"
#include "messages/identifiers.hpp"
#include "security/announcement.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

const runtime::logger announced_log("server.announced");

constexpr std::size_t nonce_bytes = 16;
/// Boxes asked at a time.
constexpr std::size_t questions = 16;
/// All domains together.
constexpr auto domain_patience = 60s;

struct service_seen {
  static constexpr bool local_message = true;
  mdns::found_service service;
};
struct service_gone {
  static constexpr bool local_message = true;
  std::string key;
};
struct box_answered {
  static constexpr bool local_message = true;
  std::string key;
  std::string nonce;
  std::shared_ptr<const result<transport::client_response>> answer;
};

using announced_self =
    announced_boxes_actor::extend<caf::reacts_to<service_seen>, caf::reacts_to<service_gone>,
                                  caf::reacts_to<box_answered>>;

using domain_services =
    std::vector<std::pair<std::string, std::vector<transport::dns_service>>>; ///< by domain

struct known_announcement {
  found_box box;
  std::string nonce; ///< of the question under way; empty: none is
};

struct announced_state {
  announced_state() = default;
  static inline const char* name = "announced_boxes";

  announced_self::stateful_pointer<announced_state> self = nullptr;
  const services* shared = nullptr;
  announced_options options;
  bus_actor bus;
  runtime::limit* fill = nullptr;

  std::map<std::string, known_announcement> known;
  std::deque<std::string> to_ask;
  std::size_t under_way = 0;
  bool looking = false;
  fault problem;
  mdns_listener listener; ///< last: it calls back into the actor

  void start();
  void seen(const std::string& key, const std::string& url, found_way way,
            const std::vector<std::string>& txt);
  void gone(const std::string& key);
  void want_answer(const std::string& key);
  void ask_next();
  void answered(const box_answered& message);
  void look();
  void take_services(const std::vector<transport::dns_service>& services,
                     const std::string& domain);
  void changed();
  announced_boxes present() const;
};

void announced_state::start() {
  if (!options.listen) return;
  const auto tell = runtime::sender_to(self);
  listener =
      options.listen({[tell](const mdns::found_service& service) { tell(service_seen{service}); },
                      [tell](const std::string& key) { tell(service_gone{key}); }});
}

void announced_state::seen(const std::string& key, const std::string& url, found_way way,
                           const std::vector<std::string>& txt) {
  auto said = from_txt(txt);
  if (!said) return; // nothing of ours, or of a time to come
  if (known.size() >= announced_bound && !known.contains(key)) return;
  const bool genuine = security::is_genuine(*said, {});
  auto& entry = known[key];
  const bool same = entry.box.answers && entry.box.url == url && entry.box.said.key == said->key;
  entry.box = {genuine ? found_kind::box : found_kind::forged, url, *std::move(said), way,
               same && genuine};
  make_showable(entry.box.said);
  entry.nonce.clear(); // an answer under way is to an older announcement
  fill->set_fill(known.size());
  if (genuine)
    want_answer(key);
  else
    announced_log.warning("{} announces a box with a wrong signature", url);
  changed();
}

void announced_state::gone(const std::string& key) {
  if (known.erase(key) == 0) return;
  fill->set_fill(known.size());
  changed();
}

void announced_state::want_answer(const std::string& key) {
  if (std::find(to_ask.begin(), to_ask.end(), key) == to_ask.end()) to_ask.push_back(key);
  ask_next();
}

void announced_state::ask_next() {
  while (under_way < questions && !to_ask.empty()) {
    const auto key = std::move(to_ask.front());
    to_ask.pop_front();
    const auto found = known.find(key);
    if (found == known.end()) continue;
    ++under_way;
    const auto nonce = found->second.nonce = random_hex(nonce_bytes);
    options.ask(
        announcement_url(found->second.box.url, nonce),
        [tell = runtime::sender_to(self), key, nonce](result<transport::client_response> answer) {
          tell(box_answered{
              key, nonce,
              std::make_shared<const result<transport::client_response>>(std::move(answer))});
        });
  }
}

void announced_state::answered(const box_answered& message) {
  --under_way;
  const auto found = known.find(message.key);
  if (found != known.end() && found->second.nonce == message.nonce) {
    auto& entry = found->second;
    entry.nonce.clear();
    const auto said = *message.answer
                          ? read_announcement(**message.answer, message.nonce, entry.box.url)
                          : std::nullopt;
    if (!said) {
      entry.box.answers = false;
      announced_log.info("{} at {} announces itself and does not answer", entry.box.said.name,
                         entry.box.url);
    } else if (said->kind == found_kind::box && said->said.key == entry.box.said.key) {
      entry.box.said = said->said;
      entry.box.answers = true;
    } else {
      entry.box.kind = found_kind::forged; // an announcement copied from another box
    }
    changed();
  }
  ask_next();
}

void announced_state::look() {
  for (const auto& [key, entry] : known)
    if (!entry.box.answers && entry.nonce.empty() && entry.box.kind == found_kind::box)
      want_answer(key);
  if (looking || options.domains.empty()) return;
  looking = true;
  runtime::run_on_workers(
      self, shared->workers, domain_patience,
      [domains = options.domains, look_up = options.look_up]() -> result<domain_services> {
        domain_services all;
        fault failed;
        for (const auto& each : domains) {
          auto found = look_up(each);
          if (found)
            all.emplace_back(each, *std::move(found));
          else
            failed = found.error();
        }
        if (all.empty() && !failed.code.empty()) return failed;
        return all;
      },
      [this](const result<domain_services>& found) {
        looking = false;
        problem = found ? fault{} : found.error();
        if (!found) return announced_log.warning("{}", problem.text);
        for (const auto& [domain, services] : *found)
          take_services(services, domain);
      });
}

/// What a domain has now; what it had is forgotten.
void announced_state::take_services(const std::vector<transport::dns_service>& services,
                                    const std::string& domain) {
  const auto prefix = "dns/" + domain + "/";
  std::vector<std::string> old;
  for (const auto& [key, entry] : known)
    if (key.starts_with(prefix)) old.push_back(key);
  for (const auto& each : services) {
    const auto key = prefix + each.name;
    std::erase(old, key);
    seen(key, homepage_url(each.address, each.port), found_way::dns, each.txt);
  }
  for (const auto& each : old)
    gone(each);
}

void announced_state::changed() {
  event happened;
  happened.type = "discovery.changed";
  caf::anon_send(bus, publish_live{box_id(), {std::move(happened)}});
}

announced_boxes announced_state::present() const {
  announced_boxes out{listener != nullptr, {}, problem};
  for (const auto& [key, entry] : known)
    merge_found(out.found, entry.box);
  return out;
}

announced_self::behavior_type announced(announced_self::stateful_pointer<announced_state> self,
                                        const services* shared, announced_options options,
                                        bus_actor bus) {
  runtime::prepare(self, "announced_boxes");
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.options = std::move(options);
  mine.bus = std::move(bus);
  mine.fill = &shared->limits.declare("discovery.announced", "announcements", announced_bound,
                                      runtime::limit_policy::refuse);
  mine.start();
  mine.look();
  return {
      [self](const get_announced&) { return self->state.present(); },
      [self](const look_for_announced&) { self->state.look(); },
      [self](const service_seen& message) {
        const auto& found = message.service;
        self->state.seen(found.key, homepage_url(found.address, found.port), found_way::mdns,
                         found.txt);
      },
      [self](const service_gone& message) { self->state.gone(message.key); },
      [self](const box_answered& message) { self->state.answered(message); },
  };
}

} // namespace

announced_boxes_actor spawn_announced_boxes(caf::actor_system& system, const services& shared,
                                            announced_options options, bus_actor bus) {
  return system.spawn(announced, &shared, std::move(options), std::move(bus));
}

mdns_listener_maker avahi_listener(boost::asio::io_context& loop, mdns::responder_options options) {
  return [&loop, options = std::move(options)](
             mdns::responder::browse_callbacks callbacks) -> mdns_listener {
    auto made = std::make_shared<mdns::responder>(loop, options);
    made->browse(std::string(announcement_service), std::move(callbacks));
    return made;
  };
}

} // namespace troupe::server
