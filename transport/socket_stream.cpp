#include "transport/socket_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <sys/socket.h>
#include <sys/uio.h>

namespace troupe::transport {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Pieces one system call takes (far below IOV_MAX).
constexpr std::size_t pieces_per_call = 64;

stream_status status_of(const error_code& error) {
  if (!error) return stream_status::ok;
  return error == asio::error::eof ? stream_status::end : stream_status::failed;
}

/// A buffer sequence over a span, without an allocation for each write.
struct piece_buffers {
  std::array<asio::const_buffer, pieces_per_call> buffers;
  std::size_t count = 0;
  using value_type = asio::const_buffer;
  using const_iterator = const asio::const_buffer*;
  const_iterator begin() const { return buffers.data(); }
  const_iterator end() const { return buffers.data() + count; }

  explicit piece_buffers(std::span<const byte_span> pieces) {
    for (const auto& piece : pieces) {
      if (count == pieces_per_call) break;
      buffers[count++] = asio::const_buffer(piece.data(), piece.size());
    }
  }
};

class socket_stream final : public byte_stream {
public:
  explicit socket_stream(loop_socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  void read(std::span<char> into, std::shared_ptr<stream_user> user) override {
    socket_.async_read_some(asio::buffer(into.data(), into.size()),
                            [user = std::move(user)](const error_code& error, std::size_t bytes) {
                              user->on_read(bytes, status_of(error));
                            });
  }
  std::size_t write_now(std::span<const byte_span> pieces) override {
    return write_to_descriptor(socket_.native_handle(), pieces);
  }
  void write(std::span<const byte_span> pieces, std::shared_ptr<stream_user> user) override {
    socket_.async_write_some(piece_buffers(pieces),
                             [user = std::move(user)](const error_code& error, std::size_t bytes) {
                               user->on_written(bytes, status_of(error));
                             });
  }
  void later(std::shared_ptr<stream_user> user) override {
    asio::post(socket_.get_executor(), [user = std::move(user)] { user->on_turn(); });
  }
  void end_sending() override {
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

private:
  loop_socket socket_;
};

} // namespace

std::unique_ptr<byte_stream> make_socket_stream(loop_socket socket) {
  return std::make_unique<socket_stream>(std::move(socket));
}

std::size_t write_to_descriptor(int descriptor, std::span<const byte_span> pieces) {
  if (descriptor < 0 || pieces.empty()) return 0;
  ssize_t written = 0;
  if (pieces.size() == 1) {
    written = ::send(descriptor, pieces[0].data(), pieces[0].size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } else {
    std::array<iovec, pieces_per_call> vectors;
    std::size_t count = 0;
    for (const auto& piece : pieces) {
      if (count == pieces_per_call) break;
      vectors[count++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    written = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // Errors show again in the waiting write that follows, with their code.
  return written > 0 ? static_cast<std::size_t>(written) : 0;
}

} // namespace troupe::transport
