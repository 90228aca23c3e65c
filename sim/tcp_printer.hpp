#pragma once

#include "messages/result.hpp"
#include "sim/printer_device.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::sim {

/// What happens to a second connection while there is one: it waits its turn unread, or it is
/// reset.
enum class second_connection : std::uint8_t { waits, refused };

struct tcp_printer_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 9100; ///< 0: any free one
  second_connection second = second_connection::waits;
};

/// Lets programs print to a simulated printer over TCP, one connection at a time. When the
/// printer's buffer is full it stops reading, so that the sender feels it. Lives on the thread of
/// the context.
class tcp_printer {
public:
  /// Listens. Faults: "sim.port_in_use", "sim.listen", with what to do.
  static result<std::shared_ptr<tcp_printer>> listen(boost::asio::io_context& context,
                                                     std::shared_ptr<printer_device> device,
                                                     tcp_printer_options options);
  ~tcp_printer();
  std::uint16_t port() const;
  /// Stops listening and drops the connection.
  void close();

private:
  class implementation;
  explicit tcp_printer(std::shared_ptr<implementation> implementation);
  std::shared_ptr<implementation> implementation_;
};

} // namespace troupe::sim
