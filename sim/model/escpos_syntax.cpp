// Lengths of the ESC/POS commands, from Epson's public command reference.
#include "sim/model/escpos_syntax.hpp"

#include <algorithm>
#include <array>

namespace troupe::sim::escpos {

/// Parameter bytes after the two of the command; -1 = has its own rule below or is unknown.
using parameter_table = std::array<std::int8_t, 128>;

struct fixed_command {
  std::uint8_t name;
  std::int8_t parameters;
};

template <std::size_t Count>
static constexpr parameter_table make_table(const fixed_command (&commands)[Count]) {
  parameter_table table{};
  for (auto& entry : table)
    entry = -1;
  for (auto command : commands)
    table[command.name] = command.parameters;
  return table;
}

static constexpr parameter_table esc_table =
    make_table({{0x0C, 0}, {' ', 1}, {'!', 1},  {'$', 2}, {'%', 1}, {'-', 1}, {'2', 0}, {'3', 1},
                {'<', 0},  {'=', 1}, {'?', 1},  {'@', 0}, {'A', 1}, {'B', 2}, {'E', 1}, {'G', 1},
                {'J', 1},  {'K', 1}, {'L', 0},  {'M', 1}, {'R', 1}, {'S', 0}, {'T', 1}, {'U', 1},
                {'V', 1},  {'W', 8}, {'\\', 2}, {'a', 1}, {'c', 2}, {'d', 1}, {'e', 1}, {'i', 0},
                {'m', 0},  {'p', 3}, {'r', 1},  {'t', 1}, {'u', 1}, {'v', 0}, {'{', 1}});

static constexpr parameter_table gs_table = make_table(
    {{'!', 1}, {'#', 1}, {'$', 2}, {'/', 1}, {':', 0},  {'B', 1}, {'E', 1}, {'H', 1}, {'I', 1},
     {'L', 2}, {'P', 2}, {'T', 1}, {'W', 2}, {'\\', 2}, {'^', 3}, {'a', 1}, {'b', 1}, {'c', 0},
     {'f', 1}, {'g', 4}, {'h', 1}, {'j', 1}, {'r', 1},  {'w', 1}, {'z', 3}});

static constexpr parameter_table fs_table = make_table({{'!', 1},
                                                        {'&', 0},
                                                        {'-', 1},
                                                        {'.', 0},
                                                        {'2', 74},
                                                        {'?', 2},
                                                        {'C', 1},
                                                        {'S', 2},
                                                        {'W', 1},
                                                        {'p', 2}});

static std::uint64_t number(byte_span bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;)
    value = value << 8 | bytes[at + i];
  return value;
}

/// A command with a header of `size` bytes; `length` is only asked once they are there.
template <class Length>
static shape after(byte_span header, std::size_t size, Length length) {
  if (header.size() < size) return {};
  return {body::counted, length()};
}

static shape fixed(byte_span header, std::size_t parameters) {
  if (header.size() < 2 + parameters && parameters + 2 <= longest_header) return {};
  if (parameters + 2 > longest_header) return {body::counted, parameters};
  return {body::none, 0};
}

static shape esc_shape(byte_span h) {
  switch (h[1]) {
  case '*':
    return after(h, 5, [&] { return number(h, 3, 2) * (h[2] >= 32 ? 3u : 1u); });
  case '(':
    return after(h, 5, [&] { return number(h, 3, 2); });
  case 'D':
    return {body::to_nul, 0};
  case '&':
    if (h.size() < 5) return {};
    return {body::characters, h[4] >= h[3] ? h[4] - h[3] + 1u : 0u};
  default:
    return {body::unknown, 0};
  }
}

static shape gs_shape(byte_span h) {
  switch (h[1]) {
  case '(':
    return after(h, 5, [&] { return number(h, 3, 2); });
  case '8':
    if (h.size() >= 3 && h[2] != 'L') return {body::unknown, 0};
    return after(h, 7, [&] { return number(h, 3, 4); });
  case '*':
    return after(h, 4, [&] { return std::uint64_t{h[2]} * h[3] * 8; });
  case 'C':
    if (h.size() < 3) return {};
    if (h[2] == '0' || h[2] == '2') return fixed(h, 3);
    return h[2] == '1' ? fixed(h, 7) : shape{body::unknown, 0};
  case 'Q':
    if (h.size() >= 3 && h[2] != '0') return {body::unknown, 0};
    return after(h, 8, [&] { return number(h, 4, 2) * number(h, 6, 2); });
  case 'V':
    if (h.size() < 3) return {};
    return fixed(h, h[2] >= 65 && h[2] <= 104 ? 2 : 1);
  case 'k':
    if (h.size() < 3) return {};
    if (h[2] <= 6) return {body::to_nul, 0};
    return after(h, 4, [&] { return h[3]; });
  case 'v':
    if (h.size() >= 3 && h[2] != '0') return {body::unknown, 0};
    return after(h, 8, [&] { return number(h, 4, 2) * number(h, 6, 2); });
  default:
    return {body::unknown, 0};
  }
}

static shape fs_shape(byte_span h) {
  switch (h[1]) {
  case '(':
    return after(h, 5, [&] { return number(h, 3, 2); });
  case 'g':
    if (h.size() < 3) return {};
    if (h[2] != '1' && h[2] != '2') return {body::unknown, 0};
    return after(h, 10, [&] { return h[2] == '1' ? number(h, 8, 2) : 0; });
  case 'q':
    if (h.size() < 3) return {};
    return {body::pictures, h[2]};
  default:
    return {body::unknown, 0};
  }
}

static shape dle_shape(byte_span h) {
  switch (h[1]) {
  case eot:
    if (h.size() < 3) return {};
    return fixed(h, h[2] == 7 || h[2] == 8 || h[2] == 18 ? 2 : 1);
  case enq:
    return fixed(h, 1);
  case dc4:
    if (h.size() < 3) return {};
    switch (h[2]) {
    case 1:
    case 2:
      return fixed(h, 3);
    case 3:
      return fixed(h, 6);
    case 7:
      return fixed(h, 2);
    case 8:
      return fixed(h, 8);
    default:
      return {body::unknown, 0};
    }
  default:
    return {body::unknown, 0};
  }
}

shape shape_of(byte_span header) {
  const parameter_table* table = nullptr;
  switch (header[0]) {
  case esc:
    table = &esc_table;
    break;
  case gs:
    table = &gs_table;
    break;
  case fs:
    table = &fs_table;
    break;
  case dle:
    break;
  default:
    return {body::none, 0};
  }
  if (header.size() < 2) return {};
  if (header[0] == dle) return dle_shape(header);
  if (header[1] < table->size() && (*table)[header[1]] >= 0)
    return fixed(header, static_cast<std::size_t>((*table)[header[1]]));
  if (header[0] == esc) return esc_shape(header);
  return header[0] == gs ? gs_shape(header) : fs_shape(header);
}

std::size_t real_time_length(byte_span bytes) {
  if (bytes.empty() || bytes[0] != dle) return 0;
  for (std::size_t size = 2; size <= std::min(bytes.size(), longest_header); ++size) {
    auto found = shape_of(bytes.first(size));
    if (found.what == body::none) return size;
    if (found.what != body::unfinished) return 0;
  }
  return 0;
}

} // namespace troupe::sim::escpos
