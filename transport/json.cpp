#include "transport/json.hpp"

#include "transport/json_text.hpp"
#include "transport/utf8.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace troupe::transport {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::uint64_t each(std::uint8_t byte) {
  return 0x0101010101010101ULL * byte;
}
/// Nonzero when a byte of the word is zero (and perhaps behind one that is).
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - each(1)) & ~word & each(0x80);
}

/// Position of the first quote, backslash or control character from `at` on, or the size. Looks at
/// eight bytes at a time. `ascii` becomes false when others were passed.
std::size_t text_end(std::string_view text, std::size_t at, bool& ascii) {
  std::uint64_t high = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const auto control = (word - each(0x20)) & ~word & each(0x80);
    if (control | zero_bytes(word ^ each('"')) | zero_bytes(word ^ each('\\'))) break;
    high |= word;
  }
  for (; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '"' || c == '\\' || c < 0x20) break;
    high |= c;
  }
  ascii = ascii && (high & each(0x80)) == 0;
  return at;
}

/// One pass over the text. Stops at the first thing that is wrong and keeps where and why.
class json_reader {
public:
  json_reader(std::string_view text, const json_limits& limits) : text_(text), limits_(limits) {}

  result<json_value> read() {
    json_value value;
    skip_blanks();
    if (read_value(value, 0)) {
      skip_blanks();
      if (at_ == text_.size()) return value;
      fail("something follows the value");
    }
    return fault{over_limit_ ? "json.limits" : "json.syntax",
                 "The JSON cannot be read: " + why_ + " (at byte " + std::to_string(at_) + ").",
                 over_limit_ ? "Send less deeply nested or smaller JSON." : "Send valid JSON.",
                 400};
  }

private:
  bool fail(std::string_view why) {
    if (why_.empty()) why_ = why;
    return false;
  }
  bool over(std::string_view why) {
    over_limit_ = true;
    return fail(why);
  }
  bool more() const { return at_ < text_.size(); }
  void skip_blanks() {
    while (more() && is_blank(text_[at_]))
      ++at_;
  }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool read_value(json_value& out, std::size_t depth) {
    if (!more()) return fail("it ends too early");
    if (++values_ > limits_.values) return over("too many values");
    switch (text_[at_]) {
    case '{':
      return read_object(out, depth + 1);
    case '[':
      return read_array(out, depth + 1);
    case '"': {
      std::string text;
      if (!read_text(text)) return false;
      out = std::move(text);
      return true;
    }
    case 't':
      return read_word("true", true, out);
    case 'f':
      return read_word("false", false, out);
    case 'n':
      return read_word("null", nullptr, out);
    default:
      return read_number(out);
    }
  }

  template <class Value>
  bool read_word(std::string_view word, Value value, json_value& out) {
    if (!text_.substr(at_).starts_with(word)) return fail("an unknown word");
    at_ += word.size();
    out = value;
    return true;
  }

  bool read_object(json_value& out, std::size_t depth) {
    if (depth > limits_.depth) return over("nested too deeply");
    ++at_;
    out = json_value::object();
    auto& members = out.get_ref<json_value::object_t&>();
    skip_blanks();
    if (take('}')) return true;
    while (true) {
      std::string name;
      json_value value;
      skip_blanks();
      if (!more() || text_[at_] != '"') return fail("a member's name is missing");
      if (!read_text(name)) return false;
      skip_blanks();
      if (!take(':')) return fail("a colon is missing");
      skip_blanks();
      if (!read_value(value, depth)) return false;
      if (members.size() >= limits_.members) return over("an object with too many members");
      members[std::move(name)] = std::move(value);
      skip_blanks();
      if (take('}')) return true;
      if (!take(',')) return fail("a comma or a brace is missing");
    }
  }

  bool read_array(json_value& out, std::size_t depth) {
    if (depth > limits_.depth) return over("nested too deeply");
    ++at_;
    out = json_value::array();
    auto& elements = out.get_ref<json_value::array_t&>();
    skip_blanks();
    if (take(']')) return true;
    while (true) {
      skip_blanks();
      elements.emplace_back();
      if (!read_value(elements.back(), depth)) return false;
      skip_blanks();
      if (take(']')) return true;
      if (!take(',')) return fail("a comma or a bracket is missing");
    }
  }

  /// Long texts without escapes, such as receipts in Base64, are found by one scan and copied once.
  bool read_text(std::string& out) {
    ++at_;
    while (true) {
      bool ascii = true;
      const auto end = text_end(text_, at_, ascii);
      const auto part = text_.substr(at_, end - at_);
      at_ = end;
      if (end == text_.size()) return fail("a text does not end");
      if (static_cast<unsigned char>(text_[end]) < 0x20)
        return fail("a control character in a text");
      if (!ascii && !is_utf8(part)) return fail("a text is not UTF-8");
      out.append(part);
      ++at_;
      if (text_[end] == '"') return true;
      if (!read_escape(out)) return false;
    }
  }

