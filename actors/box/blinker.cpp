#include "actors/box/blinker.hpp"

#include "actors/box/pairing_slip.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace troupe::box {
namespace {

const runtime::logger blinker_log("box.blinker");

using blinker_self = blinker_actor::extend<caf::reacts_to<devices_changed>>;

struct blinker_state {
  static inline const char* name = "blinker";

  blinker_self::stateful_pointer<blinker_state> self = nullptr;
  event_hub_actor events;
  identity_actor identity;
  directory_actor directory;
  device_list_ptr devices = std::make_shared<const device_list>();
  std::optional<runtime::actor_time> last, last_on_paper;

  result<bool> show(const blink& wanted);
  bool print();
  void print_on(const device_id& device);
};

result<bool> blinker_state::show(const blink& wanted) {
  const auto now = runtime::now(self);
  if (last && now - *last < blink_rest)
    return fault{"blink.too_soon", "The box is blinking already.", "Look at it, then ask again.",
                 429};
  last = now;
  event shown;
  shown.type = "box.blinked";
  shown.data = value::object{{"by", wanted.by}};
  caf::anon_send(events, publish_event{std::move(shown), true});
  blinker_log.info("Asked by {} to show which box this is", wanted.by);
  if (last_on_paper && now - *last_on_paper < blink_paper_rest) return false;
  if (!print()) return false;
  last_on_paper = now;
  return true;
}

bool blinker_state::print() {
  bool printing = false;
  for (const auto& each : *devices) {
    if (!prints_at_once(each)) continue;
    print_on(each.description.id);
    printing = true;
  }
  return printing;
}

void blinker_state::print_on(const device_id& device) {
  runtime::request_then(
      self, identity, neighbour_timeout, get_identity{},
      [this, device](const identity_info& me) {
        action_request wanted;
        wanted.device = device;
        wanted.action = "print";
        wanted.origin = "box";
        wanted.key = "blink:" + random_hex(8);
        wanted.document = make_name_slip(me.name);
        runtime::request_then(
            self, directory, neighbour_timeout, std::move(wanted), [](const action_accepted&) {},
            [](const fault& problem) {
              blinker_log.warning("The box's name could not be printed: {}", problem.text);
            });
      },
      [](const fault& problem) {
        blinker_log.warning("The box's name is not known: {}", problem.text);
      });
}

blinker_self::behavior_type blinker(blinker_self::stateful_pointer<blinker_state> self,
                                    event_hub_actor events, identity_actor identity,
                                    directory_actor directory) {
  runtime::prepare(self, "blinker");
  auto& mine = self->state;
  mine.self = self;
  mine.events = std::move(events);
  mine.identity = std::move(identity);
  mine.directory = std::move(directory);
  runtime::request_then(
      self, mine.directory, neighbour_timeout, watch_devices{caf::actor_cast<caf::actor>(self)},
      [self](const device_list_ptr& now) { self->state.devices = now; },
      [](const fault& problem) {
        blinker_log.warning("The devices are not known: {}", problem.text);
      });
  return {
      [self](const blink& wanted) -> caf::result<bool> {
        auto shown = self->state.show(wanted);
        if (!shown) return runtime::to_error(shown.error());
        return *shown;
      },
      [self](const devices_changed& changed) { self->state.devices = changed.devices; },
  };
}

} // namespace

blinker_actor spawn_blinker(caf::actor_system& system, event_hub_actor events,
                            identity_actor identity, directory_actor directory) {
  return system.spawn(blinker, std::move(events), std::move(identity), std::move(directory));
}

} // namespace troupe::box
