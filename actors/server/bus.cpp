#include "actors/server/bus.hpp"

#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/bus_group.hpp"
#include "actors/server/bus_limits.hpp"
#include "messages/codec.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <functional>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("server.bus");

constexpr auto retry_delay = 1s;
constexpr auto prune_period = 60s;
constexpr auto prune_again = 1s;
/// Events that one step of pruning looks at.
constexpr std::uint32_t prune_step = 2000;
/// Events that one job writes; more wait for the next.
constexpr std::size_t group_events = 10'000;
constexpr std::uint32_t read_at_once = 500;

using bus_self = bus_actor::extend<caf::reacts_to<runtime::tick>>;
using made_event = std::shared_ptr<numbered_event>;

struct subscriber {
  caf::actor handle;
  std::uint64_t after = 0;
  std::uint64_t number = 0; ///< of the subscription: tells what was read for an earlier one
  bool catching_up = false; ///< the store is being read for it
  bool held = false;        ///< gets only live values
};

struct bus_state {
  bus_state() = default;
  static inline const char* name = "bus";

  bus_self::stateful_pointer<bus_state> self = nullptr;
  const services* shared = nullptr;
  store_actor store;
  bool ready = false; ///< the store told where its numbers stand
  std::uint64_t last = 0;
  std::uint64_t passing = 0;
  std::uint64_t subscriptions = 0;
  std::vector<std::function<void()>> when_ready;
  std::deque<event_group::batch> waiting;
  std::uint64_t waiting_events = 0;
  bool writing = false;
  std::deque<made_event> ring;
  std::uint64_t before_ring = 0; ///< numbers up to here are only in the store
  std::vector<subscriber> subscribers;
  runtime::timer retry{1};
  runtime::timer prune{2};

  runtime::limit* queue = nullptr;
  runtime::limit* in_memory = nullptr;
  runtime::limit* listeners = nullptr;
  runtime::limit* kept = nullptr;
  runtime::counter* taken = nullptr;
  runtime::counter* repeated = nullptr;
  runtime::counter* live = nullptr;

  void load();
  void add(publish_batch content, caf::typed_response_promise<std::uint64_t> promise);
  void write();
  void written(event_group& group);
  void keep_in_ring(std::vector<made_event>& fresh);
  void deliver(const std::vector<made_event>& fresh);
  void send(const caf::actor& to, std::vector<event_ptr> events);
  void publish(const publish_live& message);
  void subscribe(const subscribe_events& message,
                 caf::typed_response_promise<std::uint64_t> promise);
  void catch_up(const caf::actor& handle);
  void read_for(const caf::actor& handle, std::uint64_t after, std::uint64_t subscription);
  void give_page(subscriber& reading, std::uint64_t oldest, const store::event_page& page);
  /// Nothing when what was read is for nobody any more.
  subscriber* reader(const caf::actor& handle, std::uint64_t subscription);
  event_ptr gap(std::uint64_t after, std::uint64_t before);
  subscriber* find(const caf::actor& handle);
  void drop(const caf::actor_addr& gone);
  void prune_some();
};

event_ptr event_of(const store::event_row& row) {
  auto made = std::make_shared<numbered_event>();
  made->content.sequence = row.sequence;
  made->content.box = row.box;
  if (auto read = from_msgpack<event>(as_bytes(row.content)))
    made->content.content = std::move(*read);
  else
    made->content.content.type = row.type; // damaged: at least what the columns say
  made->json = std::make_shared<const std::string>(cloud_event_of(made->content));
  return made;
}

void bus_state::load() {
  run_in_store(
      self, store,
      [](store::sql_connection& connection) { return store::bounds_of_events(connection); },
      [this](const store::event_bounds& bounds) {
        ready = true;
        last = before_ring = bounds.newest;
        kept->set_fill(bounds.newest - bounds.oldest + (bounds.newest == 0 ? 0 : 1));
        for (auto& each : std::exchange(when_ready, {}))
          each();
        write();
      },
      [this](const fault& problem) {
        log_.warning("The numbers of events could not be read: {}", problem.text);
        retry.arm(self, retry_delay);
      });
}

void bus_state::add(publish_batch content, caf::typed_response_promise<std::uint64_t> promise) {
  const auto count = std::max<std::size_t>(content.events.size(), 1);
  if (!queue->try_take(count)) {
    promise.deliver(runtime::to_error({"bus.busy", "More events come in than can be written down.",
                                       "Try again in some seconds.", 503}));
    return;
  }
  waiting_events += count;
  waiting.push_back({std::move(content), std::move(promise)});
  write();
}

