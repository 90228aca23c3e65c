#pragma once

#include "actors/box/directory.hpp"
#include "actors/box/printer.hpp"
#include "actors/box/scale_core.hpp"

#include <string_view>

/// One scale: finds out how it speaks, asks it all the time, says what it weighs, and answers who
/// wants to know.
namespace troupe::box {

struct scale_options {
  port_maker make_port;
  scale_times times;
};

/// Actions: read_once (waits for a settled weight), start_reading, stop_reading, get_status,
/// status, zero, tare. What was found out stands in the action's `result`.
device_actor spawn_scale(caf::actor_system& system, const services& shared, scale_options options,
                         device_description description, device_neighbours neighbours);

/// Whether an address is that of a scale, if nobody says what stands there.
bool is_scale_address(std::string_view address);

/// Kind, connection and name of a scale that follow from its address; faults "device.bad_name",
/// "device.bad_language" (422). An empty language: the protocol is found out.
result<device_description> complete_scale(device_description description);

/// Whether the change touches how the scale is spoken to.
bool scale_needs_restart(const device_description& before, const device_description& after);

} // namespace troupe::box
