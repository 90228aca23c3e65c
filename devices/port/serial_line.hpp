#pragma once

#include "devices/port/port_address.hpp"

#include <optional>

namespace troupe::port {

/// A serial line that is open, and what could not be had of it.
struct opened_line {
  int file = -1; ///< the caller closes it
  std::optional<fault> warning;
};

/// Opens and sets a serial line without waiting for anything. Faults: see `serial_port`.
result<opened_line> open_line(const port_address& address);

/// In words, why a line that was open has ended (`error` is an errno; 0: its end was read).
fault line_ended(const port_address& address, int error);

} // namespace troupe::port
