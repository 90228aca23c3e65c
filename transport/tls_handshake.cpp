#include "transport/tls_handshake.hpp"

#include <utility>

namespace troupe::transport {

tls_handshake::tls_handshake(loop_socket socket, context_ptr context, steady_time ends, done told)
    : context_(std::move(context)),
      socket_(std::make_shared<tls_socket>(std::move(socket), *context_)), ends_(ends),
      told_(std::move(told)) {}

void tls_handshake::start() {
  socket_->async_handshake(boost::asio::ssl::stream_base::server,
                           [me = shared_from_this()](const boost::system::error_code& error) {
                             me->end(error ? nullptr : make_tls_stream(me->socket_, me->context_));
                           });
}

void tls_handshake::check_time(steady_time now) {
  if (now >= ends_) cut();
}

/// The handshake under way ends with an error then.
void tls_handshake::cut() {
  boost::system::error_code ignored;
  socket_->next_layer().close(ignored);
}

void tls_handshake::end(std::unique_ptr<byte_stream> stream) {
  if (auto told = std::exchange(told_, nullptr)) told(*this, std::move(stream));
}

} // namespace troupe::transport
