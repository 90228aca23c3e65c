#include "actors/server/bus.hpp"

#include "actors/runtime/log.hpp"
#include "actors/server/bus_limits.hpp"
#include "actors/server/bus_state.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_delay = 1s;
constexpr auto prune_period = 60s;
constexpr auto prune_again = 1s;
/// Events that one step of pruning looks at.
constexpr std::uint32_t prune_step = 2000;
/// Events that one job writes; more wait for the next.
constexpr std::size_t group_events = 10'000;

/// What a batch takes of the bound of the queue.
std::size_t room_of(const publish_batch& content) {
  return std::max<std::size_t>(content.events.size(), 1);
}

} // namespace

bus_state::bus_state() : history(bus_ring_events) {}

void bus_state::load() {
  run_in_store(
      self, store,
      [](store::sql_connection& connection) { return store::bounds_of_events(connection); },
      [this](const store::event_bounds& bounds) {
        ready = true;
        history.start(bounds.newest);
        kept->set_fill(bounds.newest - bounds.oldest + (bounds.newest == 0 ? 0 : 1));
        for (auto& each : std::exchange(when_ready, {}))
          each();
        write();
      },
      [this](const fault& problem) {
        bus_log.warning("The numbers of events could not be read: {}", problem.text);
        retry.arm(self, retry_delay);
      });
}

void bus_state::add(publish_batch content, caf::typed_response_promise<std::uint64_t> promise) {
  const auto count = room_of(content);
  if (!queue->try_take(count)) {
    promise.deliver(runtime::to_error({"bus.busy", "More events come in than can be written down.",
                                       "Try again in some seconds.", 503}));
    return;
  }
  waiting.push_back(
      {std::move(content), std::move(promise), runtime::now(self) + neighbour_timeout, 0, {}});
  write();
}

/// One group at a time is on its way to disk; what comes meanwhile is the next group.
void bus_state::write() {
  if (writing || !ready || waiting.empty() || again.armed()) return;
  auto group = std::make_shared<event_group>();
  std::size_t count = 0;
  while (!waiting.empty() && count < group_events) {
    count += room_of(waiting.front().content);
    group->batches.push_back(std::move(waiting.front()));
    waiting.pop_front();
  }
  group->now = runtime::wall_now(self);
  group->make_json = !subscribers.empty();
  writing = true;
  run_in_store(
      self, store,
      [group](store::sql_connection& connection) -> result<bool> {
        if (auto problem = group->write(connection)) return *problem;
        return true;
      },
      [this, group, count](bool) {
        writing = false;
        queue->give_back(count);
        written(*group);
        write();
      },
      [this, group](const fault& problem) {
        writing = false;
        unwritten(*group, problem);
        write();
      });
}

/// What a later try may bring to disk goes back to the head of the queue, in its order.
void bus_state::unwritten(event_group& group, const fault& problem) {
  bus_log.warning("{} batches of events could not be written: {}", group.batches.size(),
                  problem.text);
  const bool passes = problem.status == 503 || problem.status == 507;
  const auto now = runtime::now(self);
  // Newest first, each before the one behind it.
  for (auto at = group.batches.rbegin(); at != group.batches.rend(); ++at) {
    auto& each = *at;
    each.refused.reset();
    if (passes && now < each.until) {
      waiting.push_front(std::move(each));
      continue;
    }
    queue->give_back(room_of(each.content));
    each.promise.deliver(runtime::to_error(problem));
  }
  if (passes) again.arm(self, retry_delay);
}

void bus_state::written(event_group& group) {
  taken->add(group.fresh.size());
  repeated->add(group.repeated);
  for (auto& each : group.batches)
    if (each.refused)
      each.promise.deliver(runtime::to_error(*each.refused));
    else
      each.promise.deliver(each.answer);
  if (group.fresh.empty()) return;
  const auto count = group.fresh.size();
  deliver(history.add(group.fresh, !subscribers.empty()));
  in_memory->set_fill(history.in_memory());
  kept->set_fill(kept->fill() + count);
  if (kept->fill() > kept->bound() &&
      (!prune.armed() || prune.at() > runtime::now(self) + prune_again))
    prune.arm(self, 0s);
}

void bus_state::prune_some() {
  const auto bound = kept->bound();
  const auto last = history.newest();
  const auto keep_from = last > bound ? last - bound + 1 : 0;
  const auto keep_after = runtime::wall_now(self) - bus_longest_age;
  // While more comes in than a step deletes, steps grow with it.
  const auto over = kept->fill() > bound ? kept->fill() - bound : 0;
  const auto step = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(over, prune_step, 20'000));
  prune.arm(self, prune_period);
  history.forget_blocks(); // who still reads them gets them again
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
        bus_log.warning("Old events could not be deleted: {}", problem.text);
      });
}

namespace {

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
  state.blocks_read = &metrics.count("troupe_event_blocks_read_total",
                                     "Reads of past events for pages that were behind.");
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
      [self](const hold_events& message) { self->state.hold(message.subscriber); },
      [self](const find_events& message) -> caf::result<event_list_ptr> {
        auto promise = self->make_response_promise<event_list_ptr>();
        self->state.find(message, promise);
        return promise;
      },
      [self, once_ready](const get_last_sequence&) -> caf::result<std::uint64_t> {
        auto promise = self->make_response_promise<std::uint64_t>();
        once_ready([self, promise]() mutable { promise.deliver(self->state.history.newest()); });
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
        if (state.again.due(self, tick)) state.write();
      },
  };
}

} // namespace

bus_actor spawn_bus(caf::actor_system& system, const services& shared, store_actor store) {
  return system.spawn(bus_behavior, &shared, std::move(store));
}

} // namespace troupe::server
