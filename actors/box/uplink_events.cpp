#include "actors/box/uplink_state.hpp"
#include "messages/codec.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t events_asked = 500; ///< of the hub, and in one batch
/// A batch stays below the longest frame by what stands around the events.
constexpr std::size_t batch_bytes = link::box_frame_bytes - 64 * 1024;
/// With more than this waiting in the socket, live values are left out.
constexpr std::size_t values_backlog = 256 * 1024;
constexpr auto snapshot_period = 300ms;
/// What the server is told of the network at most.
constexpr std::size_t interfaces_told = 32;
constexpr std::size_t addresses_told = 16;
constexpr const char* losses_prefix = "link.lost.";

/// A bit more than msgpack makes of it.
std::size_t bytes_of(const value& content) {
  struct counter {
    std::size_t operator()(const std::string& text) const { return text.size() + 5; }
    std::size_t operator()(const value::list& list) const {
      std::size_t sum = 5;
      for (const auto& each : list)
        sum += bytes_of(each);
      return sum;
    }
    std::size_t operator()(const value::object& object) const {
      std::size_t sum = 5;
      for (const auto& [name, member] : object)
        sum += name.size() + 5 + bytes_of(member);
      return sum;
    }
    std::size_t operator()(std::nullptr_t) const { return 1; }
    std::size_t operator()(bool) const { return 1; }
    std::size_t operator()(std::int64_t) const { return 9; }
    std::size_t operator()(double) const { return 9; }
  };
  return std::visit(counter{}, content.content());
}

std::size_t bytes_of(const event& content) {
  return 300 + content.type.size() + content.device.text.size() + content.action.text.size() +
         content.session.text.size() + bytes_of(content.data);
}

/// What stands for an event that fits no frame.
event too_large(const event& original) {
  event gap = original;
  gap.type = "gap";
  gap.data = value::object{{"after", value(original.sequence - 1)},
                           {"before", value(original.sequence + 1)},
                           {"lost", 1},
                           {"text", "An event of type " + original.type + " was too large."}};
  return gap;
}

std::string homepage_of(const std::string& address, std::uint16_t port) {
  const bool ipv6 = address.find(':') != std::string::npos;
  return "http://" + (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port) + "/";
}

std::vector<std::string> addresses_of(const network_info& network) {
  std::vector<std::string> found;
  if (!network.primary_address.empty()) found.push_back(network.primary_address);
  for (const auto& interface : network.interfaces)
    for (const auto& address : interface.addresses)
      if (!interface.loopback && !address.link_local && address.text != network.primary_address)
        found.push_back(address.text);
  return found;
}

std::vector<report_interface> interfaces_of(const network_info& network) {
  std::vector<report_interface> found;
  for (const auto& each : network.interfaces) {
    if (each.loopback || found.size() == interfaces_told) continue;
    auto& told = found.emplace_back(report_interface{each.name, each.mac, {}});
    for (const auto& address : each.addresses)
      if (told.addresses.size() < addresses_told)
        told.addresses.push_back(address.text + "/" + std::to_string(address.prefix));
  }
  return found;
}

} // namespace

void uplink_state::take_event(const event_ptr& arrived) {
  const auto& content = arrived->content;
  if (arrived->transient()) {
    if (!linked() || content.type != "device.value") return;
    values[content.device] = arrived;
    if (!live.armed()) send_values(); // the first at once, what follows together
    return;
  }
  rate.count(now());
  newest = std::max(newest, content.sequence);
  if (content.type.starts_with("action.")) follow_action(content);
  if (content.type == "box.changed" || content.type.starts_with("origin.")) snapshot_soon();
  pump();
}

/// Takes events from the hub as fast as the server confirms them; what waits, waits on the disk.
void uplink_state::pump() {
  if (!linked() || asking || !window.has_room() || window.position() >= newest) return;
  asking = true;
  runtime::request_then(
      self, near.events, neighbour_timeout, get_events{window.position(), events_asked},
      [this, mine = generation](const event_list& list) {
        if (mine != generation) return;
        asking = false;
        if (list.events.empty()) { // numbers that were reserved and never given
          newest = std::min(newest, window.position());
          return;
        }
        send_batches(list.events);
        pump();
      },
      [this, mine = generation](const fault& problem) {
        if (mine != generation) return;
        asking = false;
        uplink_log.warning("Events could not be read, trying again: {}", problem.text);
        again.arm(self, retry_delay);
      });
}

void uplink_state::send_batches(const std::vector<std::shared_ptr<const event>>& events) {
  link::event_batch batch;
  std::size_t bytes = 0;
  const auto send_off = [&] {
    window.sent(batch.events.back().sequence);
    send(std::exchange(batch, {}));
    bytes = 0;
  };
  for (const auto& each : events) {
    const auto size = bytes_of(*each);
    if (!batch.events.empty() && bytes + size > batch_bytes) {
      send_off();
      if (!window.has_room()) break; // the rest is asked for again
    }
    bytes += std::min(size, batch_bytes);
    batch.events.push_back(size > batch_bytes ? too_large(*each) : *each);
  }
  if (!batch.events.empty()) send_off();
  batches->set_fill(window.size());
  if (!ack_due.armed()) ack_due.arm(self, event_window::ack_patience);
}

