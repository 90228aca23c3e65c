#pragma once

#include "transport/http_exchange.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::transport {

class tls_identity;

/// Limits and time-outs of a server; each has a default that suits a box. See docs/transport.md.
struct http_server_options {
  std::size_t header_bytes = 16 * 1024;        ///< request line and fields; above: 431
  std::size_t header_count = 128;              ///< fields; above: 431
  std::uint64_t body_bytes = 16 * 1024 * 1024; ///< above: 413
  /// Body limit of one request, asked when its header is there; unset: `body_bytes`.
  std::function<std::uint64_t(const http_request&)> body_limit{};
  std::size_t connections = 1024;            ///< above: 503
  std::size_t connections_per_address = 256; ///< from one remote address; above: 503
  std::size_t pipeline_depth = 64;           ///< requests answered before others have their turn
  std::size_t output_bytes = 64 * 1024;      ///< pipelined answers gathered before a write
  std::chrono::milliseconds handshake_timeout{10'000}; ///< TLS not agreed on: cut
  std::chrono::milliseconds header_timeout{10'000};    ///< first byte to end of header: 408
  std::chrono::milliseconds idle_timeout{75'000};      ///< between requests: closed silently
  std::chrono::milliseconds body_grace{10'000};      ///< a body may take this plus size / rate: 408
  std::uint64_t body_bytes_per_second = 8 * 1024;    ///< slowest body accepted
  std::chrono::milliseconds write_timeout{30'000};   ///< no byte of the answer taken: cut
  std::chrono::milliseconds answer_timeout{120'000}; ///< handler silent: 503
  std::chrono::milliseconds linger_timeout{2'000};   ///< reading on after a refusal, so it is seen
  std::string server_name = "troupe";                ///< `Server` header; empty: none
};

/// Counted since the start; read on the loop's thread.
struct http_counters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0; ///< over a limit
  std::uint64_t connections_open = 0;    ///< now, WebSockets included
  std::uint64_t websockets_open = 0;     ///< now
  std::uint64_t requests = 0;
  std::uint64_t answers[6] = {};       ///< by class: [2] counts 2xx; [0] unused
  std::uint64_t bad_requests = 0;      ///< unreadable or over a limit, answered by the server
  std::uint64_t handshakes = 0;        ///< TLS, that came to an end
  std::uint64_t handshakes_failed = 0; ///< TLS: no common cipher, no trust, cut, or too slow
  std::uint64_t timeouts = 0;
  std::uint64_t dropped_exchanges = 0; ///< handlers that forgot to answer
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// HTTP/1.1 server on one loop: keep-alive, pipelining, HEAD, 100-continue, chunked bodies,
/// WebSocket upgrade. All calls and callbacks on the loop's thread; no locks, no threads.
class http_server {
public:
  using handler = std::function<void(http_exchange)>;

  http_server(boost::asio::io_context& loop, http_server_options options, handler handle);
  /// Cuts all connections. Orderly: `stop` before.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Listens on an address ("127.0.0.1", "0.0.0.0", "::" for both families) and port (0: any free
  /// one). Gives the port. May be called several times. Fault: "transport.listen".
  result<std::uint16_t> listen(std::string_view address, std::uint16_t port);
  /// The same over TLS, with what `identity` shows at each connection.
  result<std::uint16_t> listen_tls(std::string_view address, std::uint16_t port,
                                   std::shared_ptr<const tls_identity> identity);
  /// Stops accepting, closes idle connections, lets running exchanges finish within `grace`, closes
  /// WebSockets with 1001, then cuts what is left and calls `done`.
  void stop(std::chrono::milliseconds grace, std::function<void()> done);
  const http_counters& counters() const;

  class state;

private:
  std::shared_ptr<state> state_;
};

} // namespace troupe::transport
