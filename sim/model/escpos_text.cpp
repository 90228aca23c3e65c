// Characters, lines, positions and styles.
#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

using namespace escpos;

/// Dots an inch of the print head, the base of `GS P` units.
constexpr std::size_t dots_an_inch = 203;

/// Length of the valid, printable UTF-8 sequence at the beginning, or 0.
static std::size_t sequence_length(byte_span bytes) {
  auto lead = bytes[0];
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return 0;
  for (auto byte : bytes.subspan(1, length - 1))
    if ((byte & 0xC0) != 0x80) return 0;
  auto second = bytes[1];
  bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  bool beyond = (lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90);
  return overlong || beyond ? 0 : length;
}

std::string printable(byte_span bytes) {
  std::string text;
  while (!bytes.empty()) {
    auto length = sequence_length(bytes);
    if (length == 0)
      text += '?';
    else
      text.append(as_text(bytes.first(length)));
    bytes = bytes.subspan(std::max<std::size_t>(1, length));
  }
  return text;
}

void escpos_printer::put_character(std::uint8_t byte) {
  if (!set_.enabled || byte == 0x7F) return;
  close_picture();
  auto character = byte < 0x80 ? international_character(set_.international, byte)
                               : set_.page->characters[byte - 0x80u];
  if (!line_.add(character, set_.style, set_.area)) {
    end_line(set_.line_spacing);
    line_.add(character, set_.style, set_.area);
  }
  append_utf8(line_text_, character);
}

/// Prints the line and moves on by `feed` dots, or by its height where that is more.
void escpos_printer::end_line(std::size_t feed) {
  std::size_t printed = 0;
  if (!line_.empty()) {
    printed = line_.height();
    output(line_.take(set_.area));
  } else {
    line_.discard();
  }
  if (feed > printed) output_blank(feed - printed);
  close_line();
}

/// The line's text goes to the receipt; a line of nothing but a picture adds no line of its own.
void escpos_printer::close_line() {
  if (line_text_.empty() && picture_height_ > 0) return;
  add_text(line_text_ + "\n");
  line_text_.clear();
}

/// Prints a begun line before something that stands on lines of its own.
void escpos_printer::flush_line() {
  if (!line_.empty()) end_line(0);
}

void escpos_printer::feed_lines(std::size_t rows) {
  end_line(rows);
  if (rows > 0) close_picture();
}

void escpos_printer::output(bitmap rows) {
  if (!page_.on) return print(std::move(rows));
  page_.canvas.draw(0, page_.cursor, rows);
  page_.cursor += rows.height();
}

void escpos_printer::output_blank(std::size_t rows) {
  if (!page_.on) return feed_paper(rows);
  page_.cursor = std::min(page_.cursor + rows, page_rows);
}

std::size_t escpos_printer::aligned_left(std::size_t width) const {
  auto room = set_.area.width - std::min(set_.area.width, width);
  if (set_.area.align == justification::center) return set_.area.left + room / 2;
  if (set_.area.align == justification::right) return set_.area.left + room;
  return set_.area.left;
}

/// Prints a picture on rows of its own, placed by the justification and cut at the text area.
void escpos_printer::output_aligned(const bitmap& picture) {
  flush_line();
  if (picture.empty()) return;
  auto left = aligned_left(picture.width());
  auto height = std::min(picture.height(), picture_rows);
  bitmap rows(options().width, height);
  for (std::size_t y = 0; y < height; ++y)
    rows.draw_row(left, y, picture.row(y), std::min(picture.width(), set_.area.width));
  output(std::move(rows));
  note_picture(picture.width(), height);
}

void escpos_printer::choose_print_mode(std::uint8_t n) {
  set_.style.font_b = n & 0x01;
  set_.style.bold = n & 0x08;
  set_.style.down = n & 0x10 ? 2 : 1;
  set_.style.across = n & 0x20 ? 2 : 1;
  set_.style.underline = n & 0x80 ? std::max<std::uint8_t>(1, set_.style.underline) : 0;
}

void escpos_printer::choose_size(std::uint8_t n) {
  set_.style.across = static_cast<std::uint8_t>(1 + (n >> 4 & 7));
  set_.style.down = static_cast<std::uint8_t>(1 + (n & 7));
}

