#include "devices/scale/answer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace troupe::scale {
namespace {

/// What a pattern found in an answer.
struct found {
  bool negative = false;
  bool net = false;
  std::string_view number;
  std::string_view unit;
  std::array<std::uint8_t, 4> status{};
  std::size_t status_bytes = 0;
};

bool is_digit(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == ',';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Takes the characters off the front for which `belongs` holds, at most so many.
template <class Predicate>
std::string_view take_while(std::string_view& text, Predicate belongs,
                            std::size_t most = longest_answer) {
  std::size_t count = 0;
  while (count < text.size() && count < most && belongs(text[count]))
    ++count;
  const auto taken = text.substr(0, count);
  text.remove_prefix(count);
  return taken;
}

bool take_one(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// One field of a pattern. `what` is the letter behind '%'; `of` is what follows it, for %r.
bool take_field(char what, char of, std::string_view& text, found& out) {
  switch (what) {
  case '_':
    take_while(text, [](char c) { return c == ' '; });
    return true;
  case 's':
    if (take_one(text, '-'))
      out.negative = true;
    else
      take_one(text, '+');
    return true;
  case 'n':
    out.number = take_while(text, is_digit);
    return !out.number.empty();
  case 'u':
    out.unit = take_while(text, is_letter, 3);
    return !out.unit.empty();
  case 'N':
    out.net = take_one(text, 'N');
    return true;
  case 'b':
    if (text.empty() || out.status_bytes == out.status.size()) return false;
    out.status[out.status_bytes++] = static_cast<std::uint8_t>(text.front());
    text.remove_prefix(1);
    return true;
  case 'r':
    return !take_while(text, [of](char c) { return c == of; }).empty();
  case '*':
    text = {};
    return true;
  default:
    return false;
  }
}

std::optional<found> fit(std::string_view pattern, std::string_view text) {
  found out;
  while (!pattern.empty()) {
    if (pattern.front() != '%' || pattern.size() < 2) {
      if (!take_one(text, pattern.front())) return std::nullopt;
      pattern.remove_prefix(1);
      continue;
    }
    const char what = pattern[1];
    const bool run = what == 'r' && pattern.size() > 2;
    if (!take_field(what, run ? pattern[2] : '\0', text, out)) return std::nullopt;
    pattern.remove_prefix(run ? 3 : 2);
  }
  if (!text.empty()) return std::nullopt;
  return out;
}

bool holds(const status_bit& bit, const found& in) {
  return bit.byte < in.status_bytes && (in.status[bit.byte] & bit.mask) == bit.value;
}

outcome outcome_of(status_flag flag) {
  switch (flag) {
  case status_flag::refused:
    return outcome::refused;
  case status_flag::zero_error:
    return outcome::zero_error;
  case status_flag::over:
    return outcome::over;
  case status_flag::under:
    return outcome::under;
  default:
    return outcome::moving;
  }
}

void apply_status(const protocol& speaks, const found& in, reading& out) {
  bool decided =
      out.what == outcome::over || out.what == outcome::under || out.what == outcome::zero_error;
  for (const auto& bit : speaks.status) {
    if (!holds(bit, in)) continue;
    if (bit.flag == status_flag::net)
      out.net = true;
    else if (bit.flag == status_flag::at_zero)
      out.at_zero = true;
    else if (!std::exchange(decided, true))
      out.what = outcome_of(bit.flag);
  }
}

std::string unit_of(const protocol& speaks, std::string_view said, const decimal& value) {
  std::string unit(said);
  std::ranges::transform(unit, unit.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!unit.empty()) return unit;
  for (const auto& each : speaks.units)
    if (each.places == value.places) unit = each.unit;
  return unit;
}

reading reading_of(const protocol& speaks, const answer_form& form, const found& in) {
  reading out;
  out.what = form.what;
  out.net = form.net || in.net;
  apply_status(speaks, in, out);
  if (!in.number.empty() &&
      (out.what == outcome::weight || out.what == outcome::moving || out.what == outcome::under)) {
    out.value = parse_decimal(in.number);
    if (!out.value) return {};
    if (in.negative) out.value->digits = -out.value->digits;
    out.unit = unit_of(speaks, in.unit, *out.value);
    // A number of which nobody knows whether it means kilograms is no weight.
    if (out.unit.empty()) return {};
    if (out.value->digits < 0 && out.what == outcome::weight) out.what = outcome::under;
  }
  if (out.what == outcome::weight && !out.value) return {};
  return out;
}

} // namespace

reading read_answer(const protocol& speaks, std::string_view answer) {
  for (const auto& form : speaks.answers)
    if (const auto in = fit(form.pattern, answer)) return reading_of(speaks, form, *in);
  return {};
}

void reader::reset() {
  begun_.clear();
  inside_ = false;
  too_long_ = false;
}

void reader::take(char c, std::vector<reading>& out) {
  const bool lines = speaks_->begin == 0;
  if (c == speaks_->begin && !lines && !(inside_ && speaks_->begin == '\n')) {
    reset();
    inside_ = true;
    return;
  }
  if (lines && (c == '\n' || c == '\r')) c = speaks_->end;
  if (c != speaks_->end) {
    if (!lines && !inside_) return; // noise between the answers
    if (begun_.size() < longest_answer)
      begun_ += c;
    else
      too_long_ = true;
    return;
  }
  if (too_long_)
    out.emplace_back();
  else if (lines ? !begun_.empty() : inside_)
    out.push_back(read_answer(*speaks_, begun_));
  reset();
}

std::vector<reading> reader::feed(std::span<const std::uint8_t> bytes) {
  std::vector<reading> out;
  for (const auto byte : bytes)
    // With 7 data bits the eighth is the parity, where the line does not take it off by itself.
    take(static_cast<char>(speaks_->line.bits == 7 ? byte & 0x7F : byte), out);
  return out;
}

} // namespace troupe::scale
