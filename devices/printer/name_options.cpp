#include "devices/printer/name_options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

namespace troupe::printer {
namespace {

constexpr std::string_view fence = "__";
constexpr std::string_view scale_word = "SCALE";

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

void take_word(std::string_view word, name_options& options) {
  if (word == "LDV") options.column.dense_down = false;
  if (word == "LDH") options.column.dense_across = false;
  if (!word.starts_with(scale_word)) return;
  const auto digits = word.substr(scale_word.size());
  unsigned percent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (error == std::errc() && end == digits.data() + digits.size() && percent >= 1 &&
      percent <= 400)
    options.scale_percent = static_cast<std::uint16_t>(percent);
}

} // namespace

encode_options name_options::applied_to(encode_options options) const {
  if (!column_mode) return options;
  options.column = column;
  options.scale_percent = scale_percent;
  return options;
}

name_options read_name_options(std::string_view name) {
  name_options options;
  options.plain_name = name;
  const auto upper = upper_case(name);
  const auto start = std::string_view(upper).find("__IMC");
  if (start == std::string_view::npos) return options;
  auto words = std::string_view(upper).substr(start + fence.size());
  words = words.substr(0, words.find(fence));
  const auto first_end = words.find('_');
  if (words.substr(0, first_end) != "IMC") return options;
  options.column_mode = true;
  options.plain_name = name.substr(0, start);
  while (!words.empty()) {
    const auto end = words.find('_');
    take_word(words.substr(0, end), options);
    words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
  }
  return options;
}

} // namespace troupe::printer
