#include "actors/box/event_hub.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "messages/codec.hpp"
#include "transport/dialects/cloud_events.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>

namespace troupe::box {

event action_event(const action_record& record) {
  event happened;
  happened.type = "action." + std::string(name_of(record.state));
  happened.device = record.device;
  happened.action = record.id;
  happened.session = record.session;
  happened.trace = record.trace;
  happened.data = to_value(record);
  return happened;
}

const shared_bytes& numbered_event::msgpack(const box_id& box) const {
  if (msgpack_form.empty()) msgpack_form = dialects::to_cloud_event_msgpack(content, box, passing);
  return msgpack_form;
}

namespace {

using namespace std::chrono_literals;

/// Events wait so long for company before they go to the ledger in one message.
constexpr auto flush_delay = 20ms;
constexpr std::uint32_t numbers_reserved_at_once = 1000;
constexpr std::uint32_t read_at_once = 500;
constexpr auto retry_delay = 1s;

const runtime::logger log_("box.events");

struct subscriber {
  caf::actor handle;
  std::vector<device_id> devices;
  std::uint64_t after = 0;  ///< the last number given to it
  bool catching_up = false; ///< the ledger is being read for it

  bool wants(const event& content) const {
    return devices.empty() ||
           std::find(devices.begin(), devices.end(), content.device) != devices.end();
  }
};

using hub_self = event_hub_actor::extend<caf::reacts_to<runtime::tick>>;

struct hub_state {
  static inline const char* name = "event_hub";

  hub_self::stateful_pointer<hub_state> self = nullptr;
  box_id box;
  ledger_actor ledger;
  runtime::limit* ring_limit = nullptr;
  runtime::counter* published = nullptr;
  runtime::counter* passed = nullptr;
  runtime::timer flush{1};

  bool past_told = false;       ///< what an earlier life left untold stands in front
  std::deque<event> unnumbered; ///< published before the ledger gave us numbers
  std::deque<event_ptr> ring;
  std::vector<subscriber> subscribers;
  std::uint64_t next = 0;         ///< 0: no numbers yet
  std::uint64_t reserved_end = 0; ///< numbers below this are ours
  bool reserving = false;
  std::uint64_t last = 0;       ///< newest number given, also by an earlier run
  std::uint64_t passing = 0;    ///< transient events of this run
  std::uint64_t dropped_to = 0; ///< numbers up to here are not in the ring
  std::uint64_t written_to = 0; ///< numbers up to here are on disk
  std::uint64_t lost_to = 0;    ///< the newest that was dropped before it was on disk
  bool writing = false;
  std::vector<std::pair<get_events, caf::typed_response_promise<event_list>>> wait_for_disk;
  std::vector<caf::typed_response_promise<std::uint64_t>> wait_for_numbers;
  time_point last_time{};

