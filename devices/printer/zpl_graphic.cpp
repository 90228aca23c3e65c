#include "devices/printer/zpl_graphic.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::printer::zpl {
namespace {

std::string hexadecimal(const std::uint8_t* row, std::size_t bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes * 2);
  for (std::size_t i = 0; i < bytes; ++i) {
    text += digits[row[i] >> 4];
    text += digits[row[i] & 15];
  }
  return text;
}

/// G..Y count 1 to 19, g..z count 20 to 400 in twenties; both together make the sum.
void append_repeated(char digit, std::size_t count, std::string& out) {
  for (; count > 419; count -= 400) {
    out += 'z';
    out += digit;
  }
  if (count >= 20) out += static_cast<char>('f' + count / 20);
  if (count % 20 != 0 && count > 1) out += static_cast<char>('F' + count % 20);
  out += digit;
}

void append_row(std::string_view row, std::string& out) {
  const char last = row.back();
  std::size_t end = row.size();
  if (last == '0' || last == 'F') {
    const auto kept = row.find_last_not_of(last);
    end = kept == std::string_view::npos ? 0 : kept + 1;
  }
  for (std::size_t at = 0; at < end;) {
    const std::size_t next = std::min(row.find_first_not_of(row[at], at), end);
    append_repeated(row[at], next - at, out);
    at = next;
  }
  if (end != row.size()) out += last == '0' ? ',' : '!';
}

} // namespace

void append_graphic(const bitmap& dots, std::string& out) {
  const auto total = std::to_string(dots.bits.size());
  out += "^GFA," + total + "," + total + "," + std::to_string(dots.stride()) + ",";
  std::string above;
  for (std::size_t y = 0; y < dots.height; ++y) {
    auto row = hexadecimal(dots.row(y), dots.stride());
    if (row == above) {
      out += ':';
      continue;
    }
    append_row(row, out);
    above = std::move(row);
  }
}

} // namespace troupe::printer::zpl
