#pragma once

#include "transport/byte_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <utility>

namespace troupe::transport {

/// A socket bound to one loop without type erasure: the executor's calls are inlined.
using loop_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Takes over a connected socket: sets TCP_NODELAY.
std::unique_ptr<byte_stream> make_socket_stream(loop_socket socket);

/// Writes at once what a non-blocking descriptor takes; 0 when it takes nothing or is broken.
std::size_t write_to_descriptor(int descriptor, std::span<const byte_span> pieces);

} // namespace troupe::transport
