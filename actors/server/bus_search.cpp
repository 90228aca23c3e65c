#include "actors/server/bus_state.hpp"
#include "messages/codec.hpp"

#include <algorithm>

namespace troupe::server {

event_ptr event_of(const store::event_row& row) {
  auto made = std::make_shared<numbered_event>();
  made->content.sequence = row.sequence;
  made->content.box = row.box;
  if (auto read = from_msgpack<event>(as_bytes(row.content)))
    made->content.content = std::move(*read);
  else
    made->content.content.type = row.type; // damaged: at least what the columns say
  made->json = cloud_event_of(made->content);
  return made;
}

namespace {

/// Walks through windows of the past, one job each, so that no search holds up the store.
void search(bus_self::stateful_pointer<bus_state> self, store::event_query wanted,
            std::shared_ptr<std::vector<event_ptr>> found,
            caf::typed_response_promise<event_list_ptr> promise) {
  using part = std::pair<store::event_page, std::vector<event_ptr>>;
  run_in_store(
      self, self->state.store,
      [wanted](store::sql_connection& connection) -> result<part> {
        auto page = store::read_events(connection, wanted);
        if (!page) return page.error();
        std::vector<event_ptr> events;
        for (const auto& each : page->rows)
          events.push_back(event_of(each));
        return part{std::move(*page), std::move(events)};
      },
      [self, wanted, found, promise](const part& read) mutable {
        const auto& [page, events] = read;
        found->insert(found->end(), events.begin(), events.end());
        const auto count = static_cast<std::uint32_t>(events.size());
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

} // namespace

void bus_state::find(const find_events& message,
                     caf::typed_response_promise<event_list_ptr> promise) {
  search(self, query_of(message), std::make_shared<std::vector<event_ptr>>(), std::move(promise));
}

} // namespace troupe::server