/// One group at a time is on its way to disk; what comes meanwhile is the next group.
void bus_state::write() {
  if (writing || !ready || waiting.empty()) return;
  auto group = std::make_shared<event_group>();
  std::size_t count = 0;
  while (!waiting.empty() && count < group_events) {
    count += std::max<std::size_t>(waiting.front().content.events.size(), 1);
    group->batches.push_back(std::move(waiting.front()));
    waiting.pop_front();
  }
  waiting_events -= count;
  group->now = runtime::wall_now(self);
  group->make_json = !subscribers.empty();
  writing = true;
  const auto over = [this, count] {
    queue->give_back(count);
    writing = false;
  };
  run_in_store(
      self, store,
      [group](store::sql_connection& connection) -> result<bool> {
        if (auto problem = group->write(connection)) return *problem;
        return true;
      },
      [this, group, over](bool) {
        over();
        written(*group);
        write();
      },
      [this, group, over](const fault& problem) {
        over();
        log_.warning("{} batches of events could not be written: {}", group->batches.size(),
                     problem.text);
        for (auto& each : group->batches)
          each.promise.deliver(runtime::to_error(problem));
        write();
      });
}

void bus_state::written(event_group& group) {
  last = group.last;
  taken->add(group.fresh.size());
  repeated->add(group.repeated);
  for (auto& each : group.batches)
    each.promise.deliver(each.answer);
  if (group.fresh.empty()) return;
  deliver(group.fresh);
  keep_in_ring(group.fresh);
  kept->set_fill(kept->fill() + group.fresh.size());
  if (kept->fill() > kept->bound() &&
      (!prune.armed() || prune.at() > runtime::now(self) + prune_again))
    prune.arm(self, 0s);
}

void bus_state::keep_in_ring(std::vector<made_event>& fresh) {
  for (auto& each : fresh)
    ring.push_back(std::move(each));
  while (ring.size() > bus_ring_events) {
    before_ring = ring.front()->content.sequence;
    ring.pop_front();
  }
  in_memory->set_fill(ring.size());
}

void bus_state::deliver(const std::vector<made_event>& fresh) {
  if (subscribers.empty()) return;
  auto events = std::make_shared<std::vector<event_ptr>>();
  events->reserve(fresh.size());
  for (const auto& each : fresh) {
    if (!each->json)
      each->json = std::make_shared<const std::string>(cloud_event_of(each->content));
    events->push_back(each);
  }
  const event_list_ptr list = std::move(events);
  for (auto& each : subscribers) {
    if (each.catching_up || each.held) continue;
    each.after = last;
    caf::anon_send(each.handle, events_arrived{list});
  }
}

void bus_state::send(const caf::actor& to, std::vector<event_ptr> events) {
  if (!events.empty())
    caf::anon_send(
        to, events_arrived{std::make_shared<const std::vector<event_ptr>>(std::move(events))});
}

void bus_state::publish(const publish_live& message) {
  live->add(message.events.size());
  if (subscribers.empty()) return;
  std::vector<event_ptr> events;
  for (const auto& each : message.events) {
    auto made = std::make_shared<numbered_event>();
    made->content = {0, message.box, each};
    auto shown = made->content;
    shown.sequence = last;
    made->json = std::make_shared<const std::string>(cloud_event_of(shown, ++passing));
    events.push_back(std::move(made));
  }
  const auto list = std::make_shared<const std::vector<event_ptr>>(std::move(events));
  for (const auto& each : subscribers)
    if (!each.catching_up || each.held) caf::anon_send(each.handle, events_arrived{list});
}

subscriber* bus_state::find(const caf::actor& handle) {
  const auto at = std::find_if(subscribers.begin(), subscribers.end(),
                               [&](const subscriber& each) { return each.handle == handle; });
  return at == subscribers.end() ? nullptr : &*at;
}

subscriber* bus_state::reader(const caf::actor& handle, std::uint64_t subscription) {
  auto* found = find(handle);
  return found != nullptr && found->number == subscription && !found->held ? found : nullptr;
}

void bus_state::drop(const caf::actor_addr& gone) {
  std::erase_if(subscribers, [&](const subscriber& each) { return each.handle.address() == gone; });
  listeners->set_fill(subscribers.size());
}

void bus_state::subscribe(const subscribe_events& message,
                          caf::typed_response_promise<std::uint64_t> promise) {
  if (subscribers.size() >= listeners->bound()) {
    listeners->count_hit();
    promise.deliver(runtime::to_error({"bus.too_many", "Too many pages are open on this server.",
                                       "Close some, and try again.", 503}));
    return;
  }
  drop(message.subscriber.address());
  self->monitor(message.subscriber);
  // Numbers that were never given (a restored database) count as "from now on".
  subscribers.push_back({message.subscriber, std::min(message.after.value_or(last), last),
                         ++subscriptions, false, false});
  listeners->set_fill(subscribers.size());
  promise.deliver(last);
  catch_up(message.subscriber);
}

