#pragma once

#include "messages/result.hpp"
#include "transport/http.hpp"

#include <string>
#include <vector>

namespace troupe::sim {

/// Longest body of a request to the paper room.
constexpr std::size_t room_body_bytes = 4096;

/// What a request to the paper room asks for, checked as far as it can be without a printer.
struct room_request {
  enum kind_type {
    page,
    health,
    printers,
    printer_state,
    picture,
    play,
    events,
    scales,
    scale_state,
    scale_play
  } kind = page;
  std::string printer; ///< its id, or that of a scale
  std::string what;    ///< empty, "receipts" or "strip.png" for `printer_state`; what to `play`
  std::string receipt; ///< for `picture`
};

/// Faults: "room.not_found" (404), "room.method" (405), "room.origin" (403), "room.host" (403),
/// "room.not_json" (415). `hosts` are names by which browsers may call the room beside addresses
/// and `localhost`.
result<room_request> read_room_request(const transport::http_request& request,
                                       const std::vector<std::string>& hosts);

fault no_printer(std::string_view name);
fault no_scale(std::string_view name);

} // namespace troupe::sim
