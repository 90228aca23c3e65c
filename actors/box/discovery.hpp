#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/homepage_listens.hpp"
#include "actors/box/identity.hpp"
#include "actors/box/network.hpp"
#include "actors/box/pairing.hpp"
#include "actors/box/services.hpp"
#include "security/signing_key.hpp"
#include "transport/mdns/service.hpp"

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Announces the box in its networks (mDNS/DNS-SD), signed by its key, so that servers and people
/// find it without an address.
namespace troupe::box {

namespace mdns = transport::mdns;

/// What announces: Avahi, or a test.
class announcer {
public:
  virtual ~announcer() = default;
  virtual void advertise(mdns::advertisement what,
                         std::function<void(const mdns::advertised&)> told) = 0;
};
using announcer_maker = std::function<std::unique_ptr<announcer>()>;
/// By Avahi.
announcer_maker avahi_announcer(boost::asio::io_context& loop, mdns::responder_options options);

struct discovery_info {
  static constexpr bool local_message = true;
  bool announces = false; ///< by configuration
  mdns::advertised as;
  std::vector<std::string> records; ///< its texts, for who keeps them in a zone of ordinary DNS
};
struct get_discovery {
  static constexpr bool local_message = true;
};
using discovery_actor = caf::typed_actor<caf::replies_to<get_discovery>::with<discovery_info>,
                                         caf::reacts_to<homepage_listens>>;

struct discovery_options {
  security::signing_key key;
  announcer_maker make; ///< empty: the box is not announced
};
struct discovery_neighbours {
  box_id id;
  event_hub_actor events;
  identity_actor identity;
  network_actor network;
  pairing_actor pairing;
};

discovery_actor spawn_discovery(caf::actor_system& system, const services& shared,
                                discovery_options options, discovery_neighbours neighbours);

} // namespace troupe::box
