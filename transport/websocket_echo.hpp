#pragma once

#include "transport/http_exchange.hpp"

namespace troupe::transport {

/// Longest message of the echo: 16 MiB, as conformance suites send.
inline constexpr std::size_t echo_message_bytes = 16 * 1024 * 1024;

/// Answers a request with a WebSocket that sends back what it gets, text as text and binary as
/// binary. For conformance suites; open it for nobody else.
void websocket_echo(http_exchange exchange);

} // namespace troupe::transport
