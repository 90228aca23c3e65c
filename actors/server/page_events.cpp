#include "actors/server/page_events.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/web/page.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

constexpr auto bus_retry = 1s;
/// Devices whose newest value is remembered for a slow page.
constexpr std::size_t held_values_bound = 1000;
/// Bytes of a message: a page that is not slow always has room for it.
constexpr std::size_t text_bytes = web::page_queue_bytes / 4;

std::string text_of_device(const fleet_event& event) {
  return event.box.text + "/" + event.content.device.text;
}

struct page_state {
  static inline const char* name = "event_page";
  caf::stateful_actor<page_state>* self = nullptr;
  transport::websocket_ptr page;
  event_page wanted;
  std::uint64_t sent = 0;   ///< number of the last event given to the page
  bool held_back = false;   ///< the page is slow: nothing new until it has read
  bool coming_back = false; ///< it has read; what was on its way then still comes through
  std::map<std::string, event_ptr> values; ///< of a slow page: the newest of each device
  runtime::timer again{1};

  ~page_state() {
    if (page && page->is_open()) page->close(transport::close_code::going_away);
  }
  void subscribe();
  void take(const event_list_ptr& events);
  void keep_values(const std::vector<event_ptr>& events);
  void send_each(const std::vector<event_ptr>& events);
  void send(const event_text& text);
  void go_on();
  void come_back();
};

void page_state::subscribe() {
  runtime::request_then(
      self, wanted.bus, neighbour_timeout,
      subscribe_events{caf::actor_cast<caf::actor>(self), wanted.after},
      [this](std::uint64_t last) {
        // From now on it resumes by number, also when it asked for "from now on".
        if (!wanted.after) sent = std::max(sent, last);
      },
      [this](const fault&) { again.arm(self, bus_retry); });
}

void page_state::take(const event_list_ptr& events) {
  if (held_back) return keep_values(*events);
  const auto& first = events->front()->content;
  if (wanted.filter.everything() && (first.sequence == 0 || first.sequence > sent)) {
    for (const auto& each : wanted.texts->of(events))
      send(each);
  } else {
    send_each(*events);
  }
  if (held_back) return;
  for (const auto& each : *events)
    sent = std::max(sent, each->content.sequence);
}

/// Makes no more texts than the page takes.
void page_state::send_each(const std::vector<event_ptr>& events) {
  const auto have = sent;
  for (std::size_t at = 0; !held_back;) {
    const auto text = next_text(events, at, wanted.filter, have, text_bytes);
    if (!text.text) return;
    send(text);
  }
}

void page_state::keep_values(const std::vector<event_ptr>& events) {
  for (const auto& each : events) {
    if (each->content.sequence != 0 || !wanted.filter.wants(each->content)) continue;
    auto device = text_of_device(each->content);
    if (values.size() < held_values_bound || values.contains(device))
      values[std::move(device)] = each;
  }
}

/// When the page is slow, nothing: it is told the rest again when it has read.
void page_state::send(const event_text& text) {
  if (held_back) return;
  page->send_text(text.text);
  sent = std::max(sent, text.last);
  held_back = page->is_open() && web::is_slow(*page);
  if (held_back) caf::anon_send(wanted.bus, hold_events{caf::actor_cast<caf::actor>(self)});
}

/// The page has read: it gets the rest from where it stopped.
void page_state::go_on() {
  if (!held_back || coming_back) return;
  coming_back = true;
  caf::anon_send(wanted.bus, unsubscribe_events{caf::actor_cast<caf::actor>(self)});
  // Answered behind everything that the bus sent us before.
  const auto through = [this] { come_back(); };
  runtime::request_then(
      self, wanted.bus, neighbour_timeout, get_last_sequence{},
      [through](std::uint64_t) { through(); }, [through](const fault&) { through(); });
}

void page_state::come_back() {
  held_back = false;
  coming_back = false;
  std::vector<event_ptr> newest;
  for (auto& [device, value] : std::exchange(values, {}))
    newest.push_back(std::move(value));
  send_each(newest);
  wanted.after = sent;
  subscribe();
}

void check_grant(caf::stateful_actor<page_state>* self, const access_changed& now_is) {
  auto& state = self->state;
  if (now_is.access->find_digest(state.wanted.digest, runtime::wall_now(self)) != nullptr) return;
  state.page->close(transport::close_code::policy, "signed out");
  self->quit();
}

caf::behavior event_page_actor(caf::stateful_actor<page_state>* self, transport::websocket_ptr page,
                               event_page wanted) {
  runtime::prepare(self, "event_page");
  auto& state = self->state;
  state.self = self;
  state.page = std::move(page);
  state.wanted = std::move(wanted);
  state.sent = state.wanted.after.value_or(0);
  web::connect_page(state.page, caf::actor_cast<caf::actor_addr>(self));
  // The bus is started anew after a failure; the page is told to come back and resume.
  self->monitor(state.wanted.bus);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.page->close(transport::close_code::restart, "resume with after=");
    self->quit();
  });
  state.subscribe();
  return {
      [self](const events_arrived& message) {
        if (!message.events->empty()) self->state.take(message.events);
      },
      [self](const web::page_drained&) { self->state.go_on(); },
      [self](const web::page_closed&) { self->quit(); },
      [self](const access_changed& message) { check_grant(self, message); },
      [self](const runtime::tick& tick) {
        if (self->state.again.due(self, tick)) self->state.subscribe();
      },
  };
}

} // namespace

bool event_filter::wants(const fleet_event& event) const {
  if (event.content.type == "gap") return true;
  if (!box.empty() && event.box != box) return false;
  if (!device.empty() && event.content.device != device) return false;
  return types.empty() || std::any_of(types.begin(), types.end(), [&](const std::string& type) {
           return event.content.type.starts_with(type);
         });
}

std::string join_events(const std::vector<event_ptr>& events, const event_filter& filter,
                        std::uint64_t after) {
  auto texts = event_texts(events, filter, after, std::numeric_limits<std::size_t>::max());
  return texts.empty() ? std::string() : *texts.front().text;
}

event_text next_text(const std::vector<event_ptr>& events, std::size_t& at,
                     const event_filter& filter, std::uint64_t after, std::size_t bytes) {
  std::string text;
  event_text out;
  for (; at < events.size(); ++at) {
    const auto& each = *events[at];
    const auto number = each.content.sequence;
    if (number != 0 && number <= after && each.content.content.type != "gap") continue;
    if (!filter.wants(each.content)) continue;
    if (!text.empty() && text.size() + each.json->size() + 2 > bytes) break;
    text.append(text.empty() ? "[" : ",").append(*each.json);
    out.last = std::max(out.last, number);
  }
  if (!text.empty()) out.text = std::make_shared<const std::string>(std::move(text += ']'));
  return out;
}

std::vector<event_text> event_texts(const std::vector<event_ptr>& events,
                                    const event_filter& filter, std::uint64_t after,
                                    std::size_t bytes) {
  std::vector<event_text> out;
  for (std::size_t at = 0;;) {
    auto text = next_text(events, at, filter, after, bytes);
    if (!text.text) return out;
    out.push_back(std::move(text));
  }
}

const std::vector<event_text>& batch_texts::of(const event_list_ptr& events) {
  if (events != events_) {
    events_ = events;
    texts_ = event_texts(*events, {}, 0, text_bytes);
  }
  return texts_;
}

caf::actor spawn_event_page(caf::actor_system& system, transport::websocket_ptr page,
                            event_page wanted) {
  return system.spawn(event_page_actor, std::move(page), std::move(wanted));
}

} // namespace troupe::server
