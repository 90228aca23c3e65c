#include "devices/port/port.hpp"

#include "devices/port/file_port.hpp"
#include "devices/port/serial_port.hpp"
#include "devices/port/tcp_port.hpp"

namespace troupe::port {

std::unique_ptr<byte_port> make_port(boost::asio::io_context& context, const port_address& address,
                                     const port_options& options) {
  if (address.kind == port_kind::file) return std::make_unique<file_port>(context, address);
  if (address.kind == port_kind::serial) return std::make_unique<serial_port>(context, address);
  return std::make_unique<tcp_port>(context, address, options);
}

} // namespace troupe::port
