#pragma once

#include "transport/managed_connection.hpp"
#include "transport/tls_stream.hpp"

#include <functional>
#include <memory>

namespace troupe::transport {

/// A connection of a server from its acceptance until both sides have agreed on keys; counts as one
/// of its connections meanwhile.
class tls_handshake final : public managed_connection,
                            public std::enable_shared_from_this<tls_handshake> {
public:
  using context_ptr = std::shared_ptr<boost::asio::ssl::context>;
  /// Told once: the stream, or null when it came to nothing.
  using done = std::function<void(tls_handshake&, std::unique_ptr<byte_stream>)>;

  tls_handshake(loop_socket socket, context_ptr context, steady_time ends, done told);
  void start();
  void check_time(steady_time now) override;
  void finish() override { cut(); }
  void cut() override;

private:
  void end(std::unique_ptr<byte_stream> stream);

  context_ptr context_;
  std::shared_ptr<tls_socket> socket_;
  steady_time ends_;
  done told_;
};

} // namespace troupe::transport
