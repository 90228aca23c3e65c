#include "actors/runtime/log.hpp"
#include "actors/runtime/spans.hpp"
#include "actors/server/fleet_state.hpp"
#include "messages/codec.hpp"
#include "transport/utf8.hpp"

#include <algorithm>

namespace troupe::server {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_key = 128;
constexpr std::size_t longest_action = 64;
constexpr std::size_t fetched_bytes = 4 * 1024 * 1024;
constexpr std::chrono::seconds longest_life = 30 * 24h;
constexpr std::uint32_t untold_at_once = 1000;
constexpr auto untold_delay = 1s;

/// What a box does itself.
constexpr std::array<std::string_view, 10> box_actions{
    "restart",       "rename",     "forget", "rename_device", "blink",
    "remove_device", "add_device", "cancel", "repeat",        "decide_origin"};

std::optional<fault> defect_of(const send_command& message) {
  if (message.key.size() > longest_key || !transport::is_utf8(message.key) ||
      message.key.find('\0') != std::string::npos)
    return fault{"command.bad_key", "A key of a command has at most 128 bytes of text.",
                 "Use a shorter Idempotency-Key.", 422};
  const bool known =
      std::find(box_actions.begin(), box_actions.end(), message.action) != box_actions.end();
  if (message.action.empty() || message.action.size() > longest_action ||
      (message.device.empty() && !known))
    return fault{"command.bad_action", "There is no such action.",
                 "Look at the actions of the box and its devices.", 422};
  return std::nullopt;
}

/// The way to the box and back: a span between the request's and the box's. Derived, so that it is
/// the same after a restart of this server.
trace_context way_of(const command_record& record) {
  auto way = record.trace;
  if (!way.valid()) return way;
  std::uint64_t hash = 14695981039346656037u; // FNV-1a
  for (const unsigned char c : record.id.text)
    hash = (hash ^ c) * 1099511628211u;
  for (auto& byte : way.span) {
    byte = static_cast<std::uint8_t>(hash);
    hash >>= 8;
  }
  return way;
}

void note_way(const command_record& record) {
  if (!record.trace.valid()) return;
  span way;
  way.context = way_of(record);
  way.parent = record.trace.span;
  way.name = "to the box and back";
  way.place = "link";
  way.start = record.created;
  way.duration = std::max<std::chrono::microseconds>(record.updated - record.created, {});
  way.failed = record.state == action_state::failed || record.state == action_state::unknown;
  way.note = record.action + " " + std::string(name_of(record.state));
  runtime::spans().record(std::move(way));
}

link::command frame_of(const command_record& record, const send_command& asked) {
  link::command out;
  out.id = record.id;
  out.number = record.number;
  out.trace = way_of(record);
  out.device = record.device;
  out.action = record.action;
  out.arguments = asked.arguments;
  out.document = asked.document;
  out.person = record.person;
  out.expires = record.expires;
  return out;
}

/// The device that a command is for, or that it changes; empty for the box itself.
device_id device_meant(const send_command& message) {
  if (message.action != "rename_device" && message.action != "remove_device") return message.device;
  return device_id(message.arguments.text_or("device"));
}

} // namespace

/// `promise` may be none, when nobody waits for the answer.
void fleet_state::command(const send_command& message,
                          caf::typed_response_promise<command_record> promise) {
  const auto refuse = [&promise](fault problem) {
    if (promise.pending()) promise.deliver(runtime::to_error(std::move(problem)));
  };
  auto* entry = find(message.box);
  if (entry == nullptr) return refuse(box_unknown(message.box));
  if (entry->box.disconnected != time_point{})
    return refuse({"box.disconnected", "This box was disconnected at its homepage.",
                   "Connect it again with its code.", 409});
  if (auto defect = defect_of(message)) return refuse(std::move(*defect));
  const auto device = device_meant(message);
  const bool has_device =
      device.empty() ||
      std::any_of(entry->box.devices.begin(), entry->box.devices.end(),
                  [&](const auto& each) { return each.description.id == device; });
  command_record record;
  record.id = command_id(new_action_id().text);
  record.key = message.key;
  record.box = message.box;
  record.device = message.device;
  record.action = message.action;
  record.person = message.person;
  record.trace = message.trace;
  record.created = record.updated = runtime::wall_now(self);
  record.expires =
      record.created + std::clamp<std::chrono::seconds>(message.valid_for, 1s, longest_life);
  // The number counts from here on; one that is not used after a fault does no harm.
  record.number = ++entry->last_command;
  const bool full = entry->commands.size() >= open_commands_bound;
  const bool handed = static_cast<bool>(entry->session);
  const auto frame = shared_bytes(to_msgpack(link::server_frame(frame_of(record, message))));
  struct outcome {
    command_record record;
    bool fresh = true;
  };
  run_in_store(
      self, store,
      [record, frame, handed, full,
       has_device](store::sql_connection& connection) -> result<outcome> {
        auto known = store::find_command_by_key(connection, record.box, record.key);
        if (!known) return known.error();
        if (*known) return outcome{std::move(**known), false};
        if (!has_device)
          return fault{"device.unknown", "This box has no such device.",
                       "Look at the box's devices.", 404};
        if (full)
          return fault{"command.too_many", "Too many commands wait for this box.",
                       "Wait until the box has done some of them.", 503};
        if (auto problem = store::put_command(connection, {record, handed}, frame.view()))
          return *problem;
        return outcome{record, true};
      },
      [this, frame, handed, promise](const outcome& done) mutable {
        if (done.fresh) accepted(done.record, frame, handed);
        if (promise.pending()) promise.deliver(done.record);
      },
      [promise](const fault& problem) mutable {
        if (promise.pending())
          promise.deliver(runtime::to_error(problem));
        else
          fleet_log.warning("A command could not be written: {}", problem.text);
      });
}

