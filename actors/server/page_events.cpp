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

/// What a page waits for before it gets anything new.
enum class pause { none, reading, turn };

struct page_state {
  static inline const char* name = "event_page";
  caf::stateful_actor<page_state>* self = nullptr;
  transport::websocket_ptr page;
  event_page wanted;
  std::optional<std::uint64_t> sent; ///< the page has everything up to here; none: from now on
  pause waits = pause::none;
  bool has_turn = false;
  std::map<std::string, event_ptr> values; ///< of a page that waits: the newest of each device
  runtime::timer again{1};
  runtime::timer turn{2};

  ~page_state() {
    if (page && page->is_open()) page->close(transport::close_code::going_away);
  }
  void subscribe();
  void take(const events_arrived& message);
  void send_run(const events_arrived& message);
  void take_values(const std::vector<event_ptr>& events);
  void keep_values(const std::vector<event_ptr>& events);
  void send_each(const std::vector<event_ptr>& events);
  bool send(const event_text& text);
  void wait_for(pause what);
  void go_on(pause what);
};

void page_state::subscribe() {
  runtime::request_then(
      self, wanted.bus, neighbour_timeout,
      subscribe_events{caf::actor_cast<caf::actor>(self), sent},
      [this](std::uint64_t last) {
        // From now on it resumes by number; numbers that were never given count as now.
        sent = std::min(sent.value_or(last), last);
      },
      [this](const fault&) { again.arm(self, bus_retry); });
}

void page_state::take(const events_arrived& message) {
  if (message.last == 0) return take_values(*message.events);
  if (!sent) sent = message.after;
  // What is not next belongs to an older subscription: the newer one brings it again.
  if (waits != pause::none || message.after > *sent) return;
  send_run(message);
  if (waits != pause::none) return;
  sent = std::max(*sent, message.last);
  if (message.more) subscribe();
}

/// A page that wants everything gets the texts made for all, from where it stopped.
void page_state::send_run(const events_arrived& message) {
  if (!wanted.filter.everything()) return send_each(*message.events);
  const auto& texts = wanted.share->texts.of(message.events);
  auto before = message.after;
  auto at = texts.begin();
  for (; at != texts.end() && at->last <= *sent; ++at)
    before = at->last;
  if (at != texts.end() && before != *sent) return send_each(*message.events);
  const std::vector<event_text> rest(at, texts.end()); // others may need the room meanwhile
  for (const auto& each : rest)
    if (!send(each) || waits != pause::none) return;
}

/// Makes no more texts than the page takes.
void page_state::send_each(const std::vector<event_ptr>& events) {
  const auto have = sent.value_or(0);
  for (std::size_t at = 0; waits == pause::none;) {
    const auto text = next_text(events, at, wanted.filter, have, text_bytes);
    if (!text.text || !send(text)) return;
  }
}

void page_state::take_values(const std::vector<event_ptr>& events) {
  if (waits != pause::none) return keep_values(events);
  const auto text = join_events(events, wanted.filter, 0);
  if (!text.empty() && !send({std::make_shared<const std::string>(text), 0})) keep_values(events);
}

void page_state::keep_values(const std::vector<event_ptr>& events) {
  for (const auto& each : events) {
    if (!wanted.filter.wants(each->content)) continue;
    auto device = text_of_device(each->content);
    if (values.size() < held_values_bound || values.contains(device))
      values[std::move(device)] = each;
  }
}

/// False when the page has to wait for its turn first. A page that then reads slowly gets nothing
/// more: it is told the rest when it has read.
bool page_state::send(const event_text& text) {
  if (!std::exchange(has_turn, false)) {
    const auto wait = wanted.share->turns.take(runtime::now(self), text.text->size());
    if (wait.count() > 0) {
      wanted.share->waits->add();
      has_turn = true;
      turn.arm(self, wait);
      wait_for(pause::turn);
      return false;
    }
  }
  page->send_text(text.text);
  if (text.last != 0) sent = std::max(sent.value_or(0), text.last);
  if (page->is_open() && web::is_slow(*page)) wait_for(pause::reading);
  return true;
}

void page_state::wait_for(pause what) {
  waits = what;
  caf::anon_send(wanted.bus, hold_events{caf::actor_cast<caf::actor>(self)});
}

void page_state::go_on(pause what) {
  if (waits != what) return;
  waits = pause::none;
  std::vector<event_ptr> newest;
  for (auto& [device, value] : std::exchange(values, {}))
    newest.push_back(std::move(value));
  if (!newest.empty()) take_values(newest);
  if (waits == pause::none) subscribe();
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
  state.sent = state.wanted.after;
  web::connect_page(state.page, caf::actor_cast<caf::actor_addr>(self));
  // The bus is started anew after a failure; the page is told to come back and resume.
  self->monitor(state.wanted.bus);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.page->close(transport::close_code::restart, "resume with after=");
    self->quit();
  });
  state.subscribe();
  return {
      [self](const events_arrived& message) { self->state.take(message); },
      [self](const web::page_drained&) { self->state.go_on(pause::reading); },
      [self](const web::page_closed&) { self->quit(); },
      [self](const access_changed& message) { check_grant(self, message); },
      [self](const runtime::tick& tick) {
        if (self->state.again.due(self, tick)) self->state.subscribe();
        if (self->state.turn.due(self, tick)) self->state.go_on(pause::turn);
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
  const auto known = std::find_if(made_.begin(), made_.end(),
                                  [&](const auto& each) { return each.first == events; });
  if (known != made_.end()) {
    std::rotate(known, known + 1, made_.end());
  } else {
    if (made_.size() == remembered) made_.pop_front();
    made_.emplace_back(events, event_texts(*events, {}, 0, text_bytes));
  }
  return made_.back().second;
}

page_turns::clock::duration page_turns::take(clock::time_point now, std::size_t bytes) {
  next_ = std::max(next_, now - saved);
  const auto wait = next_ > now ? next_ - now : clock::duration::zero();
  next_ += std::chrono::nanoseconds(bytes * 1'000'000'000 / bytes_per_second);
  return wait;
}

caf::actor spawn_event_page(caf::actor_system& system, transport::websocket_ptr page,
                            event_page wanted) {
  return system.spawn(event_page_actor, std::move(page), std::move(wanted));
}

} // namespace troupe::server
