#include "actors/box/device_names.hpp"
#include "actors/box/directory_state.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "messages/codec.hpp"

#include <algorithm>

namespace troupe::box {
namespace {

constexpr std::string_view device_setting = "device.";

} // namespace

directory_entry* directory_state::find(const device_id& id) {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const auto& each) {
    return each->snapshot.description.id == id;
  });
  return at == entries.end() ? nullptr : at->get();
}

/// Makes the new list for readers and tells the watchers.
void directory_state::show_list() {
  auto fresh = std::make_shared<device_list>();
  fresh->reserve(entries.size());
  for (const auto& each : entries)
    fresh->push_back(each->snapshot);
  list = std::move(fresh);
  device_limit->set_fill(entries.size());
  watchers.tell(devices_changed{list});
}

/// Shows the new list, and publishes what happened.
void directory_state::refresh(std::string_view event_type, const device_id& id, value data) {
  show_list();
  event happened;
  happened.type = event_type;
  happened.device = id;
  happened.data = std::move(data);
  caf::anon_send(neighbours.events, publish_event{std::move(happened)});
}

result<device_snapshot> directory_state::add(device_description description, bool keep_it) {
  if (entries.size() >= device_bound) {
    device_limit->count_hit();
    return fault{"device.too_many", "This box has as many devices as it takes (64).",
                 "Remove one that is no longer used.", 409};
  }
  auto complete = options.drivers.complete(std::move(description));
  if (!complete) return complete.error();
  for (const auto& each : entries)
    if (each->snapshot.description.address == complete->address)
      return fault{"device.address_taken",
                   "The device \"" + each->snapshot.description.name + "\" is already at " +
                       complete->address + ".",
                   "Rename that one, or give another address.", 409};
  if (complete->id.empty() || find(complete->id) != nullptr)
    complete->id = unused_device_id(complete->id.empty() ? complete->name : complete->id.text,
                                    [this](const device_id& id) { return find(id) != nullptr; });
  auto added = std::make_unique<directory_entry>();
  added->snapshot.description = std::move(*complete);
  added->snapshot.status.text = "Starting.";
  added->snapshot.status.since = runtime::wall_now(self);
  added->keep = keep_it;
  entries.push_back(std::move(added));
  auto& device = *entries.back();
  directory_log.info("Device {} at {} added.", device.snapshot.description.id.text,
                     device.snapshot.description.address);
  if (keep_it) keep(device);
  start_child(device);
  refresh("device.added", device.snapshot.description.id, to_value(device.snapshot));
  return device.snapshot;
}

void directory_state::start_child(directory_entry& of) {
  const auto id = of.snapshot.description.id;
  // The description is looked up at each start, since its owner may have changed it.
  auto spec = runtime::make_child(
      id.text,
      [spawn = options.drivers.spawn, description = of.snapshot.description,
       near = neighbours](caf::actor_system& system) { return spawn(system, description, near); });
  runtime::request_then(
      self, supervisor, neighbour_timeout, runtime::add_child{std::move(spec)},
      [](const caf::actor&) {},
      [id](const fault& problem) {
        directory_log.warning("Device {} does not start: {}", id.text, problem.text);
      });
}

void directory_state::keep(const directory_entry& changed) {
  const auto& description = changed.snapshot.description;
  runtime::request_then(
      self, neighbours.ledger, neighbour_timeout,
      put_setting{std::string(device_setting) + description.id.text, to_json(description)},
      [](bool) {},
      [id = description.id](const fault& problem) {
        directory_log.error("Device {} could not be written down: {}", id.text, problem.text);
      });
}

