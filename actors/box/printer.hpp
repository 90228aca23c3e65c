#pragma once

#include "actors/box/directory.hpp"
#include "actors/box/printer_core.hpp"
#include "devices/port/port.hpp"

#include <functional>
#include <memory>
#include <string>

/// One printer: takes actions, writes them down, prints them one after the other, says how it is.
namespace troupe::box {

/// Makes the port behind an address ("tcp://…", "file:…", "sim:…"); not opened yet.
using port_maker = std::function<result<std::unique_ptr<port::byte_port>>(const std::string&)>;

struct printer_options {
  port_maker make_port;
  printer_times times;
  std::uint16_t http_port = 0; ///< of the homepage, for the status ticket
};

/// Actions: print_receipt, print (document), cashbox, status (the status ticket).
device_actor spawn_printer(caf::actor_system& system, const services& shared,
                           printer_options options, device_description description,
                           device_neighbours neighbours);

/// Kind, subtype, language, connection and name of a printer that follow from its address; faults
/// "device.bad_name", "device.bad_language", "device.bad_subtype" (422).
result<device_description> complete_printer(device_description description);

/// Whether the change touches how the printer is spoken to.
bool printer_needs_restart(const device_description& before, const device_description& after);

} // namespace troupe::box
