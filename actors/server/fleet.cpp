#include "actors/server/fleet.hpp"

#include "actors/runtime/log.hpp"
#include "actors/server/fleet_state.hpp"
#include "messages/codec.hpp"

#include <algorithm>

namespace troupe::server {

using namespace std::chrono_literals;

namespace {

constexpr auto retry_delay = 1s;
/// Reports of boxes are written at most so often.
constexpr auto write_period = 5s;
constexpr std::size_t reports_at_once = 500;
constexpr auto prune_period = 60s;
constexpr std::uint32_t prune_step = 1000;
struct loaded_fleet {
  std::vector<point_of_sale> points;
  std::vector<store::box_row> boxes;
  std::vector<store::command_row> commands;
};

} // namespace

fault box_unknown(const box_id& id) {
  return {"box.unknown", "There is no box \"" + id.text.substr(0, 64) + "\" in this fleet.",
          "Look at the list of boxes.", 404};
}

void fleet_state::load() {
  run_in_store(
      self, store,
      [](store::sql_connection& connection) -> result<loaded_fleet> {
        auto points = store::load_points_of_sale(connection);
        if (!points) return points.error();
        auto rows = store::load_boxes(connection);
        if (!rows) return rows.error();
        auto commands = store::unfinished_commands(connection);
        if (!commands) return commands.error();
        return loaded_fleet{std::move(*points), std::move(*rows), std::move(*commands)};
      },
      [this](loaded_fleet found) {
        for (auto& each : found.points)
          points[each.id] = std::move(each);
        point_limit->set_fill(points.size());
        for (auto& each : found.boxes) {
          auto& entry = boxes[each.box.id];
          entry.box = std::move(each.box);
          if (points.count(entry.box.point_of_sale) == 0) entry.box.point_of_sale.clear();
          const bool told = !entry.box.report.version.empty();
          entry.box.stage = told ? connect_stage::done : connect_stage::taken;
          entry.meter.begin(runtime::wall_now(self));
          entry.public_key = std::move(each.public_key);
          entry.deleted = each.deleted;
          entry.last_command = each.last_command;
        }
        for (auto& each : found.commands)
          if (auto* entry = find(each.record.box)) {
            const auto id = each.record.id;
            command_boxes[id] = each.record.box;
            watch_expiry(each.record);
            entry->commands[id] = {std::move(each.record), each.handed};
          }
        box_limit->set_fill(boxes.size());
        fleet_log.info("{} boxes are in the fleet", boxes.size());
        ready = true;
        tell_untold();
        for (auto& each : std::exchange(when_ready, {}))
          each();
      },
      [this](const fault& problem) {
        fleet_log.warning("The fleet could not be read: {}", problem.text);
        retry.arm(self, retry_delay);
      });
}

box_entry* fleet_state::find(const box_id& id) {
  const auto found = boxes.find(id);
  return found == boxes.end() || found->second.deleted ? nullptr : &found->second;
}

const fleet_box_ptr& fleet_state::shown(box_entry& entry) {
  if (!entry.shown) {
    entry.box.state = device_state::unknown;
    if (entry.box.online)
      for (const auto& each : entry.box.devices)
        entry.box.state = std::max(entry.box.state, each.status.state);
    const auto point = points.find(entry.box.point_of_sale);
    entry.box.point_of_sale_name = point == points.end() ? "" : point->second.name;
    entry.shown = std::make_shared<const fleet_box>(entry.box);
  }
  return entry.shown;
}

result<fleet_box_ptr> fleet_state::show(const box_id& id) {
  auto* entry = find(id);
  if (entry == nullptr) return box_unknown(id);
  return shown(*entry);
}

box_list_ptr fleet_state::all() {
  if (list) return list;
  auto made = std::make_shared<box_list>();
  made->reserve(boxes.size());
  for (auto& [id, entry] : boxes)
    if (!entry.deleted) made->push_back(shown(entry));
  std::sort(made->begin(), made->end(), [](const fleet_box_ptr& a, const fleet_box_ptr& b) {
    return std::tie(a->name, a->id) < std::tie(b->name, b->id);
  });
  return list = made;
}

void fleet_state::changed(box_entry& entry, bool on_disk) {
  entry.shown = nullptr;
  list = nullptr;
  if (on_disk && !std::exchange(entry.changed_on_disk, true)) {
    unwritten.insert(entry.box.id);
    if (!write.armed()) write.arm(self, write_period);
  }
  if (watchers.empty()) return;
  untold.insert(entry.box.id);
  if (!tell.armed()) tell.arm(self, tell_period);
}

void fleet_state::tell_watchers() {
  boxes_changed message;
  for (const auto& id : std::exchange(untold, {}))
    if (auto* entry = find(id)) message.changed.push_back(shown(*entry));
  message.gone = std::exchange(untold_gone, {});
  watchers.tell(message);
}

void fleet_state::write_reports() {
  std::vector<fleet_box_ptr> reports;
  while (!unwritten.empty() && reports.size() < reports_at_once) {
    const auto id = *unwritten.begin();
    unwritten.erase(unwritten.begin());
    if (auto* entry = find(id)) {
      entry->changed_on_disk = false;
      reports.push_back(shown(*entry));
    }
  }
  if (!unwritten.empty()) write.arm(self, 100ms);
  if (reports.empty()) return;
  const auto now = runtime::wall_now(self);
  run_in_store(
      self, store,
      [reports, now](store::sql_connection& connection) -> result<bool> {
        for (const auto& each : reports)
          if (auto problem = store::write_box_report(connection, *each,
                                                     each->online ? now : each->online_since))
            return *problem;
        return true;
      },
      [](bool) {},
      [this, reports](const fault& problem) {
        fleet_log.warning("What {} boxes told could not be written: {}", reports.size(),
                          problem.text);
        for (const auto& each : reports)
          if (auto* entry = find(each->id)) changed(*entry, true);
      });
}

void fleet_state::publish(const box_id& box, std::string type, value data, device_id device,
                          trace_context trace) {
  event happened;
  happened.time = runtime::wall_now(self);
  happened.type = std::move(type);
  happened.device = std::move(device);
  if (trace.valid()) happened.trace = trace;
  happened.data = std::move(data);
  runtime::request_then(
      self, bus, neighbour_timeout, publish_batch{box, {}, {std::move(happened)}},
      [](std::uint64_t) {},
      [](const fault& problem) {
        fleet_log.warning("An event of the fleet could not be written: {}", problem.text);
      });
}

void fleet_state::alert(box_entry& entry, std::string text) {
  if (entry.box.alert == text) return;
  entry.box.alert = std::move(text);
  changed(entry);
  run_in_store(
      self, store,
      [id = entry.box.id,
       text = entry.box.alert](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_box_words(connection, id, {.alert = text})) return *problem;
        return true;
      },
      [](bool) {}, [](const fault&) {});
  publish(entry.box.id, "box.alert", value::object{{"text", entry.box.alert}});
}

