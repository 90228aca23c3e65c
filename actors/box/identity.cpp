#include "actors/box/identity.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/watchers.hpp"
#include "messages/codec.hpp"
#include "transport/names.hpp"

#include <caf/all.hpp>

namespace troupe::box {
namespace {

const runtime::logger log_("box.identity");
constexpr std::string_view name_setting = "box.name";

struct identity_state {
  static inline const char* name = "identity";
  identity_info info;
  ledger_actor ledger;
  event_hub_actor events;
  runtime::watcher_list watchers;
};
using self_pointer = identity_actor::stateful_pointer<identity_state>;

std::string first_name(const box_id& id) {
  const auto& text = id.text;
  return "Box " + text.substr(text.size() > 4 ? text.size() - 4 : 0);
}

identity_actor::behavior_type identity(self_pointer self, box_id id, ledger_actor ledger,
                                       event_hub_actor events) {
  runtime::prepare(self, "identity");
  self->state.info = {id, first_name(id)};
  self->state.ledger = std::move(ledger);
  self->state.events = std::move(events);
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.watchers.remove(down.source); });
  runtime::request_then(
      self, self->state.ledger, neighbour_timeout, get_settings{std::string(name_setting)},
      [self](const setting_list& found) {
        for (const auto& [name, json] : found.settings)
          if (const auto kept = from_json<value>(json); kept && kept->as_text() != nullptr)
            self->state.info.name = *kept->as_text();
      },
      [](const fault& problem) { log_.warning("The name could not be read: {}", problem.text); });
  return {
      [self](const get_identity&) { return self->state.info; },
      [self](const rename_box& wanted) -> caf::result<identity_info> {
        auto name = transport::checked_name(wanted.name, "box.bad_name");
        if (!name) return runtime::to_error(name.error());
        auto promise = self->make_response_promise<identity_info>();
        runtime::request_then(
            self, self->state.ledger, neighbour_timeout,
            put_setting{std::string(name_setting), to_json(value(*name))},
            [self, promise, name = *name](bool) mutable {
              self->state.info.name = name;
              event renamed;
              renamed.type = "box.changed";
              renamed.data = value::object{{"name", name}};
              caf::anon_send(self->state.events, publish_event{std::move(renamed)});
              self->state.watchers.tell(identity_changed{self->state.info});
              promise.deliver(self->state.info);
            },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
      [self](const watch_identity& wanted) {
        self->state.watchers.add(self, wanted.watcher);
        return self->state.info;
      },
  };
}

} // namespace

identity_actor spawn_identity(caf::actor_system& system, const services&, box_id id,
                              ledger_actor ledger, event_hub_actor events) {
  return system.spawn(identity, std::move(id), std::move(ledger), std::move(events));
}

} // namespace troupe::box
