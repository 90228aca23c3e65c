#include "actors/box/session_streams.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"

#include <caf/all.hpp>

#include <map>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr auto neighbour_patience = 10s;
constexpr auto hub_retry = 1s;
/// With more than this waiting for a page, live values wait too, the newest of each device.
constexpr std::size_t value_queue_bytes = 16 * 1024;
constexpr auto values_retry = 50ms;

struct events_state {
  static inline const char* name = "session_events";
  caf::stateful_actor<events_state>* self = nullptr;
  transport::websocket_ptr page;
  event_page wanted;
  std::uint64_t sent = 0; ///< number of the last event given to the page
  bool binary = false;
  bool subscribed = false; ///< events are wanted now
  bool held_back = false;  ///< the page is slow: no events until it has read
  bool flushed = false;    ///< what the hub had sent before we unsubscribed has come through
  bool drained = false;
  /// The newest transient event of each device that a slow page has not been given yet.
  std::map<device_id, event_ptr> values;
  runtime::timer again{1};
  runtime::timer values_again{2};
  runtime::timer right_ends{3};

  ~events_state() {
    if (page && page->is_open()) page->close(transport::close_code::going_away);
  }
  void subscribe();
  void take(const event_ptr& arrived);
  void take_value(const event_ptr& arrived);
  bool give(const event_ptr& arrived);
  void give_values();
  void hold_back();
  void go_on();
};

void events_state::subscribe() {
  subscribed = true;
  runtime::request_then(
      self, wanted.events, neighbour_patience,
      subscribe_events{caf::actor_cast<caf::actor>(self), wanted.after, wanted.devices},
      [this](std::uint64_t last) {
        // From now on the page resumes by number, also when it asked for "from now on".
        if (!wanted.after) sent = std::max(sent, last);
      },
      [this](const fault&) {
        subscribed = false;
        again.arm(self, hub_retry);
      });
}

void events_state::take(const event_ptr& arrived) {
  if (!subscribed) return; // on its way when the page was held back; it comes again
  if (arrived->transient()) return take_value(arrived);
  const auto number = arrived->content.sequence;
  if (number <= sent && arrived->content.type != "gap") return;
  if (!give(arrived)) return;
  sent = std::max(sent, number);
  if (web::is_slow(*page)) hold_back();
}

bool events_state::give(const event_ptr& arrived) {
  return binary ? page->send_binary(arrived->msgpack(wanted.box)) : page->send_text(arrived->json);
}

/// A page that has much to read yet gets only the newest value of each device, once it has read.
void events_state::take_value(const event_ptr& arrived) {
  values[arrived->content.device] = arrived;
  give_values();
}

void events_state::give_values() {
  if (page->queued_bytes() > value_queue_bytes) {
    if (!values_again.armed()) values_again.arm(self, values_retry);
    return;
  }
  for (const auto& [device, newest] : std::exchange(values, {}))
    give(newest);
}

void events_state::hold_back() {
  subscribed = false;
  held_back = true;
  flushed = false;
  drained = false;
  caf::anon_send(wanted.events, unsubscribe_events{caf::actor_cast<caf::actor>(self)});
  const auto through = [this] {
    flushed = true;
    go_on();
  };
  // Answered behind everything that the hub sent us before.
  runtime::request_then(
      self, wanted.events, neighbour_patience, get_last_sequence{},
      [through](std::uint64_t) { through(); }, [through](const fault&) { through(); });
}

void events_state::go_on() {
  if (!held_back || !flushed || !drained) return;
  held_back = false;
  wanted.after = sent;
  subscribe();
}

caf::behavior session_events(caf::stateful_actor<events_state>* self, transport::websocket_ptr page,
                             event_page wanted) {
  runtime::prepare(self, "session_events");
  auto& state = self->state;
  state.self = self;
  state.page = std::move(page);
  state.wanted = std::move(wanted);
  state.sent = state.wanted.after.value_or(0);
  state.binary = state.page->subprotocol() == msgpack_subprotocol;
  web::connect_page(state.page, caf::actor_cast<caf::actor_addr>(self));
  // The hub is started anew after a failure; the page is told to come back and resume.
  self->monitor(state.wanted.events);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.page->close(transport::close_code::restart, "resume with after=");
    self->quit();
  });
  if (state.wanted.ends) state.right_ends.arm_at(self, *state.wanted.ends);
  state.subscribe();
  return {
      [self](const event_arrived& message) { self->state.take(message.content); },
      [self](const web::page_drained&) {
        self->state.drained = true;
        self->state.go_on();
      },
      [self](const web::page_closed&) { self->quit(); },
      [self](const runtime::tick& tick) {
        if (self->state.again.due(self, tick)) self->state.subscribe();
        if (self->state.values_again.due(self, tick)) self->state.give_values();
        if (!self->state.right_ends.due(self, tick)) return;
        self->state.page->close(transport::close_code::policy, "the page's token has ended");
        self->quit();
      },
  };
}

struct logs_state {
  static inline const char* name = "session_logs";
  transport::websocket_ptr page;
  std::uint32_t left_out = 0; ///< lines the page was too slow for
  ~logs_state() {
    if (page && page->is_open()) page->close(transport::close_code::going_away);
  }
  void take(const runtime::log_line& line);
};

void logs_state::take(const runtime::log_line& line) {
  if (web::is_slow(*page)) {
    ++left_out;
    return;
  }
  auto told = line;
  told.left_out += std::exchange(left_out, 0);
  page->send_text(
      log_line_json(told).dump(-1, ' ', false, transport::json_value::error_handler_t::replace));
}

caf::behavior session_logs(caf::stateful_actor<logs_state>* self, transport::websocket_ptr page,
                           tracer_actor tracer, runtime::log_level level) {
  runtime::prepare(self, "session_logs");
  self->state.page = std::move(page);
  web::connect_page(self->state.page, caf::actor_cast<caf::actor_addr>(self));
  self->monitor(tracer);
  const auto leave = [self](std::string_view why) {
    self->state.page->close(transport::close_code::try_later, why);
    self->quit();
  };
  self->set_down_handler([leave](const caf::down_msg&) { leave("the log starts anew"); });
  runtime::request_then(
      self, tracer, neighbour_patience, follow_log{caf::actor_cast<caf::actor>(self), level},
      [](bool) {}, [leave](const fault& problem) { leave(problem.text); });
  return {
      [self](const log_arrived& message) {
        for (const auto& line : *message.lines)
          self->state.take(line);
      },
      [](const web::page_drained&) {},
      [self](const web::page_closed&) { self->quit(); },
  };
}

} // namespace

caf::actor spawn_session_events(caf::actor_system& system, transport::websocket_ptr page,
                                event_page wanted) {
  return system.spawn(session_events, std::move(page), std::move(wanted));
}

caf::actor spawn_session_logs(caf::actor_system& system, transport::websocket_ptr page,
                              tracer_actor tracer, runtime::log_level level) {
  return system.spawn(session_logs, std::move(page), std::move(tracer), level);
}

} // namespace troupe::box
