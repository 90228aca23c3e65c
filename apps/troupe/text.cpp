#include "apps/troupe/text.hpp"

#include "transport/utf8.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <ctime>
#include <wchar.h>

namespace troupe::apps {
namespace {

bool harmful(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool turns = c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) ||
                     (c >= 0x2066 && c <= 0x2069);
  return control || turns || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

std::size_t columns_of(char32_t c) {
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = unicode != nullptr ? uselocale(unicode) : nullptr;
  const int columns = wcwidth(static_cast<wchar_t>(c));
  if (before != nullptr) uselocale(before);
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

} // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto c = transport::next_character(text, at);
    if (c == '\n' || c == '\t' || c == '\r')
      out += ' ';
    else if (harmful(c) || (c == 0xfffd && at == begin + 1))
      out += '?';
    else
      out += text.substr(begin, at - begin);
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();)
    columns += columns_of(transport::next_character(text, at));
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::size_t used = 0, at = 0;
  while (at < text.size()) {
    auto next = at;
    const auto wide = columns_of(transport::next_character(text, next));
    if (used + wide + 1 > columns) break;
    used += wide;
    at = next;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string padded(std::string text, std::size_t columns) {
  const auto used = columns_of(text);
  if (used < columns) text.append(columns - used, ' ');
  return text;
}

std::string text_table::text(std::size_t longest_cell) const {
  std::vector<std::size_t> widths(rows_.front().size());
  auto rows = rows_;
  for (auto& row : rows)
    for (std::size_t at = 0; at < row.size(); ++at) {
      row[at] = shortened(printable(row[at]), longest_cell);
      widths[at] = std::max(widths[at], columns_of(row[at]));
    }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t at = 0; at < row.size(); ++at)
      line += padded(row[at], widths[at] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string local_time(time_point at, bool milliseconds) {
  if (at == time_point{}) return "-";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const std::time_t whole = seconds.time_since_epoch().count();
  std::tm parts{};
  localtime_r(&whole, &parts);
  std::array<char, 64> text{};
  auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  if (milliseconds)
    size += static_cast<std::size_t>(
        std::snprintf(text.data() + size, text.size() - size, ".%03d",
                      static_cast<int>((at - seconds) / std::chrono::milliseconds(1))));
  return {text.data(), size};
}

std::string rough(std::chrono::seconds span) {
  const auto n = std::max<std::int64_t>(span.count(), 0);
  if (n < 60) return std::to_string(n) + " s";
  if (n < 3600) return std::to_string(n / 60) + " min";
  if (n < 48 * 3600) return std::to_string(n / 3600) + " h";
  return std::to_string(n / 86400) + " days";
}

std::string precise(std::chrono::microseconds span) {
  const double ms = static_cast<double>(span.count()) / 1000;
  std::array<char, 32> text{};
  if (ms >= 1000)
    std::snprintf(text.data(), text.size(), "%.2f s", ms / 1000);
  else
    std::snprintf(text.data(), text.size(), ms < 10 ? "%.2f ms" : "%.1f ms", ms);
  return text.data();
}

} // namespace troupe::apps