namespace {

void declare(fleet_state& state, const services& shared) {
  state.box_limit =
      &shared.limits.declare("fleet.boxes", "boxes", box_bound, runtime::limit_policy::refuse);
  state.point_limit = &shared.limits.declare("fleet.points_of_sale", "points of sale",
                                             point_of_sale_bound, runtime::limit_policy::refuse);
  state.online_boxes = &shared.metrics.measure("troupe_boxes_online", "Boxes that are linked.");
  state.commands_taken = &shared.metrics.count("troupe_commands_total", "Commands taken on.");
}

void wake(fleet_pointer self, const runtime::tick& tick) {
  auto& state = self->state;
  if (state.retry.due(self, tick)) state.load();
  if (state.write.due(self, tick)) state.write_reports();
  if (state.tell.due(self, tick)) state.tell_watchers();
  if (state.probe.due(self, tick)) state.end_probes();
  if (state.expiry.due(self, tick)) state.expire();
  if (state.untold_again.due(self, tick)) state.tell_untold();
  if (!state.prune.due(self, tick)) return;
  state.prune.arm(self, prune_period);
  run_in_store(
      self, state.store,
      [](store::sql_connection& connection) {
        return store::prune_commands(connection, kept_commands, prune_step);
      },
      [](std::uint64_t) {}, [](const fault&) {});
}

fleet_self::behavior_type fleet_behavior(fleet_pointer self, const services* shared,
                                         store_actor store, bus_actor bus) {
  runtime::prepare(self, "fleet");
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.store = std::move(store);
  mine.bus = std::move(bus);
  declare(mine, *shared);
  mine.online_boxes->set(0);
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.watchers.remove(down.source);
    self->state.down(down.source);
  });
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.write_reports();
    self->quit(std::move(stop.reason));
  });
  mine.prune.arm(self, prune_period);
  mine.load();
  // Answers wait until the store told what there is.
  const auto once_ready = [self](std::function<void()> then) {
    if (self->state.ready)
      then();
    else
      self->state.when_ready.push_back(std::move(then));
  };
  return {
      [self, once_ready](const get_boxes&) -> caf::result<box_list_ptr> {
        auto promise = self->make_response_promise<box_list_ptr>();
        once_ready([self, promise]() mutable { promise.deliver(self->state.all()); });
        return promise;
      },
      [self, once_ready](const get_box& message) -> caf::result<fleet_box_ptr> {
        auto promise = self->make_response_promise<fleet_box_ptr>();
        once_ready([self, promise, message]() mutable {
          auto found = self->state.show(message.id);
          if (found)
            promise.deliver(*found);
          else
            promise.deliver(runtime::to_error(found.error()));
        });
        return promise;
      },
      [self, once_ready](const change_box& message) -> caf::result<fleet_box_ptr> {
        auto promise = self->make_response_promise<fleet_box_ptr>();
        once_ready([=] { change(self, message, promise); });
        return promise;
      },
      [self, once_ready](const delete_box& message) -> caf::result<bool> {
        auto promise = self->make_response_promise<bool>();
        once_ready([=] { remove(self, message, promise); });
        return promise;
      },
      [self, once_ready](const decide_copy& message) -> caf::result<fleet_box_ptr> {
        auto promise = self->make_response_promise<fleet_box_ptr>();
        once_ready([=] { self->state.decide(message, promise); });
        return promise;
      },
      runtime::traced(
          [self, once_ready](const send_command& message) -> caf::result<command_record> {
            auto promise = self->make_response_promise<command_record>();
            once_ready([=] { self->state.command(message, promise); });
            return promise;
          }),
      [self](const get_command& message) { return get_command_of(self, message); },
      [self](const find_commands& message) { return find_commands_of(self, message); },
      [self, once_ready](const watch_boxes& message) -> caf::result<box_list_ptr> {
        auto promise = self->make_response_promise<box_list_ptr>();
        once_ready([self, promise, message]() mutable {
          self->state.watchers.add(self, message.watcher);
          promise.deliver(self->state.all());
        });
        return promise;
      },
      [self, once_ready](const get_points_of_sale&) -> caf::result<points_of_sale> {
        auto promise = self->make_response_promise<points_of_sale>();
        once_ready([self, promise]() mutable { promise.deliver(points_of(self->state)); });
        return promise;
      },
      [self, once_ready](const add_point_of_sale& message) -> caf::result<point_of_sale> {
        auto promise = self->make_response_promise<point_of_sale>();
        once_ready([=] { add_point(self, message, promise); });
        return promise;
      },
      [self, once_ready](const rename_point_of_sale& message) -> caf::result<point_of_sale> {
        auto promise = self->make_response_promise<point_of_sale>();
        once_ready([=] { rename_point(self, message, promise); });
        return promise;
      },
      [self, once_ready](const remove_point_of_sale& message) -> caf::result<point_of_sale> {
        auto promise = self->make_response_promise<point_of_sale>();
        once_ready([=] { remove_point(self, message, promise); });
        return promise;
      },
      [self, once_ready](const get_link_quality& message) -> caf::result<link_quality> {
        auto promise = self->make_response_promise<link_quality>();
        once_ready([self, promise, message]() mutable {
          auto* entry = self->state.find(message.id);
          if (entry == nullptr)
            return promise.deliver(runtime::to_error(box_unknown(message.id))), void();
          promise.deliver(entry->meter.quality(runtime::wall_now(self)));
        });
        return promise;
      },
      [self, once_ready](const admit_box& message) -> caf::result<admitted_box> {
        auto promise = self->make_response_promise<admitted_box>();
        once_ready([=] { self->state.admit(message, promise); });
        return promise;
      },
      [self, once_ready](const who_connected& message) -> caf::result<std::string> {
        auto promise = self->make_response_promise<std::string>();
        once_ready([self, promise, message]() mutable {
          const auto* entry = self->state.find(message.box);
          const bool same = entry != nullptr && entry->public_key == message.public_key &&
                            entry->box.disconnected == time_point{};
          promise.deliver(same ? entry->box.connected_by : std::string());
        });
        return promise;
      },
      [self, once_ready](const farewell_told& message) -> caf::result<bool> {
        auto promise = self->make_response_promise<bool>();
        once_ready([=] { self->state.take(message, promise); });
        return promise;
      },
      [self](const link_left& message) { self->state.take(message); },
      [self, once_ready](const add_box& message) -> caf::result<fleet_box_ptr> {
        auto promise = self->make_response_promise<fleet_box_ptr>();
        once_ready([=] { add(self, message, promise); });
        return promise;
      },
      [self](const link_up& message) { self->state.up(message); },
      [self](const snapshot_told& message) { self->state.take(message); },
      [self](const events_told& message) { self->state.take(message); },
      [self](const result_told& message) { self->state.take(message); },
      [self](const alive_told& message) { self->state.answer(message); },
      [self](const link_refused& message) { self->state.take(message); },
      [self](const link_measured& message) { self->state.take(message); },
      [self](const fetch_commands& message) { return fetch_commands_of(self, message); },
      [self](const runtime::tick& tick) { wake(self, tick); },
  };
}

} // namespace

fleet_links_actor spawn_fleet(caf::actor_system& system, const services& shared, store_actor store,
                              bus_actor bus) {
  return system.spawn(fleet_behavior, &shared, std::move(store), std::move(bus));
}

} // namespace troupe::server
