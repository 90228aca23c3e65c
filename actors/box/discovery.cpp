#include "actors/box/discovery.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "security/announcement.hpp"
#include "transport/mdns/responder.hpp"

#include <caf/all.hpp>

#include <optional>
#include <utility>

namespace troupe::box {
namespace {

const runtime::logger discovery_log("box.discovery");

/// The first answers come when the ledger is open.
constexpr std::chrono::seconds box_start{30};

struct announcement_stands {
  static constexpr bool local_message = true;
  mdns::advertised as;
};

using discovery_self =
    discovery_actor::extend<caf::reacts_to<announcement_stands>, caf::reacts_to<identity_changed>,
                            caf::reacts_to<server_changed>, caf::reacts_to<network_changed>>;

struct discovery_state {
  static inline const char* name = "discovery";

  discovery_self::stateful_pointer<discovery_state> self = nullptr;
  const services* shared = nullptr;
  discovery_options options;
  discovery_neighbours near;

  std::uint16_t port = 0;
  std::optional<std::string> box_name;
  std::optional<bool> paired;
  std::string said; ///< what the present signature is over; a new one would be a new text
  mdns::advertisement offered;
  mdns::advertised as;
  std::unique_ptr<announcer> voice; ///< last: it calls back into the actor

  void start();
  /// Says what holds now, once everything is known.
  void announce();
  mdns::advertisement advertisement_now() const;
  void stands(const mdns::advertised& now);
};

void discovery_state::start() {
  const auto me = caf::actor_cast<caf::actor>(self);
  const auto unknown = [](const fault& problem) {
    discovery_log.warning("The box is not announced yet: {}", problem.text);
  };
  runtime::request_then(
      self, near.identity, box_start, watch_identity{me},
      [this](const identity_info& now) {
        box_name = now.name;
        announce();
      },
      unknown);
  runtime::request_then(
      self, near.pairing, box_start, watch_server{me},
      [this](const server_changed& now) {
        paired = now.server != nullptr;
        announce();
      },
      unknown);
  runtime::request_then(
      self, near.network, box_start, watch_network{me}, [](const network_info_ptr&) {}, unknown);
}

mdns::advertisement discovery_state::advertisement_now() const {
  announcement told;
  told.id = near.id;
  told.name = *box_name;
  told.version = shared->version;
  told.paired = *paired;
  security::sign(told, options.key);
  return {*box_name,
          {{std::string(announcement_service), port, to_txt(told)},
           {"_http._tcp", port, {"txtvers=1", "path=/"}}}};
}

void discovery_state::announce() {
  if (port == 0 || !box_name || !paired) return;
  auto saying = std::to_string(port) + (*paired ? " paired " : " free ") + *box_name;
  if (saying != said) {
    said = std::move(saying);
    offered = advertisement_now();
  }
  if (!options.make) return;
  if (!voice) voice = options.make();
  voice->advertise(offered, [tell = runtime::sender_to(self)](const mdns::advertised& now) {
    tell(announcement_stands{now});
  });
}

void discovery_state::stands(const mdns::advertised& now) {
  if (now == as) return;
  as = now;
  if (as.established)
    discovery_log.info("Announced in the network as \"{}\"{}", as.name,
                       as.by_daemon ? " by Avahi" : "");
  else if (!as.problem.empty())
    discovery_log.warning("The box cannot be announced in the network: {}", as.problem);
  event moved;
  moved.type = "box.changed";
  moved.data = value::object{{"announced", as.established ? as.name : std::string()}};
  caf::anon_send(near.events, publish_event{std::move(moved), true});
}

discovery_self::behavior_type discovery(discovery_self::stateful_pointer<discovery_state> self,
                                        const services* shared, discovery_options options,
                                        discovery_neighbours neighbours) {
  runtime::prepare(self, "discovery");
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.options = std::move(options);
  mine.near = std::move(neighbours);
  mine.start();
  return {
      [self](const get_discovery&) {
        const auto& present = self->state;
        return discovery_info{static_cast<bool>(present.options.make), present.as,
                              present.offered.services.empty()
                                  ? std::vector<std::string>()
                                  : present.offered.services.front().txt};
      },
      [self](const homepage_listens& message) {
        self->state.port = message.port;
        self->state.announce();
      },
      [self](const announcement_stands& message) { self->state.stands(message.as); },
      [self](const identity_changed& message) {
        self->state.box_name = message.present.name;
        self->state.announce();
      },
      [self](const server_changed& message) {
        self->state.paired = message.server != nullptr;
        self->state.announce();
      },
      // Avahi follows addresses by itself; interfaces that are named must be there when it is told.
      [self](const network_changed&) { self->state.announce(); },
  };
}

class avahi_voice final : public announcer {
public:
  avahi_voice(boost::asio::io_context& loop, mdns::responder_options options)
      : responder_(loop, std::move(options)) {}
  void advertise(mdns::advertisement what,
                 std::function<void(const mdns::advertised&)> told) override {
    responder_.advertise(std::move(what), std::move(told));
  }

private:
  mdns::responder responder_;
};

} // namespace

discovery_actor spawn_discovery(caf::actor_system& system, const services& shared,
                                discovery_options options, discovery_neighbours neighbours) {
  return system.spawn(discovery, &shared, std::move(options), std::move(neighbours));
}

announcer_maker avahi_announcer(boost::asio::io_context& loop, mdns::responder_options options) {
  return [&loop, options = std::move(options)] {
    return std::make_unique<avahi_voice>(loop, options);
  };
}

} // namespace troupe::box
