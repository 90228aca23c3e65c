#include "transport/websocket_echo.hpp"

namespace troupe::transport {

void websocket_echo(http_exchange exchange) {
  websocket_options options;
  options.message_bytes = echo_message_bytes;
  options.queue_bytes = 2 * echo_message_bytes;
  exchange.upgrade_websocket(std::move(options), [](const websocket_ptr& opened) {
    const std::weak_ptr<websocket_session> weak = opened;
    websocket_session::callbacks callbacks;
    callbacks.on_message = [weak](byte_span payload, bool text) {
      const auto session = weak.lock();
      if (!session) return;
      std::string copy(as_text(payload));
      if (text)
        session->send_text(std::move(copy));
      else
        session->send_binary(std::move(copy));
      // A peer that does not read is not read from either, so the queue never overflows.
      if (session->queued_bytes() > echo_message_bytes) session->pause_reading();
    };
    callbacks.on_drained = [weak] {
      if (const auto session = weak.lock()) session->resume_reading();
    };
    opened->handle(std::move(callbacks));
  });
}

} // namespace troupe::transport