void bus_state::catch_up(const caf::actor& handle) {
  auto* to = find(handle);
  if (to == nullptr || to->held) return;
  if (to->after < before_ring) {
    to->catching_up = true;
    return read_for(handle, to->after, to->number);
  }
  to->catching_up = false;
  std::vector<event_ptr> events;
  const auto first = std::partition_point(ring.begin(), ring.end(), [&](const made_event& each) {
    return each->content.sequence <= to->after;
  });
  for (auto at = first; at != ring.end(); ++at) {
    if (!(*at)->json)
      (*at)->json = std::make_shared<const std::string>(cloud_event_of((*at)->content));
    events.push_back(*at);
  }
  to->after = std::max(to->after, last);
  send(handle, std::move(events));
}

void bus_state::read_for(const caf::actor& handle, std::uint64_t after,
                         std::uint64_t subscription) {
  using found = std::pair<store::event_bounds, store::event_page>;
  run_in_store(
      self, store,
      [after](store::sql_connection& connection) -> result<found> {
        auto bounds = store::bounds_of_events(connection);
        if (!bounds) return bounds.error();
        store::event_query wanted;
        wanted.newest_first = false;
        wanted.from = after;
        wanted.limit = read_at_once;
        auto page = store::read_events(connection, wanted);
        if (!page) return page.error();
        return found{*bounds, std::move(*page)};
      },
      [this, handle, subscription](const found& read) {
        if (auto* to = reader(handle, subscription)) give_page(*to, read.first.oldest, read.second);
      },
      [this, handle, subscription](const fault& problem) {
        auto* to = reader(handle, subscription);
        if (to == nullptr) return;
        log_.warning("Events of the past could not be read: {}", problem.text);
        send(handle, {gap(to->after, before_ring + 1)});
        to->after = before_ring;
        catch_up(handle);
      });
}

void bus_state::give_page(subscriber& reading, std::uint64_t oldest,
                          const store::event_page& page) {
  auto* to = &reading;
  const auto handle = reading.handle;
  std::vector<event_ptr> events;
  if (oldest > to->after + 1) {
    events.push_back(gap(to->after, oldest));
    to->after = oldest - 1;
  }
  for (const auto& each : page.rows) {
    events.push_back(event_of(each));
    to->after = each.sequence;
  }
  if (page.ended) to->after = std::max(to->after, before_ring);
  send(handle, std::move(events));
  catch_up(handle);
}

event_ptr bus_state::gap(std::uint64_t after, std::uint64_t before) {
  auto made = std::make_shared<numbered_event>();
  made->content.sequence = before - 1;
  made->content.content.time = runtime::wall_now(self);
  made->content.content.type = "gap";
  made->content.content.trace = {};
  made->content.content.data = value::object{{"after", after}, {"before", before}};
  made->json = std::make_shared<const std::string>(cloud_event_of(made->content));
  return made;
}

