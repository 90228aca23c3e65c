#include "transport/negotiation.hpp"

#include "transport/http.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::transport {

namespace {

/// Takes the next element off a comma-separated list.
std::string_view next_element(std::string_view& list) {
  const auto comma = list.find(',');
  const auto element = trimmed(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return element;
}

/// Whether the parameters behind an element hold "q=0", "q=0.0" ...
bool refused(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto end = parameters.find(';');
    const auto one = trimmed(parameters.substr(0, end));
    if (one.size() > 2 && (one[0] == 'q' || one[0] == 'Q') && one[1] == '=')
      return one.substr(2).find_first_not_of("0.") == std::string_view::npos;
    parameters = end == std::string_view::npos ? std::string_view{} : parameters.substr(end + 1);
  }
  return false;
}

std::string_view without_weak_mark(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || read != end) return std::nullopt;
  return value;
}

} // namespace

bool accepts_encoding(std::string_view field, std::string_view coding) {
  bool by_star = false;
  while (!field.empty()) {
    const auto element = next_element(field);
    const auto semicolon = element.find(';');
    const auto name = trimmed(element.substr(0, semicolon));
    const bool no = semicolon != std::string_view::npos && refused(element.substr(semicolon + 1));
    if (equal_ignoring_case(name, coding)) return !no;
    if (name == "*") by_star = !no;
  }
  return by_star;
}

bool etag_matches(std::string_view field, std::string_view etag) {
  while (!field.empty()) {
    const auto element = next_element(field);
    if (element == "*" ||
        (!element.empty() && without_weak_mark(element) == without_weak_mark(etag)))
      return true;
  }
  return false;
}

range_answer parse_range(std::string_view field, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (field.size() < unit.size() || !equal_ignoring_case(field.substr(0, unit.size()), unit))
    return {};
  field = trimmed(field.substr(unit.size()));
  const auto dash = field.find('-');
  if (dash == std::string_view::npos || field.find(',') != std::string_view::npos) return {};
  const auto first = trimmed(field.substr(0, dash));
  const auto last = trimmed(field.substr(dash + 1));
  if (first.empty()) {
    const auto count = number(last);
    if (!count) return {};
    if (*count == 0 || size == 0) return {range_kind::unsatisfiable, {}};
    return {range_kind::part, {size - std::min(*count, size), size - 1}};
  }
  const auto from = number(first);
  const auto to = last.empty() ? std::optional<std::uint64_t>(~0ULL) : number(last);
  if (!from || !to || *from > *to) return {};
  if (*from >= size) return {range_kind::unsatisfiable, {}};
  return {range_kind::part, {*from, std::min(*to, size - 1)}};
}

} // namespace troupe::transport
