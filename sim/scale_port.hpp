#pragma once

#include "devices/port/port.hpp"
#include "sim/scale_device.hpp"

#include <memory>

namespace troupe::sim {

/// A port to a simulated scale in the same program: the real actor works over it as over a serial
/// line. Faults of `closed`: serial.absent (unplugged when opened), serial.closed (unplugged).
std::unique_ptr<port::byte_port> make_scale_port(std::shared_ptr<scale_device> device);

} // namespace troupe::sim
