#include "actors/runtime/log.hpp"
#include "actors/server/bus_state.hpp"

#include <algorithm>

namespace troupe::server {
namespace {

event_ptr gap_event(std::uint64_t after, std::uint64_t before, time_point now) {
  auto made = std::make_shared<numbered_event>();
  made->content.sequence = before - 1;
  made->content.content.time = now;
  made->content.content.type = "gap";
  made->content.content.trace = {};
  made->content.content.data = value::object{{"after", after}, {"before", before}};
  made->json = cloud_event_of(made->content);
  return made;
}

struct block_from_disk {
  std::uint64_t oldest = 0; ///< of all that is kept
  event_run events;
};

/// Runs on the store's thread: the texts are made there, too.
result<block_from_disk> read_block(store::sql_connection& connection, std::uint64_t block,
                                   std::uint64_t newest) {
  const auto bounds = store::bounds_of_events(connection);
  if (!bounds) return bounds.error();
  store::event_query wanted;
  wanted.newest_first = false;
  wanted.from = block;
  wanted.limit = static_cast<std::uint32_t>(event_history::block_events);
  const auto page = store::read_events(connection, wanted);
  if (!page) return page.error();
  const auto last = std::min({block + event_history::block_events, bounds->newest, newest});
  auto events = std::make_shared<std::vector<event_ptr>>();
  for (const auto& each : page->rows)
    if (each.sequence <= last) events->push_back(event_of(each));
  return block_from_disk{bounds->oldest, {block, last, std::move(events)}};
}

} // namespace

void bus_state::deliver(const event_run& fresh) {
  for (auto& each : subscribers)
    if (each.live) give(each, fresh);
}

void bus_state::publish(const publish_live& message) {
  live->add(message.events.size());
  if (subscribers.empty()) return;
  std::vector<event_ptr> events;
  for (const auto& each : message.events) {
    auto made = std::make_shared<numbered_event>();
    made->content = {0, message.box, each};
    auto shown = made->content;
    shown.sequence = history.newest();
    made->json = cloud_event_of(shown, ++passing);
    events.push_back(std::move(made));
  }
  const auto list = std::make_shared<const std::vector<event_ptr>>(std::move(events));
  for (const auto& each : subscribers)
    caf::anon_send(each.handle, events_arrived{list});
}

void bus_state::subscribe(const subscribe_events& message,
                          caf::typed_response_promise<std::uint64_t> promise) {
  auto at = std::find_if(subscribers.begin(), subscribers.end(),
                         [&](const subscriber& each) { return each.handle == message.subscriber; });
  if (at == subscribers.end()) {
    if (subscribers.size() >= listeners->bound()) {
      listeners->count_hit();
      promise.deliver(runtime::to_error({"bus.too_many", "Too many pages are open on this server.",
                                         "Close some, and try again.", 503}));
      return;
    }
    self->monitor(message.subscriber);
    at = subscribers.insert(subscribers.end(), {message.subscriber});
    listeners->set_fill(subscribers.size());
  }
  at->number = ++subscriptions;
  at->live = false;
  at->waits = false;
  // Numbers that were never given (a restored database) count as "from now on".
  at->after = std::min(message.after.value_or(history.newest()), history.newest());
  promise.deliver(history.newest());
  serve(*at);
}

void bus_state::hold(const caf::actor& handle) {
  for (auto& each : subscribers)
    if (each.handle == handle) each.live = false;
}

void bus_state::drop(const caf::actor_addr& gone) {
  std::erase_if(subscribers, [&](const subscriber& each) { return each.handle.address() == gone; });
  listeners->set_fill(subscribers.size());
}

void bus_state::serve(subscriber& to) {
  if (to.after == history.newest()) {
    to.live = true;
    return;
  }
  if (const auto run = history.behind(to.after)) return give(to, *run);
  to.waits = true;
  read_next_block();
}

void bus_state::give(subscriber& to, const event_run& run) {
  to.after = run.last;
  to.live = run.last == history.newest();
  caf::anon_send(to.handle, events_arrived{run.events, run.after, run.last, !to.live});
}

void bus_state::give_gap(subscriber& to, std::uint64_t last) {
  const std::vector<event_ptr> events{gap_event(to.after, last + 1, runtime::wall_now(self))};
  give(to, {to.after, last, std::make_shared<const std::vector<event_ptr>>(events)});
}

/// Who came first is served first, and with it all who wait for the same block.
void bus_state::read_next_block() {
  const subscriber* first = nullptr;
  for (const auto& each : subscribers)
    if (each.waits && (first == nullptr || each.number < first->number)) first = &each;
  if (reading || first == nullptr) return;
  reading = true;
  const auto block = event_history::block_before(first->after);
  blocks_read->add();
  run_in_store(
      self, store,
      [block, newest = history.newest()](store::sql_connection& connection) {
        return read_block(connection, block, newest);
      },
      [this](const block_from_disk& found) {
        reading = false;
        history.keep(found.events);
        give_block(found.oldest, found.events);
        read_next_block();
      },
      [this, block](const fault& problem) {
        reading = false;
        block_unread(block, problem);
        read_next_block();
      });
}

template <class Give>
void bus_state::end_wait_for(std::uint64_t block, Give&& give_to) {
  for (auto& each : subscribers)
    if (each.waits && event_history::block_before(each.after) == block) {
      each.waits = false;
      give_to(each);
    }
}

void bus_state::give_block(std::uint64_t oldest, const event_run& block) {
  end_wait_for(block.after, [&](subscriber& to) {
    if (oldest > to.after + 1)
      give_gap(to, oldest - 1);
    else if (block.last > to.after)
      give(to, block);
    else
      give_gap(to, history.newest()); // the disk lost what it had
  });
}

void bus_state::block_unread(std::uint64_t block, const fault& problem) {
  bus_log.warning("Events of the past could not be read: {}", problem.text);
  end_wait_for(block, [&](subscriber& to) { give_gap(to, history.before_memory()); });
}

} // namespace troupe::server
