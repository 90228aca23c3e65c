#include "actors/runtime/log.hpp"
#include "actors/server/fleet_state.hpp"
#include "messages/codec.hpp"

#include <algorithm>

namespace troupe::server {

namespace {

/// More devices than a box takes.
constexpr std::size_t devices_bound = 256;
constexpr std::size_t interfaces_bound = 32;
constexpr std::size_t origins_bound = 512;

constexpr const char* copied_alert =
    "Two machines say that they are this box: its disk was copied. The older link stays until you "
    "decide which of them it is.";
constexpr const char* wrong_key_alert =
    "A machine said that it is this box, but has another key. It was turned away. If the box was "
    "set up anew, connect it again with its code.";

device_snapshot* find_device(fleet_box& box, const device_id& id) {
  const auto found =
      std::find_if(box.devices.begin(), box.devices.end(),
                   [&](const device_snapshot& each) { return each.description.id == id; });
  return found == box.devices.end() ? nullptr : &*found;
}

/// Applies an event about a device to what the fleet shows.
void apply(fleet_box& box, const event& happened) {
  auto* device = find_device(box, happened.device);
  if (happened.type == "device.removed") {
    std::erase_if(box.devices, [&](const device_snapshot& each) {
      return each.description.id == happened.device;
    });
  } else if (happened.type == "device.status") {
    if (device == nullptr) return;
    if (auto status = from_json<device_status>(to_json(happened.data)))
      device->status = std::move(*status);
  } else if (happened.type == "device.added" || happened.type == "device.changed") {
    auto told = from_json<device_snapshot>(to_json(happened.data));
    if (!told || told->description.id != happened.device) return;
    if (device != nullptr)
      *device = std::move(*told);
    else if (box.devices.size() < devices_bound)
      box.devices.push_back(std::move(*told));
  }
}

} // namespace

void fleet_state::admit(const admit_box& message,
                        caf::typed_response_promise<admitted_box> promise) {
  const auto known = boxes.find(message.box);
  if (known == boxes.end()) return promise.deliver(admitted_box{admission::unknown}), void();
  auto& entry = known->second;
  if (!(entry.public_key == message.public_key)) {
    if (!entry.deleted) alert(entry, wrong_key_alert);
    return promise.deliver(admitted_box{admission::wrong_key}), void();
  }
  if (entry.deleted) return promise.deliver(admitted_box{admission::removed}), void();
  if (!entry.locked_out.empty() && entry.locked_out == message.instance)
    return promise.deliver(admitted_box{admission::copied}), void();
  if (!entry.session || entry.instance == message.instance)
    return link(entry, message, std::move(promise));
  if (probes.count(message.box) > 0) // one newcomer at a time
    return promise.deliver(admitted_box{admission::copied}), void();
  const auto until = runtime::now(self) + probe_timeout;
  probes.emplace(message.box, probing{message, std::move(promise), until});
  caf::anon_send(entry.session, ask_alive{});
  if (!probe.armed()) probe.arm_at(self, until);
}

void fleet_state::link(box_entry& entry, const admit_box& message,
                       caf::typed_response_promise<admitted_box> promise) {
  if (entry.session) {
    links.erase(entry.session.address());
    caf::anon_send(entry.session, end_link{link_end::replaced});
    if (entry.box.online) {
      --online;
      entry.meter.lost(runtime::wall_now(self));
    }
    entry.box.online = false;
  }
  entry.session = message.session;
  entry.instance = message.instance;
  if (entry.box.stage < connect_stage::proven) entry.box.stage = connect_stage::proven;
  entry.box.stage_problem = {};
  links[message.session.address()] = message.box;
  self->monitor(message.session);
  promise.deliver(admitted_box{admission::linked});
}

void fleet_state::turn_away(box_entry& entry, const admit_box& message,
                            caf::typed_response_promise<admitted_box> promise) {
  entry.copy = message.instance;
  fleet_log.warning("Two machines say that they are box {}", message.box.text);
  alert(entry, copied_alert);
  promise.deliver(admitted_box{admission::copied});
}

/// Who decides behind somebody else's decision must not lock the box out that is left.
void fleet_state::decide(const decide_copy& message,
                         caf::typed_response_promise<fleet_box_ptr> promise) {
  auto* entry = find(message.id);
  if (entry == nullptr) return promise.deliver(runtime::to_error(box_unknown(message.id))), void();
  const bool copied = !entry->copy.empty() || entry->box.alert == copied_alert;
  if (!copied && (message.replace || entry->box.alert.empty()))
    return promise.deliver(runtime::to_error(
               {"box.not_copied", "No other machine says that it is this box.",
                "Look at the box again: somebody may have decided already.", 409})),
           void();
  if (message.replace) {
    entry->locked_out = entry->instance;
    entry->copy.clear();
    if (entry->session) caf::anon_send(entry->session, end_link{link_end::copied});
    offline(*entry);
  } else if (copied) {
    entry->locked_out = entry->copy;
  }
  alert(*entry, {});
  promise.deliver(shown(*entry));
}

void fleet_state::answer(const alive_told& message) {
  const auto asked = probes.find(message.box);
  auto* entry = find(message.box);
  if (asked == probes.end() || entry == nullptr || entry->session != message.session) return;
  auto newcomer = std::move(asked->second);
  probes.erase(asked);
  turn_away(*entry, newcomer.newcomer, std::move(newcomer.promise));
}

/// The older link gave no sign of life: the newcomer is the box.
void fleet_state::end_probes() {
  const auto now = runtime::now(self);
  std::optional<runtime::actor_time> next;
  for (auto at = probes.begin(); at != probes.end();) {
    if (at->second.until > now) {
      next = next ? std::min(*next, at->second.until) : at->second.until;
      ++at;
      continue;
    }
    auto ended = std::move(at->second);
    at = probes.erase(at);
    if (auto* entry = find(ended.newcomer.box))
      link(*entry, ended.newcomer, std::move(ended.promise));
    else
      ended.promise.deliver(admitted_box{admission::removed});
  }
  if (next) probe.arm_at(self, *next);
}

void fleet_state::up(const link_up& message) {
  auto* entry = find(message.box);
  if (entry == nullptr || entry->session != message.session) return;
  if (!entry->box.online) ++online;
  online_boxes->set(static_cast<std::int64_t>(online));
  entry->box.online = true;
  come_back(*entry);
  entry->box.online_since = runtime::wall_now(self);
  changed(*entry, true);
  publish(
      message.box, "box.online",
      value::object{{"name", entry->box.name}, {"stage", std::string(name_of(entry->box.stage))}});
}

void fleet_state::down(const caf::actor_addr& session) {
  const auto found = links.find(session);
  if (found == links.end()) return;
  auto* entry = find(found->second);
  links.erase(found);
  if (entry != nullptr && entry->session && entry->session.address() == session) offline(*entry);
}

void fleet_state::offline(box_entry& entry) {
  if (entry.session) links.erase(entry.session.address());
  entry.session = nullptr;
  // A newcomer that waits for the older link's answer need not wait any more.
  if (const auto waiting = probes.find(entry.box.id); waiting != probes.end()) {
    waiting->second.until = runtime::now(self);
    probe.arm(self, {});
  }
  if (!entry.box.online) return;
  --online;
  online_boxes->set(static_cast<std::int64_t>(online));
  entry.box.online = false;
  entry.box.online_since = runtime::wall_now(self);
  entry.meter.lost(runtime::wall_now(self));
  changed(entry, true);
  publish(entry.box.id, "box.offline", value::object{{"name", entry.box.name}});
}

void fleet_state::take(const farewell_told& message, caf::typed_response_promise<bool> promise) {
  const auto* entry = find(message.box);
  if (entry == nullptr || !(entry->public_key == message.public_key) ||
      entry->box.disconnected != time_point{})
    return promise.deliver(true), void();
  leave(*entry, std::move(promise));
}

void fleet_state::take(const link_left& message) {
  const auto* entry = find(message.box);
  if (entry != nullptr && entry->session == message.session) leave(*entry, {});
}

/// The card stays, and says why nothing is heard of the box.
void fleet_state::leave(const box_entry& entry, caf::typed_response_promise<bool> promise) {
  const auto at = runtime::wall_now(self);
  run_in_store(
      self, store,
      [id = entry.box.id, at](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_box_disconnected(connection, id, at)) return *problem;
        return true;
      },
      [this, id = entry.box.id, at, promise](bool) mutable {
        auto* left = find(id);
        if (left != nullptr && left->box.disconnected == time_point{}) {
          left->box.disconnected = at;
          cancel_all(*left, "box.disconnected", "The box was disconnected at its homepage.");
          if (left->session) caf::anon_send(left->session, end_link{link_end::replaced});
          offline(*left);
          changed(*left);
          publish(id, "box.disconnected", to_value(*shown(*left)));
          fleet_log.info("Box {} was disconnected at its homepage", id.text);
        }
        if (promise.pending()) promise.deliver(true);
      },
      [promise](const fault& problem) mutable {
        fleet_log.warning("That a box was disconnected could not be written: {}", problem.text);
        if (promise.pending()) promise.deliver(runtime::to_error(problem));
      });
}

