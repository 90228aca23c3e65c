#include "actors/runtime/log_format.hpp"

#include "messages/codec.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace troupe::runtime {

namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 40> buffer;
  out.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

bool is_control(char each) {
  return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
}

void append_escaped_control(std::string& out, char each) {
  switch (each) {
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    break;
  }
  std::array<char, 8> buffer;
  std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned char>(each));
  out += buffer.data();
}

void append_readable(std::string& out, std::string_view text) {
  for (const char each : text)
    if (is_control(each))
      append_escaped_control(out, each);
    else
      out += each;
}

} // namespace

void log_value::append_text(std::string& out) const {
  switch (kind_) {
  case kind::text:
    out.append(text_);
    break;
  case kind::integer:
    append_number(out, signed_);
    break;
  case kind::natural:
    append_number(out, unsigned_);
    break;
  case kind::real:
    append_number(out, real_);
    break;
  case kind::boolean:
    out += unsigned_ ? "true" : "false";
    break;
  }
}

void log_value::append_json(std::string& out) const {
  if (kind_ == kind::text)
    append_json_string(out, text_);
  else if (kind_ == kind::real && !std::isfinite(real_))
    out += "null";
  else
    append_text(out);
}

std::string compose_text(std::string_view pattern, std::span<const log_value> values) {
  std::string out;
  out.reserve(pattern.size() + 16 * values.size());
  for (;;) {
    const auto hole = values.empty() ? std::string_view::npos : pattern.find("{}");
    if (hole == std::string_view::npos) break;
    out.append(pattern.substr(0, hole));
    values.front().append_text(out);
    pattern.remove_prefix(hole + 2);
    values = values.subspan(1);
  }
  out.append(pattern);
  for (const auto& each : values) {
    out += ' ';
    each.append_text(out);
  }
  return out;
}

std::string compose_fields(std::span<const log_field> fields) {
  std::string out;
  for (const auto& each : fields) {
    if (!out.empty()) out += ' ';
    out.append(each.name).append("=");
    std::string value;
    each.value.append_text(value);
    if (value.empty() || value.find_first_of(" =\"") != std::string::npos)
      append_json_string(out, value);
    else
      out += value;
  }
  return out;
}

std::string compose_json_fields(std::span<const log_field> fields) {
  std::string out;
  for (const auto& each : fields) {
    if (!out.empty()) out += ',';
    append_json_string(out, each.name);
    out += ':';
    each.value.append_json(out);
  }
  return out;
}

std::string readable_line(const log_line& line) {
  std::string out = to_rfc3339(line.at);
  const auto level = name_of(line.level);
  out.append(" ").append(level).append(8 - level.size(), ' ');
  out.append(line.logger).append("  ");
  append_readable(out, line.text);
  if (!line.fields.empty()) {
    out += "  ";
    append_readable(out, line.fields);
  }
  if (line.left_out > 0)
    out.append("  (").append(std::to_string(line.left_out)).append(" like this left out before)");
  if (line.trace.valid())
    out.append("  trace=")
        .append(trace_id_text(line.trace))
        .append(" span=")
        .append(span_id_text(line.trace));
  return out;
}

std::string json_line(const log_line& line, std::string_view json_fields) {
  std::string out = "{\"time\":\"" + to_rfc3339(line.at) + "\",\"level\":\"";
  out.append(name_of(line.level)).append("\",\"logger\":");
  append_json_string(out, line.logger);
  out += ",\"text\":";
  append_json_string(out, line.text);
  if (!json_fields.empty()) out.append(",\"fields\":{").append(json_fields).append("}");
  if (line.left_out > 0) out.append(",\"left_out\":").append(std::to_string(line.left_out));
  if (line.trace.valid())
    out.append(",\"trace\":\"")
        .append(trace_id_text(line.trace))
        .append("\",\"span\":\"")
        .append(span_id_text(line.trace))
        .append("\"");
  out += '}';
  return out;
}

} // namespace troupe::runtime