  void tell_past();
  void reserve();
  void start(const event_batch& kept, const sequence_range& range);
  void publish(event content);
  void pass(event content);
  void number(event content);
  void write_out();
  void trim();
  void deliver(subscriber& to, const event_ptr& content);
  void catch_up(subscriber& to);
  void read_for(const caf::actor& handle);
  void tell_gap(subscriber& to, std::uint64_t before);
  using page_promise = caf::typed_response_promise<event_list>;
  caf::result<event_list> page(const get_events& wanted);
  void give_from_ring(const get_events& wanted, page_promise promise);
  event_list of_ring(std::uint64_t after, std::uint32_t limit) const;
  std::optional<event_list> of_ledger(const get_events& wanted, const event_batch& batch) const;
  subscriber* find(const caf::actor& handle);
};

subscriber* hub_state::find(const caf::actor& handle) {
  const auto at = std::find_if(subscribers.begin(), subscribers.end(),
                               [&](const subscriber& each) { return each.handle == handle; });
  return at == subscribers.end() ? nullptr : &*at;
}

/// An action's state goes to disk before its event does. Whoever died in between tells it now,
/// ahead of everything else.
void hub_state::tell_past() {
  runtime::request_then(
      self, ledger, neighbour_timeout, get_untold{},
      [this](const untold_actions& past) {
        past_told = true;
        std::deque<event> first;
        for (const auto& each : past.states)
          first.push_back(action_event(each));
        published->add(first.size());
        unnumbered.insert(unnumbered.begin(), std::make_move_iterator(first.begin()),
                          std::make_move_iterator(first.end()));
        reserve();
      },
      [this](const fault& problem) {
        log_.warning("What was not told before the box ended is not known: {}", problem.text);
        flush.arm(self, retry_delay);
      });
}

/// Takes a block of numbers; asks again until the ledger answers.
void hub_state::reserve() {
  if (reserving || !past_told) return;
  reserving = true;
  runtime::request_then(
      self, ledger, neighbour_timeout, reserve_sequences{numbers_reserved_at_once},
      [this](const sequence_range& range) {
        reserving = false;
        if (next == 0) {
          next = range.first;
          last = range.first - 1;
          dropped_to = written_to = last;
          for (auto& promise : std::exchange(wait_for_numbers, {}))
            promise.deliver(last);
        } else if (next == reserved_end)
          next = range.first;
        // A block that begins later than the present one ends is used up to its end all the same.
        reserved_end = range.first + range.count;
        auto waiting = std::move(unnumbered);
        unnumbered.clear();
        for (auto& each : waiting)
          number(std::move(each));
        for (auto& each : subscribers)
          catch_up(each);
      },
      [this](const fault& problem) {
        reserving = false;
        log_.warning("The ledger gives no event numbers: {}", problem.text);
        flush.arm(self, retry_delay);
      });
}

void hub_state::publish(event content) {
  published->add();
  if (next != 0 && next < reserved_end) return number(std::move(content));
  if (unnumbered.size() >= event_ring_bound) {
    unnumbered.pop_front();
    ring_limit->count_hit();
  }
  unnumbered.push_back(std::move(content));
  reserve();
}

/// Tells a transient event to who listens now. Who is still catching up gets the next one.
void hub_state::pass(event content) {
  passed->add();
  if (next == 0) return; // no number yet that it could stand behind
  content.sequence = last;
  content.time = runtime::wall_now(self);
  auto made = std::make_shared<numbered_event>();
  made->passing = ++passing;
  made->json = std::make_shared<const std::string>(
      dialects::to_cloud_event_json(content, box, made->passing));
  made->content = std::move(content);
  for (const auto& each : subscribers)
    if (!each.catching_up && each.wants(made->content))
      caf::anon_send(each.handle, event_arrived{made});
}

void hub_state::number(event content) {
  if (next == reserved_end) {
    unnumbered.push_back(std::move(content));
    return reserve();
  }
  content.sequence = last = next++;
  // Strictly rising, since Odoo's long polls resume by time.
  content.time = last_time = std::max(runtime::wall_now(self), last_time + 1us);
  auto made = std::make_shared<numbered_event>();
  made->json = std::make_shared<const std::string>(dialects::to_cloud_event_json(content, box));
  made->content = std::move(content);
  event_ptr shared = std::move(made);
  ring.push_back(shared);
  for (auto& each : subscribers)
    if (!each.catching_up) deliver(each, shared);
  trim();
  if (!flush.armed()) flush.arm(self, flush_delay);
}

void hub_state::deliver(subscriber& to, const event_ptr& content) {
  to.after = content->content.sequence;
  if (to.wants(content->content)) caf::anon_send(to.handle, event_arrived{content});
}

void hub_state::trim() {
  while (ring.size() > event_ring_size) {
    const auto oldest = ring.front()->content.sequence;
    if (oldest > written_to) {
      if (ring.size() <= event_ring_bound) break;
      ring_limit->count_hit();
      lost_to = oldest;
    }
    dropped_to = oldest;
    ring.pop_front();
  }
  ring_limit->set_fill(ring.size());
}

void hub_state::write_out() {
  if (writing || ring.empty() || ring.back()->content.sequence <= written_to) return;
  append_events batch;
  const auto first = std::partition_point(ring.begin(), ring.end(), [this](const event_ptr& each) {
    return each->content.sequence <= written_to;
  });
  for (auto at = first; at != ring.end() && batch.events.size() < event_ring_size; ++at)
    batch.events.emplace_back(*at, &(*at)->content);
  writing = true;
  const auto greatest = batch.events.back()->sequence;
  runtime::request_then(
      self, ledger, neighbour_timeout, std::move(batch),
      [this, greatest](std::uint64_t) {
        writing = false;
        written_to = std::max(written_to, greatest);
        for (auto& [wanted, promise] : std::exchange(wait_for_disk, {}))
          give_from_ring(wanted, std::move(promise));
        trim();
        if (!ring.empty() && ring.back()->content.sequence > written_to && !flush.armed())
          flush.arm(self, flush_delay);
      },
      [this](const fault& problem) {
        writing = false;
        log_.warning("Events could not be written down, trying again: {}", problem.text);
        for (auto& waiting : std::exchange(wait_for_disk, {}))
          waiting.second.deliver(runtime::to_error(problem));
        if (!flush.armed()) flush.arm(self, retry_delay);
      });
}

/// Gives a subscriber what it missed: from the ring when that reaches back far enough, else from
/// the ledger first.
void hub_state::catch_up(subscriber& to) {
  if (to.catching_up || next == 0) return;
  if (to.after < dropped_to) {
    to.catching_up = true;
    return read_for(to.handle);
  }
  const auto first = std::partition_point(ring.begin(), ring.end(), [&](const event_ptr& each) {
    return each->content.sequence <= to.after;
  });
  for (auto at = first; at != ring.end(); ++at)
    deliver(to, *at);
  to.after = std::max(to.after, last);
}

void hub_state::read_for(const caf::actor& handle) {
  const auto* reader = find(handle);
  if (reader == nullptr) return;
  runtime::request_then(
      self, ledger, neighbour_timeout, read_events{reader->after, read_at_once},
      [this, handle](const event_batch& batch) {
        auto* to = find(handle);
        if (to == nullptr) return;
        if (batch.oldest_kept > to->after + 1) tell_gap(*to, batch.oldest_kept);
        for (const auto& each : batch.events) {
          if (each.sequence > dropped_to) break;
          auto made = std::make_shared<numbered_event>();
          made->json =
              std::make_shared<const std::string>(dialects::to_cloud_event_json(each, box));
          made->content = each;
          deliver(*to, std::move(made));
        }
        const bool more = batch.events.size() == read_at_once && to->after < dropped_to;
        if (more) return read_for(handle);
        if (batch.last_kept < dropped_to && batch.last_kept < written_to)
          tell_gap(*to, dropped_to + 1);
        to->after = std::max(to->after, dropped_to);
        to->catching_up = false;
        catch_up(*to);
      },
      [this, handle](const fault& problem) {
        auto* to = find(handle);
        if (to == nullptr) return;
        log_.warning("Events of the past could not be read: {}", problem.text);
        tell_gap(*to, dropped_to + 1);
        to->after = std::max(to->after, dropped_to);
        to->catching_up = false;
        catch_up(*to);
      });
}

void hub_state::tell_gap(subscriber& to, std::uint64_t before) {
  auto made = std::make_shared<numbered_event>();
  made->content.sequence = before - 1;
  made->content.time = runtime::wall_now(self);
  made->content.type = "gap";
  made->content.data = value::object{{"after", to.after}, {"before", before}};
  made->json =
      std::make_shared<const std::string>(dialects::to_cloud_event_json(made->content, box));
  to.after = before - 1;
  caf::anon_send(to.handle, event_arrived{std::move(made)});
}

event_list hub_state::of_ring(std::uint64_t after, std::uint32_t limit) const {
  event_list out;
  auto at = std::partition_point(ring.begin(), ring.end(), [&](const event_ptr& each) {
    return each->content.sequence <= after;
  });
  for (; at != ring.end() && out.events.size() < limit; ++at) {
    if ((*at)->content.sequence > written_to) break;
    out.events.emplace_back(*at, &(*at)->content);
  }
  return out;
}

/// A page has what is on disk only: an event that a server knows and the box forgot with its death
/// would be told again under another number.
void hub_state::give_from_ring(const get_events& wanted, page_promise promise) {
  const bool unwritten = !ring.empty() && ring.back()->content.sequence > wanted.after &&
                         std::max(wanted.after, dropped_to) >= written_to;
  if (unwritten)
    wait_for_disk.emplace_back(wanted, std::move(promise));
  else
    promise.deliver(of_ring(wanted.after, wanted.limit));
}

/// What the ledger has of the numbers that are not in the ring; behind them the ring goes on.
std::optional<event_list> hub_state::of_ledger(const get_events& wanted,
                                               const event_batch& batch) const {
  event_list out;
  for (const auto& each : batch.events)
    if (each.sequence <= dropped_to) out.events.push_back(std::make_shared<const event>(each));
  if (!out.events.empty()) return out;
  if (wanted.after >= lost_to) return std::nullopt;
  event gap;
  gap.sequence = lost_to;
  gap.time = runtime::wall_now(self);
  gap.type = "gap";
  gap.data = value::object{{"after", wanted.after},
                           {"before", lost_to + 1},
                           {"text", "The box's disk took no events for a while."}};
  out.events.push_back(std::make_shared<const event>(std::move(gap)));
  return out;
}

caf::result<event_list> hub_state::page(const get_events& wanted) {
  if (next == 0) return event_list{};
  auto promise = self->make_response_promise<event_list>();
  if (wanted.after >= dropped_to) {
    give_from_ring(wanted, promise);
    return promise;
  }
  runtime::request_then(
      self, ledger, neighbour_timeout,
      read_events{wanted.after, std::min(wanted.limit, read_at_once)},
      [this, promise, wanted](const event_batch& batch) mutable {
        if (auto kept = of_ledger(wanted, batch))
          promise.deliver(std::move(*kept));
        else
          give_from_ring(wanted, promise);
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

hub_self::behavior_type event_hub(hub_self::stateful_pointer<hub_state> self,
                                  const services* shared, box_id box, ledger_actor ledger) {
  runtime::prepare(self, "event_hub");
  auto& hub = self->state;
  hub.self = self;
  hub.box = std::move(box);
  hub.ledger = std::move(ledger);
  hub.ring_limit = &shared->limits.declare("events.in_memory", "events", event_ring_bound,
                                           runtime::limit_policy::drop_oldest);
  hub.published = &shared->metrics.count("troupe_events_total", "Events published.");
  hub.passed = &shared->metrics.count("troupe_transient_events_total",
                                      "Live values published: not numbered, not kept.");
  self->set_down_handler([self](const caf::down_msg& down) {
    std::erase_if(self->state.subscribers,
                  [&](const subscriber& each) { return each.handle.address() == down.source; });
  });
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.write_out(); // ahead of the ledger's own end, which is stopped after us
    self->quit(std::move(stop.reason));
  });
  hub.tell_past();
  return {
      runtime::traced([self](const publish_event& message) {
        if (message.transient)
          self->state.pass(message.content);
        else
          self->state.publish(message.content);
      }),
      [self](const subscribe_events& message) -> std::uint64_t {
        auto& state = self->state;
        subscriber added{message.subscriber, message.devices, message.after.value_or(state.last),
                         false};
        // Numbers that were never given (another box, a restored disk) count as "from now on".
        if (state.next != 0 && added.after > state.last) added.after = state.last;
        self->monitor(message.subscriber);
        state.subscribers.push_back(std::move(added));
        state.catch_up(state.subscribers.back());
        return state.last;
      },
      [self](const unsubscribe_events& message) {
        std::erase_if(self->state.subscribers,
                      [&](const subscriber& each) { return each.handle == message.subscriber; });
        self->demonitor(message.subscriber);
      },
      [self](const get_events& wanted) { return self->state.page(wanted); },
      // Before there are numbers nobody knows what an earlier run gave: 0 would be a lie, by which
      // the box would number anew what its server has.
      [self](const get_last_sequence&) -> caf::result<std::uint64_t> {
        auto& state = self->state;
        if (state.next != 0) return state.last;
        return state.wait_for_numbers.emplace_back(self->make_response_promise<std::uint64_t>());
      },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (!state.flush.due(self, tick)) return;
        if (!state.past_told) return state.tell_past();
        if (state.next == 0 || !state.unnumbered.empty()) state.reserve();
        state.write_out();
      },
  };
}

} // namespace

event_hub_actor spawn_event_hub(caf::actor_system& system, const services& shared, box_id box,
                                ledger_actor ledger) {
  return system.spawn(event_hub, &shared, std::move(box), std::move(ledger));
}

} // namespace troupe::box
