#pragma once

#include "transport/http.hpp"
#include "transport/websocket.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// The opening handshake of RFC 6455 section 4 and the negotiation of RFC 7692, as pure functions.
namespace troupe::transport {

enum class websocket_role : std::uint8_t { server, client };

/// What permessage-deflate was agreed on; "own" is what we send, "peer" what we get.
struct deflate_agreement {
  bool enabled = false;
  bool own_no_takeover = false;
  bool peer_no_takeover = false;
  int own_window_bits = 12; ///< 9..15: 4 KiB of history by default, for little memory a session
};

struct websocket_agreement {
  std::string subprotocol;
  deflate_agreement deflate;
};

struct accepted_websocket {
  std::string answer; ///< the whole 101 answer
  websocket_agreement agreement;
};

/// Answers a handshake. Faults: status 426 for another version or none, 400 for a broken one.
result<accepted_websocket> accept_websocket(const http_request& request,
                                            const websocket_options& options);

/// A random Sec-WebSocket-Key.
std::string make_websocket_key();
/// Sec-WebSocket-Accept for a key.
std::string websocket_accept(std::string_view key);
/// The fields of a client's handshake for a key, in wire form.
std::string websocket_request_lines(std::string_view key, const websocket_options& options);
/// Checks a server's 101 answer. Fault: "transport.handshake".
result<websocket_agreement> check_websocket_answer(const http_headers& headers,
                                                   std::string_view key,
                                                   const websocket_options& options);

/// The first acceptable offer of a Sec-WebSocket-Extensions field, and the answer to it (empty:
/// none).
deflate_agreement accept_deflate(std::string_view offers, std::string& answer);

} // namespace troupe::transport