void uplink_state::confirmed(std::uint64_t sequence) {
  if (!window.confirm(sequence)) {
    carry_out(core->give_up("The server confirms events that it cannot have.", now()));
    return;
  }
  batches->set_fill(window.size());
  last_ack = runtime::wall_now(self);
  caf::anon_send(near.ledger, note_forwarded{window.acked()});
  if (window.empty())
    ack_due.cancel();
  else
    ack_due.arm(self, event_window::ack_patience);
  pump();
}

void uplink_state::send_values() {
  if (values.empty()) return;
  if (linked() && line.queued_bytes() < values_backlog) {
    link::live_values frame;
    for (const auto& [device, content] : values)
      frame.events.push_back(content->content);
    send(std::move(frame));
  }
  values.clear();
  live.arm(self, live_period);
}

void uplink_state::snapshot_soon() {
  if (linked() && !snapshot.armed()) snapshot.arm(self, snapshot_period);
}

void uplink_state::send_snapshot() {
  if (!linked()) return;
  runtime::request_then(
      self, near.identity, neighbour_timeout, get_identity{},
      [this, mine = generation](const identity_info& me) {
        runtime::request_then(
            self, near.ledger, neighbour_timeout, get_buffer{},
            [this, mine, me](const event_buffer& buffer) {
              if (mine != generation) return;
              const auto keeper = origins_now();
              if (!keeper) return send_snapshot(me, buffer, {});
              runtime::request_then(
                  self, keeper, neighbour_timeout, get_origin_standings{},
                  [this, mine, me, buffer](const origin_standings& standings) {
                    if (mine == generation) send_snapshot(me, buffer, standings.all);
                  },
                  [](const fault& problem) {
                    uplink_log.warning("No snapshot: {}", problem.text);
                  });
            },
            [](const fault& problem) { uplink_log.warning("No snapshot: {}", problem.text); });
      },
      [](const fault& problem) { uplink_log.warning("No snapshot: {}", problem.text); });
}

void uplink_state::send_snapshot(const identity_info& me, const event_buffer& buffer,
                                 std::vector<report_origin> origins) {
  link::snapshot frame;
  auto& report = frame.report;
  report.name = me.name;
  report.version = shared->version;
  report.addresses = addresses_of(*network);
  if (const auto port = options.http_port ? options.http_port() : 0; port != 0)
    report.homepage = homepage_of(network->primary_address, port);
  report.started = shared->started;
  report.buffered_events = buffer.waiting;
  report.buffer_events = buffer.bound;
  report.buffer_hours = buffer_hours(buffer);
  report.interfaces = interfaces_of(*network);
  report.origins = std::move(origins);
  frame.devices = *devices;
  if (send(std::move(frame))) note_devices_told(devices->size());
}

/// What the ledger had to drop while the server was away is told by an event a device.
void uplink_state::tell_losses() {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_settings{losses_prefix},
      [this](const setting_list& list) {
        for (const auto& [setting, json] : list.settings) {
          const auto lost = from_json<value>(json);
          caf::anon_send(near.ledger, put_setting{setting, ""});
          if (!lost || lost->as_object() == nullptr) continue;
          publish_event gap;
          gap.content.type = "gap";
          gap.content.device = device_id(setting.substr(std::string_view(losses_prefix).size()));
          auto members = *lost->as_object();
          members["text"] = "The server was away for longer than this box keeps events.";
          gap.content.data = value(std::move(members));
          caf::anon_send(near.events, std::move(gap));
        }
      },
      [](const fault& problem) { uplink_log.warning("Losses are not known: {}", problem.text); });
}

double uplink_state::buffer_hours(const event_buffer& buffer) const {
  const auto longest = static_cast<double>(buffer.longest.count());
  const auto per_hour = rate.per_hour(now());
  if (per_hour <= 0) return longest;
  return std::min(longest, static_cast<double>(buffer.bound) / per_hour);
}

caf::result<link_info> uplink_state::info() {
  auto promise = self->make_response_promise<link_info>();
  link_info out;
  out.since = since;
  out.server = server;
  out.last_ack = last_ack;
  out.text = "The box is starting.";
  if (server_time != time_point{}) out.server_now = server_now();
  if (core) {
    out.state = core->state();
    out.code = core->code();
    out.text = core->text();
    out.remedy = core->remedy();
    out.stage = linked() && devices_are_told ? connect_stage::done : core->stage();
    out.first_time = server != nullptr && !was_linked;
    out.completed = completed;
    out.devices_told = devices_told;
    if (const auto next = core->next_try())
      out.next_try_at = runtime::wall_now(self) +
                        std::chrono::duration_cast<std::chrono::microseconds>(*next - now());
  }
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_buffer{},
      [this, promise, out](const event_buffer& buffer) mutable {
        if (out.server) out.buffered_events = buffer.waiting;
        out.buffer_events = buffer.bound;
        out.buffer_hours = buffer_hours(buffer);
        promise.deliver(std::move(out));
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

} // namespace troupe::box