/// A box that was disconnected comes with its note of this server: its disk is an older one.
void fleet_state::come_back(box_entry& entry) {
  if (entry.box.disconnected == time_point{}) return;
  entry.box.disconnected = {};
  run_in_store(
      self, store,
      [id = entry.box.id](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_box_disconnected(connection, id, {})) return *problem;
        return true;
      },
      [](bool) {},
      [](const fault& problem) {
        fleet_log.warning("That a box is back could not be written: {}", problem.text);
      });
}

void fleet_state::take(const snapshot_told& message) {
  auto* entry = find(message.box);
  if (entry == nullptr || entry->session != message.session) return;
  entry->box.report = message.content->report;
  if (entry->box.report.interfaces.size() > interfaces_bound)
    entry->box.report.interfaces.resize(interfaces_bound);
  if (entry->box.report.origins.size() > origins_bound)
    entry->box.report.origins.resize(origins_bound);
  entry->box.stage = connect_stage::done;
  entry->box.devices = message.content->devices;
  if (entry->box.devices.size() > devices_bound) entry->box.devices.resize(devices_bound);
  changed(*entry, true);
  publish(message.box, "box.changed", to_value(*shown(*entry)));
}

/// Why a box that was just connected does not come; what goes wrong later is told by alerts.
void fleet_state::stage_failed(box_entry& entry, connect_problem why) {
  if (entry.box.stage == connect_stage::done || entry.box.online) return;
  if (entry.box.stage == connect_stage::linked && entry.box.stage_problem == why) return;
  entry.box.stage = connect_stage::linked;
  entry.box.stage_problem = std::move(why);
  changed(entry);
  publish(entry.box.id, "box.changed", to_value(*shown(entry)));
}

void fleet_state::take(const link_refused& message) {
  if (auto* entry = find(message.box)) stage_failed(*entry, message.why);
}

void fleet_state::take(const link_measured& message) {
  auto* entry = find(message.box);
  if (entry != nullptr && entry->session == message.session) entry->meter.add(message.sample);
}

void fleet_state::take(const events_told& message) {
  auto* entry = find(message.box);
  if (entry == nullptr) return;
  for (const auto& each : message.about_devices)
    apply(entry->box, each);
  entry->box.last_event = message.last_type;
  entry->box.last_event_at = message.last_at;
  changed(*entry, true);
}

} // namespace troupe::server