void directory_state::load_kept() {
  runtime::request_then(
      self, neighbours.ledger, neighbour_timeout, get_settings{std::string(device_setting)},
      [this](const setting_list& found) {
        for (const auto& [name, json] : found.settings) {
          auto description = from_json<device_description>(json);
          if (!description) {
            directory_log.error("The setting {} cannot be read: {}", name,
                                description.error().text);
            continue;
          }
          if (const auto added = add(std::move(*description), true); !added)
            directory_log.warning("The device of setting {} is left out: {}", name,
                                  added.error().text);
        }
        for (auto& each : options.given)
          if (const auto added = add(each, false); !added)
            directory_log.warning("A given device is left out: {}", added.error().text);
      },
      [](const fault& problem) { throw std::runtime_error(problem.text); });
}

void directory_state::set_status(directory_entry& of, device_status status) {
  auto& present = of.snapshot.status;
  if (status.state == present.state && status.code == present.code && status.text == present.text)
    status.since = present.since;
  else if (status.since == time_point{})
    status.since = runtime::wall_now(self);
  if (status == present) return;
  present = std::move(status);
  refresh("device.status", of.snapshot.description.id, to_value(present));
}

/// A live value: shown at once to who looks, and forgotten. One that is told again still holds.
void directory_state::set_value(directory_entry& of, device_status status) {
  auto& present = of.snapshot.status;
  status.since = status.state == present.state && status.code == present.code
                     ? present.since
                     : runtime::wall_now(self);
  if (status != present) {
    present = std::move(status);
    show_list();
  }
  event passing;
  passing.type = "device.value";
  passing.device = of.snapshot.description.id;
  passing.trace = {};
  passing.data = to_value(present);
  caf::anon_send(neighbours.events, publish_event{std::move(passing), true});
}

void directory_state::child_changed(const runtime::child_changed& change) {
  auto* device = find(device_id(change.id));
  if (device == nullptr) return;
  device->given_up = change.phase == runtime::child_phase::failed;
  if (change.phase == runtime::child_phase::running) {
    device->handle = caf::actor_cast<device_actor>(change.handle);
    auto held = std::move(device->held);
    device->held.clear();
    for (auto& each : held)
      perform(*device, std::move(each));
    return;
  }
  device->handle = nullptr;
  if (device->given_up)
    for (auto& each : std::exchange(device->held, {}))
      each.promise.deliver(runtime::to_error(driver_down(device->snapshot.description)));
  if (change.phase != runtime::child_phase::restarting &&
      change.phase != runtime::child_phase::failed)
    return;
  directory_log.error("The driver of {} stopped: {}", change.id, change.reason);
  set_status(*device, {device_state::trouble,
                       "ERROR_DRIVER",
                       "The driver of this device stopped unexpectedly.",
                       "It is started again by itself; other devices are not touched.",
                       {},
                       device->snapshot.status.waiting,
                       {}});
}

caf::result<device_snapshot> directory_state::change(const change_device& wanted) {
  auto* device = find(wanted.id);
  if (device == nullptr) return runtime::to_error(unknown_device(wanted.id));
  auto description = device->snapshot.description;
  if (wanted.name) description.name = *wanted.name;
  if (wanted.subtype) description.subtype = *wanted.subtype;
  if (wanted.language) description.language = *wanted.language;
  auto complete = options.drivers.complete(description);
  if (!complete) return runtime::to_error(complete.error());
  if (*complete == device->snapshot.description) return device->snapshot;
  const auto before = std::exchange(device->snapshot.description, *complete);
  if (device->keep) keep(*device);
  refresh("device.changed", wanted.id, to_value(device->snapshot));
  // Its waiting actions stay in the ledger.
  if (options.drivers.needs_restart(before, *complete))
    runtime::request_then(
        self, supervisor, neighbour_timeout, runtime::remove_child{wanted.id.text},
        [this, id = wanted.id](bool) {
          if (auto* still = find(id)) start_child(*still);
        },
        [](const fault& problem) {
          directory_log.error("A driver does not end: {}", problem.text);
        });
  return device->snapshot;
}

