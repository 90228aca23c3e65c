#include "messages/trace.hpp"

#include "messages/random.hpp"

#include <cstring>

namespace troupe {
namespace {

thread_local trace_context current;

template <std::size_t N>
void fill_random(std::array<std::uint8_t, N>& out) {
  for (std::size_t at = 0; at < N; at += 8) {
    const auto bits = fast_random() | 1; // never all zero
    std::memcpy(out.data() + at, &bits, 8);
  }
}

template <std::size_t N>
void append_hex(std::string& out, const std::array<std::uint8_t, N>& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  for (auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

template <std::size_t N>
bool read_hex(std::string_view text, std::array<std::uint8_t, N>& out) {
  for (std::size_t i = 0; i < N; ++i) {
    const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out != std::array<std::uint8_t, N>{};
}

} // namespace

trace_context new_trace() {
  trace_context context;
  fill_random(context.trace);
  fill_random(context.span);
  return context;
}

trace_context child_of(const trace_context& parent) {
  if (!parent.valid()) return new_trace();
  trace_context context = parent;
  fill_random(context.span);
  return context;
}

std::string trace_id_text(const trace_context& context) {
  std::string out;
  append_hex(out, context.trace);
  return out;
}

std::string span_id_text(const trace_context& context) {
  std::string out;
  append_hex(out, context.span);
  return out;
}

std::string to_traceparent(const trace_context& context) {
  std::string out = "00-";
  out.reserve(55);
  append_hex(out, context.trace);
  out += '-';
  append_hex(out, context.span);
  return out += "-01";
}

std::optional<trace_context> from_traceparent(std::string_view header) {
  // version 2, dash, trace 32, dash, span 16, dash, flags 2; a later version may append more.
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  const auto version = header.substr(0, 2);
  if (hex_digit(version[0]) < 0 || hex_digit(version[1]) < 0 || version == "ff")
    return std::nullopt;
  if (version == "00" ? header.size() != 55 : header.size() > 55 && header[55] != '-')
    return std::nullopt;
  if (hex_digit(header[53]) < 0 || hex_digit(header[54]) < 0) return std::nullopt;
  trace_context context;
  if (!read_hex(header.substr(3, 32), context.trace)) return std::nullopt;
  if (!read_hex(header.substr(36, 16), context.span)) return std::nullopt;
  return context;
}

const trace_context& current_trace() {
  return current;
}

trace_scope::trace_scope(const trace_context& context) : previous_(current) {
  current = context;
}
trace_scope::~trace_scope() {
  current = previous_;
}

} // namespace troupe