void fleet_state::accepted(const command_record& record, shared_bytes frame, bool handed) {
  commands_taken->add();
  fleet_log.info("{} asked {} for {}", record.person,
                 record.device.empty() ? "box " + record.box.text
                                       : record.device.text + " of box " + record.box.text,
                 record.action);
  auto* entry = find(record.box);
  if (entry == nullptr) return; // deleted meanwhile
  entry->commands[record.id] = {record, handed};
  command_boxes[record.id] = record.box;
  watch_expiry(record);
  command_event(record);
  if (entry->session && handed)
    caf::anon_send(entry->session, offer_command{{record.number, std::move(frame)}});
  else if (entry->session) // it came meanwhile: the frame must be marked as handed over first
    caf::anon_send(entry->session, offer_command{{record.number, {}}});
}

void fleet_state::command_event(const command_record& record, bool again) {
  event happened;
  happened.time = runtime::wall_now(self);
  happened.type = "command." + std::string(name_of(record.state));
  happened.device = record.device;
  if (record.trace.valid()) happened.trace = record.trace;
  happened.data = to_value(record);
  runtime::request_then(
      self, bus, neighbour_timeout,
      publish_batch{
          record.box, {}, {std::move(happened)}, told_command{record.id, record.state, again}},
      [](std::uint64_t) {},
      [this](const fault& problem) {
        fleet_log.warning("An event of a command could not be written: {}", problem.text);
        untold_again.arm(self, untold_delay);
      });
}

/// What this server wrote down of its commands, but died before it could tell, or could not tell.
void fleet_state::tell_untold() {
  run_in_store(
      self, store,
      [](store::sql_connection& connection) {
        return store::untold_commands(connection, untold_at_once);
      },
      [this](const std::vector<command_record>& found) {
        for (const auto& each : found)
          command_event(each, true);
        if (found.size() >= untold_at_once) untold_again.arm(self, untold_delay);
      },
      [this](const fault& problem) {
        fleet_log.warning("What is still to be told could not be read: {}", problem.text);
        untold_again.arm(self, untold_delay);
      });
}

void fleet_state::take(const result_told& message) {
  auto* entry = find(message.box);
  if (entry == nullptr) return;
  const auto found = entry->commands.find(message.content.id);
  if (found == entry->commands.end()) return; // ended before, or none of this box
  auto record = found->second.record;
  const auto& told = message.content;
  if (record.state == told.state && record.code == told.code && record.text == told.text &&
      record.box_action == told.action)
    return;
  record.state = told.state;
  record.code = told.code;
  record.text = told.text;
  record.data = told.data;
  record.box_action = told.action;
  record.updated = runtime::wall_now(self);
  write_command(*entry, std::move(record));
}

/// What came is shown when it is on disk. If it cannot be written, the box says it again after its
/// next welcome.
void fleet_state::write_command(box_entry& entry, command_record record) {
  const auto before = entry.commands.at(record.id);
  if (is_final(record.state)) {
    entry.commands.erase(record.id);
    command_boxes.erase(record.id);
  } else {
    entry.commands[record.id].record = record;
  }
  run_in_store(
      self, store,
      [record](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_command(connection, record)) return *problem;
        return true;
      },
      [this, record](bool) {
        if (is_final(record.state)) note_way(record);
        command_event(record);
      },
      [this, record, before](const fault& problem) {
        fleet_log.warning("The end of a command could not be written: {}", problem.text);
        auto* of = find(record.box);
        if (of == nullptr) return;
        of->commands[record.id] = before;
        command_boxes[record.id] = record.box;
        watch_expiry(before.record, 1s);
        if (of->session) caf::anon_send(of->session, end_link{link_end::retry});
      });
}

