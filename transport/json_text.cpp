#include "transport/json_text.hpp"

#include "transport/utf8.hpp"

namespace troupe::transport {

namespace {

void append_escape(std::string& out, unsigned unit) {
  constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += digits[unit >> shift & 15];
}

void append_character(std::string& out, char32_t c) {
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  case '\b':
    out += "\\b";
    return;
  case '\f':
    out += "\\f";
    return;
  default:
    break;
  }
  if (c >= 0x10000) {
    append_escape(out, 0xd800 + ((c - 0x10000) >> 10));
    append_escape(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
  } else {
    append_escape(out, c);
  }
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

} // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t start = i;
    while (i < text.size() && is_plain(static_cast<unsigned char>(text[i])))
      ++i;
    out.append(text, start, i - start);
    if (i == text.size()) break;
    if (text[i] == 0x7f) { // Python leaves DEL as it is
      out += text[i++];
      continue;
    }
    append_character(out, next_character(text, i));
  }
  out += '"';
}

} // namespace troupe::transport
