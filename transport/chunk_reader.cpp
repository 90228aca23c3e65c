#include "transport/chunk_reader.hpp"

#include <algorithm>

namespace troupe::transport {

namespace {

/// Sixteen hexadecimal digits would fill 64 bits; no body comes near.
constexpr std::size_t most_digits = 15;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

} // namespace

chunk_outcome chunk_reader::feed(std::string_view data, std::uint64_t limit, byte_vector& body,
                                 std::size_t& used) {
  used = 0;
  while (used < data.size() && state_ != state::done) {
    if (state_ == state::content) {
      const auto part = data.substr(used, std::min<std::uint64_t>(left_, data.size() - used));
      body.insert(body.end(), part.begin(), part.end());
      used += part.size();
      left_ -= part.size();
      if (left_ == 0) state_ = state::content_cr;
      continue;
    }
    if (!step(data[used++])) return chunk_outcome::broken;
    if (state_ == state::content && left_ > limit - std::min<std::uint64_t>(limit, body.size()))
      return chunk_outcome::too_big;
  }
  return state_ == state::done ? chunk_outcome::done : chunk_outcome::more;
}

bool chunk_reader::size_digit(char c) {
  const int value = hex_value(c);
  if (value < 0 || ++digits_ > most_digits) return false;
  left_ = left_ << 4 | static_cast<std::uint64_t>(value);
  return true;
}

bool chunk_reader::line_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return ++line_ <= line_bytes && (byte >= 0x20 || c == '\t') && byte != 0x7f;
}

bool chunk_reader::step(char c) {
  const auto become = [this](state next) {
    state_ = next;
    return true;
  };
  switch (state_) {
  case state::size:
    if (digits_ > 0 && c == '\r') return become(state::size_lf);
    if (digits_ > 0 && (c == ';' || c == ' ' || c == '\t')) return become(state::extension);
    return size_digit(c);
  case state::extension:
    return c == '\r' ? become(state::size_lf) : line_character(c);
  case state::size_lf:
    digits_ = line_ = 0;
    return c == '\n' && become(left_ > 0 ? state::content : state::trailer_start);
  case state::content_cr:
    return c == '\r' && become(state::content_lf);
  case state::content_lf:
    return c == '\n' && become(state::size);
  case state::trailer_start:
    line_ = 0;
    if (c == '\r') return become(state::end_lf);
    return ++lines_ <= trailer_lines && line_character(c) && become(state::trailer);
  case state::trailer:
    return c == '\r' ? become(state::trailer_lf) : line_character(c);
  case state::trailer_lf:
    return c == '\n' && become(state::trailer_start);
  case state::end_lf:
    return c == '\n' && become(state::done);
  default:
    return false;
  }
}

} // namespace troupe::transport
