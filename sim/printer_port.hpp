#pragma once

#include "devices/port/port.hpp"
#include "sim/printer_device.hpp"

#include <memory>

namespace troupe::sim {

/// A port to a simulated printer in the same program: the real printer actor works over it as over
/// a wire. Same thread, same time as the device. Faults of `closed`: printer.refused (off),
/// printer.timeout (unplugged while connecting), printer.closed (switched off, or cut by plan).
std::unique_ptr<port::byte_port> make_printer_port(std::shared_ptr<printer_device> device,
                                                   const port::port_options& options = {});

} // namespace troupe::sim
