#include "actors/web/page.hpp"

#include "actors/runtime/local_messages.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe::web {

transport::websocket_options page_options() {
  transport::websocket_options options;
  options.message_bytes = page_message_bytes;
  options.queue_bytes = page_queue_bytes;
  return options;
}

void connect_page(const transport::websocket_ptr& page, const caf::actor_addr& address) {
  transport::websocket_session::callbacks callbacks;
  callbacks.on_close = [address](std::uint16_t, std::string_view) {
    if (const auto session = caf::actor_cast<caf::actor>(address))
      caf::anon_send(session, page_closed{});
  };
  callbacks.on_drained = [address] {
    if (const auto session = caf::actor_cast<caf::actor>(address))
      caf::anon_send(session, page_drained{});
  };
  page->handle(std::move(callbacks));
}

bool is_slow(const transport::websocket_session& page) {
  return page.queued_bytes() > page_queue_bytes / 2;
}

} // namespace troupe::web
