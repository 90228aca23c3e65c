#include "messages/time.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace troupe {

using namespace std::chrono;

std::string to_rfc3339(time_point at) {
  constexpr time_point first = sys_days(year(0) / January / 1);
  constexpr time_point last = sys_days(year(10'000) / January / 1) - time_point::duration(1);
  at = std::clamp(at, first, last);
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<microseconds>(at - day));
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return out;
}

namespace {

/// Reads exactly `width` digits and moves on.
bool digits(std::string_view& text, std::size_t width, int& out) {
  if (text.size() < width) return false;
  const auto end = text.data() + width;
  if (std::from_chars(text.data(), end, out).ptr != end || text[0] == '-') return false;
  text.remove_prefix(width);
  return true;
}

bool literal(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool fraction(std::string_view& text, microseconds& out) {
  int scale = 100'000, count = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++count) {
    out += microseconds(scale * (text[0] - '0'));
    scale /= 10;
  }
  return count > 0;
}

} // namespace

std::optional<time_point> from_rfc3339(std::string_view text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (!digits(text, 4, y) || !literal(text, '-') || !digits(text, 2, mo) || !literal(text, '-') ||
      !digits(text, 2, d))
    return std::nullopt;
  if (text.empty() || (text[0] != 'T' && text[0] != 't' && text[0] != ' ')) return std::nullopt;
  text.remove_prefix(1);
  if (!digits(text, 2, h) || !literal(text, ':') || !digits(text, 2, mi) || !literal(text, ':') ||
      !digits(text, 2, s))
    return std::nullopt;
  microseconds part{0};
  if (literal(text, '.') && !fraction(text, part)) return std::nullopt;
  minutes offset{0};
  if (!literal(text, 'Z') && !literal(text, 'z')) {
    const bool west = !text.empty() && text[0] == '-';
    if (!west && (text.empty() || text[0] != '+')) return std::nullopt;
    text.remove_prefix(1);
    int oh = 0, om = 0;
    if (!digits(text, 2, oh) || !literal(text, ':') || !digits(text, 2, om) || oh > 23 || om > 59)
      return std::nullopt;
    offset = hours(oh) + minutes(om);
    if (west) offset = -offset;
  }
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)),
                            day(static_cast<unsigned>(d))};
  if (!text.empty() || !date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  return sys_days(date) + hours(h) + minutes(mi) + seconds(s) + part - offset;
}

double to_unix_seconds(time_point at) {
  return duration<double>(at.time_since_epoch()).count();
}

} // namespace troupe
