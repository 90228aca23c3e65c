#pragma once

#include "messages/result.hpp"
#include "transport/byte_stream.hpp"
#include "transport/socket_stream.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <string>

namespace troupe::transport {

using tls_socket = boost::asio::ssl::stream<loop_socket>;

/// A client's TLS settings: TLS 1.2 or newer, peers checked against the system's store or
/// `ca_file`. Shared by all that ask for the same while one of them lives. Fault: "transport.tls".
result<std::shared_ptr<boost::asio::ssl::context>> client_tls(const std::string& ca_file,
                                                              bool verify);
/// Sets the name to ask for and to check (a DNS name or an address). False: not a usable name.
bool set_expected_name(tls_socket& socket, const std::string& host, bool verify);

/// A stream over a socket whose handshake is done.
std::unique_ptr<byte_stream> make_tls_stream(std::shared_ptr<tls_socket> socket,
                                             std::shared_ptr<boost::asio::ssl::context> context);

} // namespace troupe::transport
