#pragma once

#include "transport/http_client.hpp"
#include "transport/websocket.hpp"

namespace troupe::transport {

struct websocket_client_request {
  std::string url{};     ///< ws:// or wss://
  header_list headers{}; ///< added to the handshake
  websocket_options options{};
  connect_options connect{};
  /// Told the server's answer when it is no WebSocket, before the fault.
  std::function<void(const client_response&)> refused{};
};

/// An attempt under way; dropping it cancels the attempt silently.
class websocket_attempt {
public:
  virtual ~websocket_attempt() = default;
};

/// Opens a WebSocket. `opened` is called once, never from within the call: the session (set its
/// callbacks at once) or a fault: those of `http_client`, and "transport.handshake" with the status
/// and the first words of the answer when the server refuses.
[[nodiscard]] std::unique_ptr<websocket_attempt>
open_websocket(boost::asio::io_context& loop, websocket_client_request request,
               std::function<void(result<websocket_ptr>)> opened);

} // namespace troupe::transport
