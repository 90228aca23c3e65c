#pragma once

#include "actors/server/box_finder.hpp"
#include "actors/server/bus.hpp"
#include "actors/server/services.hpp"
#include "transport/dns_sd.hpp"
#include "transport/mdns/responder.hpp"

#include <caf/typed_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Boxes that announce themselves: by multicast in the server's networks, and in domains of
/// ordinary DNS. Each is asked who it is before it counts as one of ours.
namespace troupe::server {

namespace mdns = transport::mdns;

/// What listens to the network: Avahi, or a test. It does until it is destroyed.
using mdns_listener = std::shared_ptr<void>;
using mdns_listener_maker = std::function<mdns_listener(mdns::responder::browse_callbacks)>;
mdns_listener_maker avahi_listener(boost::asio::io_context& loop, mdns::responder_options options);

struct announced_boxes {
  static constexpr bool local_message = true;
  bool listening = false;       ///< to multicast; off by configuration
  std::vector<found_box> found; ///< each box once
  fault problem;                ///< of the last look into the domains; empty code: none
};
struct get_announced {
  static constexpr bool local_message = true;
};
/// Looks into the domains, and asks those again that did not answer.
struct look_for_announced {
  static constexpr bool local_message = true;
};
using announced_boxes_actor =
    caf::typed_actor<caf::replies_to<get_announced>::with<announced_boxes>,
                     caf::reacts_to<look_for_announced>>;

/// Announcements followed at a time; further ones are left out.
inline constexpr std::size_t announced_bound = 1'000;

struct announced_options {
  address_asker ask;
  mdns_listener_maker listen; ///< empty: multicast is not listened to
  std::vector<std::string> domains;
  std::function<result<std::vector<transport::dns_service>>(const std::string& domain)> look_up;
};

announced_boxes_actor spawn_announced_boxes(caf::actor_system& system, const services& shared,
                                            announced_options options, bus_actor bus);

} // namespace troupe::server
