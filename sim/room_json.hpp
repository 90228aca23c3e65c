#pragma once

#include "messages/result.hpp"
#include "sim/play.hpp"
#include "sim/printer_snapshot.hpp"
#include "sim/scale_device.hpp"
#include "transport/json.hpp"

#include <string>
#include <string_view>

/// The paper room's JSON (docs/paper-room.md).
namespace troupe::sim {

transport::json_value to_json(const printer_snapshot& seen);
transport::json_value to_json(const kept_receipt& kept);
transport::json_value to_json(const scale_snapshot& seen);

/// UTC with milliseconds: "2026-03-01T12:04:00.000Z".
std::string to_milliseconds(time_point at);

/// The body of `POST /api/v1/printers/{id}/{what}`. Faults: "json.syntax", "printer.play" (422).
result<play> read_play(std::string_view what, std::string_view body);

/// The body of `POST /api/v1/scales/{id}/{what}`. Faults: "json.syntax", "scale.play" (422).
result<scale_play> read_scale_play(std::string_view what, std::string_view body);

/// Packed rows as a `rows` message; `bits` holds exactly `count` rows.
std::string rows_message(std::string_view printer, std::uint64_t receipt, std::size_t first,
                         std::size_t count, std::size_t width, byte_span bits);
std::string gap_message(std::string_view printer, std::uint64_t receipt, std::size_t first,
                        std::size_t count);

/// As text; what is not UTF-8 is replaced.
std::string dump(const transport::json_value& value);

} // namespace troupe::sim
