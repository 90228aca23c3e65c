#pragma once

#include "messages/bytes.hpp"
#include "messages/event.hpp"
#include "messages/identifiers.hpp"

#include <cstdint>
#include <string>

/// Events of a box as CloudEvents 1.0 (structured mode), as docs/interface.md shows them.
namespace troupe::dialects {

/// The event as one JSON text. `traceparent` stands in it only when the event has a trace. A
/// transient event (`passing` is not 0) has no `sequence`, since nobody can resume behind it; its
/// `id` is "<number of the newest numbered event>-<passing>".
std::string to_cloud_event_json(const event& content, const box_id& box, std::uint64_t passing = 0);
/// The same map in msgpack.
byte_vector to_cloud_event_msgpack(const event& content, const box_id& box,
                                   std::uint64_t passing = 0);

/// "/boxes/<box>" or "/boxes/<box>/devices/<device>": the CloudEvents attribute `source`;
/// "/server" without a box.
std::string cloud_event_source(const event& content, const box_id& box);

} // namespace troupe::dialects