void fleet_state::end_command(box_entry& entry, const command_id& id, action_state state,
                              std::string code, std::string text) {
  auto record = entry.commands.at(id).record;
  record.state = state;
  record.code = std::move(code);
  record.text = std::move(text);
  record.updated = runtime::wall_now(self);
  write_command(entry, std::move(record));
}

void fleet_state::cancel_all(box_entry& entry, const char* code, const char* text) {
  while (!entry.commands.empty())
    end_command(entry, entry.commands.begin()->first, action_state::canceled, code, text);
}

void fleet_state::watch_expiry(const command_record& record, runtime::actor_time::duration more) {
  const auto left = record.expires - runtime::wall_now(self);
  const auto at = runtime::now(self) + std::max<runtime::actor_time::duration>(left, {}) + more;
  expiries.emplace(at, record.id);
  if (!expiry.armed() || expiry.at() > at) expiry.arm_at(self, at);
}

/// Ends what was not begun in time and never left this server. What a link may have carried stays
/// open until its box tells, or nobody can know any more.
void fleet_state::expire() {
  const auto now = runtime::now(self);
  while (!expiries.empty() && expiries.begin()->first <= now) {
    const auto id = expiries.begin()->second;
    expiries.erase(expiries.begin());
    const auto where = command_boxes.find(id);
    auto* entry = where == command_boxes.end() ? nullptr : find(where->second);
    if (entry == nullptr) continue;
    const auto found = entry->commands.find(id);
    if (found == entry->commands.end()) continue;
    const auto& open = found->second;
    const bool given_up =
        runtime::wall_now(self) >= open.record.expires + answer_patience && !entry->session;
    if (!open.handed)
      end_command(*entry, id, action_state::failed, "command.expired",
                  "The box did not come in time; nothing was done.");
    else if (given_up)
      end_command(*entry, id, action_state::unknown, "command.no_answer",
                  "The box got this command, but never said what came of it. Look at the device.");
    else
      watch_expiry(open.record, answer_patience);
  }
  if (!expiries.empty()) expiry.arm_at(self, expiries.begin()->first);
}

caf::result<command_record> get_command_of(fleet_pointer self, const get_command& message) {
  auto promise = self->make_response_promise<command_record>();
  run_in_store(
      self, self->state.store,
      [id = message.id](store::sql_connection& connection) -> result<command_record> {
        auto found = store::find_command(connection, id);
        if (!found) return found.error();
        if (*found) return std::move(**found);
        return fault{"command.unknown", "This server knows no such command.",
                     "It may be too old; look at the box's commands.", 404};
      },
      [promise](const command_record& record) mutable { promise.deliver(record); },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<std::vector<command_record>> find_commands_of(fleet_pointer self,
                                                          const find_commands& message) {
  using records = std::vector<command_record>;
  auto promise = self->make_response_promise<records>();
  store::command_query wanted{message.box, message.device, message.before,
                              std::clamp<std::uint32_t>(message.limit, 1, 1000)};
  run_in_store(
      self, self->state.store,
      [wanted](store::sql_connection& connection) {
        return store::list_commands(connection, wanted);
      },
      [promise](const records& found) mutable { promise.deliver(found); },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<command_frames_ptr> fetch_commands_of(fleet_pointer self,
                                                  const fetch_commands& message) {
  auto promise = self->make_response_promise<command_frames_ptr>();
  const auto* entry = self->state.find(message.box);
  if (entry == nullptr || entry->commands.empty()) { // mostly: nothing to ask the store for
    promise.deliver(std::make_shared<const command_frames>());
    return promise;
  }
  run_in_store(
      self, self->state.store,
      [message](store::sql_connection& connection) {
        return store::hand_over_commands(connection, message.box, message.after, fetched_bytes);
      },
      [self, message, promise](command_frames found) mutable {
        if (auto* of = self->state.find(message.box))
          for (const auto& frame : found)
            for (auto& [id, open] : of->commands)
              if (open.record.number == frame.number) open.handed = true;
        promise.deliver(std::make_shared<const command_frames>(std::move(found)));
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

} // namespace troupe::server
