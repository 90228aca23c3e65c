#pragma once

#include "transport/byte_stream.hpp"
#include "transport/http_client.hpp"
#include "transport/url.hpp"

#include <functional>
#include <memory>

namespace troupe::transport {

struct connected_stream {
  std::unique_ptr<byte_stream> stream;
  std::string remote_address;
  /// Set when requests go to a proxy in absolute form: its Proxy-Authorization field, or empty.
  bool by_proxy = false;
  std::string proxy_authorization;
};

/// A connection being made: name, TCP, proxy, TLS. Dropping it cancels silently.
class connection_attempt {
public:
  virtual ~connection_attempt() = default;
};

/// Connects to an address. `tunnel`: go through a proxy by CONNECT even without TLS (WebSocket).
/// `done` is called once, never from within the call.
[[nodiscard]] std::unique_ptr<connection_attempt>
connect_to(boost::asio::io_context& loop, const url& where, const connect_options& options,
           bool tunnel, std::function<void(result<connected_stream>)> done);

} // namespace troupe::transport