void bus_state::prune_some() {
  const auto bound = kept->bound();
  const auto keep_from = last > bound ? last - bound + 1 : 0;
  const auto keep_after = runtime::wall_now(self) - bus_longest_age;
  // While more comes in than a step deletes, steps grow with it.
  const auto over = kept->fill() > bound ? kept->fill() - bound : 0;
  const auto step = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(over, prune_step, 20'000));
  prune.arm(self, prune_period);
  run_in_store(
      self, store,
      [=](store::sql_connection& connection) {
        return store::prune_events(connection, keep_from, keep_after, step);
      },
      [this, step](std::uint64_t gone) {
        kept->set_fill(kept->fill() - std::min(kept->fill(), gone));
        if (gone >= step) prune.arm(self, prune_again);
      },
      [](const fault& problem) {
        log_.warning("Old events could not be deleted: {}", problem.text);
      });
}

/// Walks through windows of the past, one job each, so that no search holds up the store.
void search(bus_self::stateful_pointer<bus_state> self, store::event_query wanted,
            std::shared_ptr<std::vector<event_ptr>> found,
            caf::typed_response_promise<event_list_ptr> promise) {
  run_in_store(
      self, self->state.store,
      [wanted](store::sql_connection& connection) {
        return store::read_events(connection, wanted);
      },
      [self, wanted, found, promise](const store::event_page& page) mutable {
        for (const auto& each : page.rows)
          found->push_back(event_of(each));
        const auto count = static_cast<std::uint32_t>(page.rows.size());
        if (page.ended || count >= wanted.limit) {
          promise.deliver(event_list_ptr(found));
          return;
        }
        wanted.limit -= count;
        wanted.from = page.reached;
        search(self, std::move(wanted), found, promise);
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
}

store::event_query query_of(const find_events& message) {
  store::event_query wanted;
  wanted.box = message.box;
  wanted.device = message.device;
  wanted.type_prefix = message.type_prefix;
  wanted.newest_first = message.before.has_value() || !message.after.has_value();
  wanted.from = wanted.newest_first ? message.before.value_or(INT64_MAX) : *message.after;
  wanted.from = std::min<std::uint64_t>(wanted.from, INT64_MAX);
  wanted.limit = std::clamp<std::uint32_t>(message.limit, 1, 1000);
  return wanted;
}

void declare(bus_state& state, const services& shared) {
  using policy = runtime::limit_policy;
  auto& limits = shared.limits;
  state.queue = &limits.declare("bus.waiting", "events", bus_waiting_events, policy::refuse);
  state.queue->set_fill(0);
  state.in_memory =
      &limits.declare("bus.in_memory", "events", bus_ring_events, policy::drop_oldest);
  state.listeners = &limits.declare("bus.listeners", "pages", bus_listeners, policy::refuse);
  state.kept = &limits.declare("bus.kept", "events", bus_kept_events, policy::drop_oldest);
  auto& metrics = shared.metrics;
  state.taken = &metrics.count("troupe_fleet_events_total", "Events of the fleet on disk.");
  state.repeated = &metrics.count("troupe_fleet_events_repeated_total",
                                  "Events that came again and were left out.");
  state.live = &metrics.count("troupe_fleet_live_values_total", "Live values passed on.");
}

bus_self::behavior_type bus_behavior(bus_self::stateful_pointer<bus_state> self,
                                     const services* shared, store_actor store) {
  runtime::prepare(self, "bus");
  auto& bus = self->state;
  bus.self = self;
  bus.shared = shared;
  bus.store = std::move(store);
  declare(bus, *shared);
  self->set_down_handler([self](const caf::down_msg& down) { self->state.drop(down.source); });
  bus.prune.arm(self, prune_period);
  bus.load();
  const auto once_ready = [self](std::function<void()> then) {
    if (self->state.ready)
      then();
    else
      self->state.when_ready.push_back(std::move(then));
  };
  return {
      [self](publish_batch& message) -> caf::result<std::uint64_t> {
        auto promise = self->make_response_promise<std::uint64_t>();
        self->state.add(std::move(message), promise);
        return promise;
      },
      [self](const publish_live& message) { self->state.publish(message); },
      [self, once_ready](const subscribe_events& message) -> caf::result<std::uint64_t> {
        auto promise = self->make_response_promise<std::uint64_t>();
        once_ready([self, message, promise] { self->state.subscribe(message, promise); });
        return promise;
      },
      [self](const unsubscribe_events& message) {
        self->demonitor(message.subscriber);
        self->state.drop(message.subscriber.address());
      },
      [self](const hold_events& message) {
        if (auto* found = self->state.find(message.subscriber)) found->held = true;
      },
      [self](const find_events& message) -> caf::result<event_list_ptr> {
        auto promise = self->make_response_promise<event_list_ptr>();
        search(self, query_of(message), std::make_shared<std::vector<event_ptr>>(), promise);
        return promise;
      },
      [self, once_ready](const get_last_sequence&) -> caf::result<std::uint64_t> {
        auto promise = self->make_response_promise<std::uint64_t>();
        once_ready([self, promise]() mutable { promise.deliver(self->state.last); });
        return promise;
      },
      [self](const get_box_position& message) -> caf::result<std::uint64_t> {
        auto promise = self->make_response_promise<std::uint64_t>();
        run_in_store(
            self, self->state.store,
            [message](store::sql_connection& connection) -> result<std::uint64_t> {
              const auto found = store::find_source(connection, message.box);
              if (!found) return found.error();
              return *found && (*found)->epoch == message.epoch ? (*found)->last : 0;
            },
            [promise](std::uint64_t position) mutable { promise.deliver(position); },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.retry.due(self, tick)) state.load();
        if (state.prune.due(self, tick)) state.prune_some();
      },
  };
}

} // namespace

bus_actor spawn_bus(caf::actor_system& system, const services& shared, store_actor store) {
  return system.spawn(bus_behavior, &shared, std::move(store));
}

} // namespace troupe::server
