#include "actors/box/network.hpp"

#include "actors/box/network_state.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "actors/runtime/watchers.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// A changing network sends a burst of messages; it is read once when they calm down.
constexpr auto settle_delay = 200ms;

struct network_moved {
  static constexpr bool local_message = true;
};

using network_self =
    network_actor::extend<caf::reacts_to<network_moved>, caf::reacts_to<runtime::tick>>;

struct network_actor_state {
  static inline const char* name = "network";
  network_info_ptr present;
  runtime::watcher_list watchers;
  event_hub_actor events;
  runtime::timer settle{1};
  std::unique_ptr<descriptor_watch> watch;
};

bool same(const network_info& a, const network_info& b) {
  const auto equal_address = [](const network_address& x, const network_address& y) {
    return x.text == y.text && x.prefix == y.prefix;
  };
  const auto equal_interface = [&](const network_interface& x, const network_interface& y) {
    return x.name == y.name && x.mac == y.mac && x.up == y.up &&
           std::equal(x.addresses.begin(), x.addresses.end(), y.addresses.begin(),
                      y.addresses.end(), equal_address);
  };
  return a.gateway == b.gateway && a.primary_address == b.primary_address &&
         std::equal(a.interfaces.begin(), a.interfaces.end(), b.interfaces.begin(),
                    b.interfaces.end(), equal_interface);
}

void read_again(network_self::stateful_pointer<network_actor_state> self) {
  auto& state = self->state;
  auto found = read_network();
  if (same(found, *state.present)) return;
  network_log.info("The network changed; the box is at {}.", found.primary_address);
  state.present = std::make_shared<const network_info>(std::move(found));
  state.watchers.tell(network_changed{state.present});
  event moved;
  moved.type = "box.changed";
  moved.data = value::object{{"address", state.present->primary_address}};
  caf::anon_send(state.events, publish_event{std::move(moved)});
}

network_self::behavior_type network(network_self::stateful_pointer<network_actor_state> self,
                                    const services* shared, event_hub_actor events) {
  runtime::prepare(self, "network");
  auto& state = self->state;
  state.present = std::make_shared<const network_info>(read_network());
  state.events = std::move(events);
  state.watch = watch_network_changes(shared->loop,
                                      [tell = runtime::sender_to(self)] { tell(network_moved{}); });
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.watchers.remove(down.source); });
  return {
      [self](const watch_network& message) -> network_info_ptr {
        self->state.watchers.add(self, message.watcher);
        return self->state.present;
      },
      [self](const network_moved&) {
        if (!self->state.settle.armed()) self->state.settle.arm(self, settle_delay);
      },
      [self](const runtime::tick& tick) {
        if (self->state.settle.due(self, tick)) read_again(self);
      },
  };
}

network_actor::behavior_type fixed_network(network_actor::pointer self) {
  runtime::prepare(self, "network");
  network_info nowhere;
  nowhere.primary_address = "127.0.0.1";
  return {[present = std::make_shared<const network_info>(std::move(nowhere))](
              const watch_network&) -> network_info_ptr { return present; }};
}

} // namespace

std::vector<std::string> all_addresses(const network_info& network) {
  std::vector<std::string> found;
  for (const auto& interface : network.interfaces)
    for (const auto& address : interface.addresses)
      found.push_back(address.text);
  return found;
}

network_actor spawn_network(caf::actor_system& system, const services& shared,
                            event_hub_actor events) {
  return system.spawn(network, &shared, std::move(events));
}

network_actor spawn_fixed_network(caf::actor_system& system) {
  return system.spawn(fixed_network);
}

} // namespace troupe::box