caf::result<bool> directory_state::remove(const device_id& id) {
  auto* device = find(id);
  if (device == nullptr) return runtime::to_error(unknown_device(id));
  for (auto& each : device->held)
    each.promise.deliver(runtime::to_error(unknown_device(id)));
  const bool kept = device->keep;
  std::erase_if(entries, [&](const auto& each) { return each->snapshot.description.id == id; });
  directory_log.info("Device {} removed.", id.text);
  if (kept)
    caf::anon_send(neighbours.ledger,
                   put_setting{std::string(device_setting) + id.text, std::string()});
  refresh("device.removed", id, value::object{});
  auto promise = self->make_response_promise<bool>();
  runtime::request_then(
      self, supervisor, neighbour_timeout, runtime::remove_child{id.text},
      [this, id, promise](bool) mutable {
        end_actions_of(id);
        promise.deliver(true);
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

namespace {

directory_self::behavior_type directory(directory_self::stateful_pointer<directory_state> self,
                                        const services* shared, directory_options options,
                                        ledger_actor ledger, event_hub_actor events,
                                        identity_actor identity, network_actor network) {
  runtime::prepare(self, "directory");
  auto& mine = self->state;
  mine.self = self;
  mine.options = std::move(options);
  mine.device_limit =
      &shared->limits.declare("devices", "devices", device_bound, runtime::limit_policy::refuse);
  mine.neighbours = {std::move(ledger), std::move(events), caf::actor_cast<directory_actor>(self),
                     std::move(identity), std::move(network)};
  runtime::supervisor_options supervising;
  supervising.name = "devices";
  supervising.observer = [tell = runtime::sender_to(self)](const runtime::child_changed& change) {
    tell(child_moved{change});
  };
  mine.supervisor = runtime::spawn_supervisor(self->home_system(), std::move(supervising));
  self->link_to(mine.supervisor);
  if (mine.options.supervising) mine.options.supervising(mine.supervisor);
  self->monitor(mine.supervisor);
  self->set_down_handler([self](caf::down_msg& down) {
    auto& state = self->state;
    if (down.source == state.supervisor.address())
      return self->quit(state.stopping ? *state.stopping : std::move(down.reason));
    state.watchers.remove(down.source);
  });
  self->set_exit_handler([self](caf::exit_msg& stop) {
    auto& state = self->state;
    if (stop.source == state.supervisor.address()) return; // its down message says the same
    // The devices end first, since what they finish goes through the ledger, which ends after us.
    state.stopping = std::move(stop.reason);
    caf::anon_send_exit(state.supervisor, caf::exit_reason::user_shutdown);
  });
  mine.load_kept();
  return {
      runtime::traced([self](const action_request& request) { return self->state.take(request); }),
      runtime::traced([self](const repeat_action& wanted) { return self->state.repeat(wanted); }),
      [self](const cancel_action& wanted) { return self->state.cancel(wanted); },
      runtime::traced([self](const add_device& wanted) -> result<device_snapshot> {
        return self->state.add(wanted.description, wanted.keep);
      }),
      [self](const change_device& wanted) { return self->state.change(wanted); },
      [self](const remove_device& wanted) { return self->state.remove(wanted.id); },
      [self](const watch_devices& wanted) -> device_list_ptr {
        self->state.watchers.add(self, wanted.watcher);
        return self->state.list;
      },
      [self](const device_status_changed& changed) {
        auto* device = self->state.find(changed.id);
        if (device == nullptr) return;
        if (changed.live)
          self->state.set_value(*device, changed.status);
        else
          self->state.set_status(*device, changed.status);
      },
      [self](const child_moved& moved) { self->state.child_changed(moved.change); },
  };
}

} // namespace

directory_actor spawn_directory(caf::actor_system& system, const services& shared,
                                directory_options options, ledger_actor ledger,
                                event_hub_actor events, identity_actor identity,
                                network_actor network) {
  return system.spawn(directory, &shared, std::move(options), std::move(ledger), std::move(events),
                      std::move(identity), std::move(network));
}

} // namespace troupe::box