/// Commands about how characters look; true when this was one.
bool escpos_printer::execute_style() {
  auto n = header_.size() > 2 ? parameter(0) : std::uint8_t{0};
  auto& style = set_.style;
  auto name = header_[0] << 8 | header_[1];
  switch (name) {
  case esc << 8 | '!':
    choose_print_mode(n);
    return true;
  case gs << 8 | '!':
    choose_size(n);
    return true;
  case esc << 8 | 'E':
  case esc << 8 | 'G':
    style.bold = n & 1;
    return true;
  case esc << 8 | '-':
    style.underline = (n & 0x0F) <= 2 ? n & 0x0F : style.underline;
    return true;
  case gs << 8 | 'B':
    style.reverse = n & 1;
    return true;
  case esc << 8 | 'M':
    style.font_b = n & 1;
    return true;
  case esc << 8 | 'V':
    style.turned = n & 1;
    return true;
  case esc << 8 | ' ':
    style.spacing = n;
    return true;
  case esc << 8 | 't':
    if (auto* page = find_code_page(n))
      set_.page = page;
    else
      note_unknown(header_);
    return true;
  case esc << 8 | 'R':
    if (n <= last_international_set) set_.international = n;
    return true;
  default:
    return false;
  }
}

/// Commands about where characters stand; true when this was one.
bool escpos_printer::execute_position() {
  auto name = header_[0] << 8 | header_[1];
  switch (name) {
  case esc << 8 | '2':
    set_.line_spacing = 30;
    return true;
  case esc << 8 | '3':
    set_.line_spacing = dots_down(parameter(0));
    return true;
  case esc << 8 | 'a': {
    auto n = parameter(0) & 0x0F;
    if (n <= 2 && line_.empty()) set_.area.align = static_cast<justification>(n);
    return true;
  }
  case esc << 8 | '{':
    set_.area.upside_down = parameter(0) & 1;
    return true;
  case esc << 8 | '$':
    line_.move_to(dots_across(word(0)), set_.area);
    return true;
  case esc << 8 | '\\': {
    auto distance = static_cast<std::int16_t>(word(0));
    auto dots = dots_across(static_cast<std::size_t>(std::abs(int{distance})));
    if (distance >= 0)
      line_.move_to(line_.position() + dots, set_.area);
    else if (dots <= line_.position())
      line_.move_to(line_.position() - dots, set_.area);
    return true;
  }
  case gs << 8 | 'L':
    set_margin(dots_across(word(0)), set_.area.width);
    return true;
  case gs << 8 | 'W':
    set_margin(set_.area.left, dots_across(word(0)));
    return true;
  case gs << 8 | 'P':
    set_.unit_x = parameter(0);
    set_.unit_y = parameter(1);
    return true;
  case gs << 8 | '$':
    move_down(dots_down(word(0)));
    return true;
  case gs << 8 | '\\': {
    auto distance = std::ptrdiff_t{static_cast<std::int16_t>(word(0))};
    auto target = static_cast<std::ptrdiff_t>(page_.cursor) + distance;
    move_down(static_cast<std::size_t>(std::max<std::ptrdiff_t>(target, 0)));
    return true;
  }
  default:
    return false;
  }
}

/// In page mode: what was set so far is drawn where it stands, the rest further down or up.
void escpos_printer::move_down(std::size_t y) {
  if (!page_.on) return;
  flush_line();
  page_.cursor = std::min(y, page_rows);
}

void escpos_printer::set_margin(std::size_t left, std::size_t width) {
  if (page_.on || !line_.empty()) return; // only at the beginning of a line
  auto paper = options().width;
  if (left >= paper) return;
  set_.area.left = left;
  // A width is kept as asked for, so that a smaller margin later gives it back.
  set_.area.width = std::clamp<std::size_t>(width, 1, paper - left);
}

void escpos_printer::set_tabs(byte_span columns) {
  constexpr std::size_t most_tabs = 32;
  std::size_t cell = ((set_.style.font_b ? 9u : 12u) + set_.style.spacing) * set_.style.across;
  set_.tabs.clear();
  for (auto column : columns.first(std::min(columns.size(), most_tabs))) {
    auto x = column * cell;
    if (!set_.tabs.empty() && x <= set_.tabs.back()) break;
    set_.tabs.push_back(x);
  }
}

void escpos_printer::next_tab() {
  auto next = std::upper_bound(set_.tabs.begin(), set_.tabs.end(), line_.position());
  if (next == set_.tabs.end()) return;
  line_.move_to(*next, set_.area);
  line_text_ += ' ';
}

void escpos_printer::cut_paper(std::uint8_t mode, std::size_t feed) {
  flush_line();
  close_picture();
  if (page_.on) return;
  feed_paper(feed);
  bool partial = mode == 1 || mode == '1' || mode == 'B' || mode == 'b' || mode == 'h';
  cut(partial ? cut_kind::partial : cut_kind::full);
}

std::size_t escpos_printer::dots_across(std::size_t units) const {
  return set_.unit_x == 0 ? units : units * dots_an_inch / set_.unit_x;
}

std::size_t escpos_printer::dots_down(std::size_t units) const {
  return set_.unit_y == 0 ? units : units * dots_an_inch / set_.unit_y;
}

} // namespace troupe::sim