  bool read_escape(std::string& out) {
    if (!more()) return fail("a text does not end");
    switch (text_[at_++]) {
    case '"':
      out += '"';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '/':
      out += '/';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      return read_unicode(out);
    default:
      return fail("an unknown escape");
    }
  }

  std::optional<std::uint32_t> read_unit() {
    std::uint32_t unit = 0;
    if (text_.size() - at_ < 4) return std::nullopt;
    const auto* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, begin + 4, unit, 16);
    if (error != std::errc() || end != begin + 4) return std::nullopt;
    at_ += 4;
    return unit;
  }

  bool read_unicode(std::string& out) {
    auto unit = read_unit();
    if (!unit) return fail("a broken \\u escape");
    std::uint32_t c = *unit;
    if (c >= 0xd800 && c < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
      const auto mark = at_;
      at_ += 2;
      const auto low = read_unit();
      if (low && *low >= 0xdc00 && *low < 0xe000)
        c = 0x10000 + ((c - 0xd800) << 10) + (*low - 0xdc00);
      else
        at_ = mark;
    }
    if (c >= 0xd800 && c < 0xe000) c = 0xfffd; // half a pair: no character
    append_utf8(out, c);
    return true;
  }

  static void append_utf8(std::string& out, std::uint32_t c) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    } else {
      put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f));
      put(0x80 | (c & 0x3f));
    }
  }

  bool skip_digits() {
    const auto start = at_;
    while (more() && is_digit(text_[at_]))
      ++at_;
    return at_ > start;
  }

  bool read_number(json_value& out) {
    const auto start = at_;
    bool whole = true;
    take('-');
    if (!take('0') && !skip_digits()) return fail("no value");
    if (take('.')) {
      whole = false;
      if (!skip_digits()) return fail("a broken number");
    }
    if (take('e') || take('E')) {
      whole = false;
      if (!take('+')) take('-');
      if (!skip_digits()) return fail("a broken number");
    }
    return convert_number(text_.substr(start, at_ - start), whole, out);
  }

  bool convert_number(std::string_view digits, bool whole, json_value& out) {
    const auto* begin = digits.data();
    const auto* end = begin + digits.size();
    if (whole) {
      std::int64_t integer = 0;
      if (std::from_chars(begin, end, integer).ec == std::errc()) {
        out = integer;
        return true;
      }
      std::uint64_t large = 0;
      if (digits[0] != '-' && std::from_chars(begin, end, large).ec == std::errc()) {
        out = large;
        return true;
      }
    }
    double number = 0;
    if (std::from_chars(begin, end, number).ec != std::errc())
      number = std::strtod(std::string(digits).c_str(), nullptr); // too small becomes 0
    if (!std::isfinite(number)) return over("a number too large");
    out = number;
    return true;
  }

  std::string_view text_;
  const json_limits& limits_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::string why_;
  bool over_limit_ = false;
};

/// As Python's repr: shortest digits, exponent below 1e-4 and from 1e16 on.
void append_float(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char text[40];
  const auto size =
      std::abs(number) >= 1e16 || (number != 0 && std::abs(number) < 1e-4)
          ? std::to_chars(text, text + sizeof text, number, std::chars_format::scientific)
          : std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  const std::string_view digits(text, static_cast<std::size_t>(size.ptr - text));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

template <class Number>
void append_integer(std::string& out, Number number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void append_members(std::string& out, const json_value& value) {
  out += '{';
  bool first = true;
  for (const auto& [name, member] : value.get_ref<const json_value::object_t&>()) {
    if (!std::exchange(first, false)) out += ", ";
    append_json_text(out, name);
    out += ": ";
    append_python_json(out, member);
  }
  out += '}';
}

void append_elements(std::string& out, const json_value& value) {
  out += '[';
  bool first = true;
  for (const auto& element : value) {
    if (!std::exchange(first, false)) out += ", ";
    append_python_json(out, element);
  }
  out += ']';
}

} // namespace

result<json_value> parse_json(byte_span text, const json_limits& limits) {
  return json_reader(as_text(text), limits).read();
}

std::string python_json(const json_value& value) {
  std::string out;
  append_python_json(out, value);
  return out;
}

void append_python_json(std::string& out, const json_value& value) {
  switch (value.type()) {
  case json_value::value_t::object:
    append_members(out, value);
    return;
  case json_value::value_t::array:
    append_elements(out, value);
    return;
  case json_value::value_t::string:
    append_json_text(out, value.get_ref<const std::string&>());
    return;
  case json_value::value_t::boolean:
    out += value.get<bool>() ? "true" : "false";
    return;
  case json_value::value_t::number_integer:
    append_integer(out, value.get<std::int64_t>());
    return;
  case json_value::value_t::number_unsigned:
    append_integer(out, value.get<std::uint64_t>());
    return;
  case json_value::value_t::number_float:
    append_float(out, value.get<double>());
    return;
  default:
    out += "null";
    return;
  }
}

} // namespace troupe::transport
