#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Wall-clock time in microseconds since 1970, UTC.
using time_point = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// RFC 3339, UTC: "2026-11-22T12:04:05.123456Z"; outside years 0 to 9999 the nearest of them.
std::string to_rfc3339(time_point at);
/// Reads RFC 3339 with or without a fraction, with "Z" or an offset.
std::optional<time_point> from_rfc3339(std::string_view text);
/// Seconds since 1970 with a fraction, as Odoo's events carry it.
double to_unix_seconds(time_point at);

} // namespace troupe
