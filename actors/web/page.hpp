#pragma once

#include "transport/websocket.hpp"

#include <caf/actor_addr.hpp>

#include <cstddef>

/// Open pages: one actor a WebSocket.
namespace troupe::web {

/// Bytes that may wait for a slow page. From half of it on, the page gets no new events until it
/// has read most of them; none is lost, since it is told the rest from where it stopped.
inline constexpr std::size_t page_queue_bytes = 1024 * 1024;
/// Pages send nothing but control frames; more than this is refused (1009).
inline constexpr std::size_t page_message_bytes = 4096;

transport::websocket_options page_options();

/// From a page's socket to its actor.
struct page_closed {
  static constexpr bool local_message = true;
};
struct page_drained {
  static constexpr bool local_message = true;
};
/// Lets a page's socket speak to its actor, without keeping it alive.
void connect_page(const transport::websocket_ptr& page, const caf::actor_addr& address);
/// Whether a page reads so slowly that it should get nothing new.
bool is_slow(const transport::websocket_session& page);

} // namespace troupe::web
