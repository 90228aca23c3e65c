#include "sim/model/line_composer.hpp"

#include "sim/model/font/glyphs.hpp"

#include <algorithm>
#include <span>

namespace troupe::sim {

/// Draws a character of single size at a place.
static void draw_plain(bitmap& target, std::size_t x, std::size_t y, char16_t character,
                       bool font_b) {
  const auto& found = find_glyph(character);
  std::span<const std::uint16_t> rows = found.a;
  if (font_b) rows = found.b;
  auto width = font_b ? font_b_width : font_a_width;
  for (auto row : rows) {
    auto dots = static_cast<unsigned>(row) << (16 - width);
    const std::uint8_t packed[] = {static_cast<std::uint8_t>(dots >> 8),
                                   static_cast<std::uint8_t>(dots)};
    target.draw_row(x, y++, packed, static_cast<std::size_t>(width));
  }
}

static bitmap plain_character(char16_t character, bool font_b) {
  bitmap cell(static_cast<std::size_t>(font_b ? font_b_width : font_a_width),
              static_cast<std::size_t>(font_b ? font_b_height : font_a_height));
  draw_plain(cell, 0, 0, character, font_b);
  return cell;
}

bitmap draw_character(char16_t character, const text_style& style) {
  auto cell = plain_character(character, style.font_b);
  if (style.bold) {
    auto twice = cell;
    for (std::size_t y = 0; y < cell.height(); ++y)
      twice.draw_row(1, y, cell.row(y), cell.width());
    cell = twice;
  }
  if (style.turned) cell = cell.turned_right();
  return cell.enlarged(style.across, style.down);
}

void line_composer::move_to(std::size_t x, const text_area& area) {
  if (x > area.width) return;
  x_ = x;
}

bool line_composer::add(char16_t character, const text_style& style, const text_area& area) {
  std::size_t across = style.font_b ? font_b_width : font_a_width;
  std::size_t down = style.font_b ? font_b_height : font_a_height;
  if (style.turned) std::swap(across, down);
  auto width = (across + style.spacing) * style.across;
  auto height = down * style.down;
  // A character wider than the whole area is cut off rather than refused for ever.
  if (x_ + width > area.width && x_ > 0) return false;
  draw_cell(character, style, width, height);
  x_ = std::min(x_ + width, area.width);
  end_ = std::max(end_, x_);
  height_ = std::max(height_, height);
  used_ = true;
  return true;
}

void line_composer::draw_cell(char16_t character, const text_style& style, std::size_t width,
                              std::size_t height) {
  auto top = highest - height;
  bool plain = !style.bold && !style.turned && style.across == 1 && style.down == 1;
  if (character != u' ') {
    if (plain)
      draw_plain(dots_, x_, top, character, style.font_b);
    else
      dots_.draw(x_, top, draw_character(character, style));
  }
  if (style.underline && !style.reverse && !style.turned)
    dots_.fill(x_, highest - style.underline, width, style.underline);
  if (style.reverse) dots_.fill(x_, top, width, height, true);
}

void line_composer::add_picture(const bitmap& picture, const text_area& area) {
  if (picture.empty() || picture.height() > highest) return;
  auto width = std::min(picture.width(), area.width - std::min(area.width, x_));
  for (std::size_t y = 0; y < picture.height(); ++y)
    dots_.draw_row(x_, highest - picture.height() + y, picture.row(y), width);
  x_ += width;
  end_ = std::max(end_, x_);
  height_ = std::max(height_, picture.height());
  used_ = true;
}

bitmap line_composer::take(const text_area& area) {
  auto used = dots_.part(0, highest - height_, std::max<std::size_t>(end_, 1), height_);
  if (area.upside_down) used = used.turned_half();
  auto room = area.width - std::min(area.width, end_);
  auto left = area.left;
  auto align = area.align;
  if (area.upside_down && align != justification::center)
    align = align == justification::left ? justification::right : justification::left;
  if (align == justification::center) left += room / 2;
  if (align == justification::right) left += room;
  bitmap line(dots_.width(), height_);
  line.draw(left, 0, used);
  discard();
  return line;
}

void line_composer::discard() {
  if (used_) dots_.clear();
  x_ = end_ = height_ = 0;
  used_ = false;
}

void append_utf8(std::string& text, char16_t code_point) {
  auto value = static_cast<unsigned>(code_point);
  if (value < 0x80) {
    text += static_cast<char>(value);
  } else if (value < 0x800) {
    text += static_cast<char>(0xC0 | value >> 6);
    text += static_cast<char>(0x80 | (value & 0x3F));
  } else {
    text += static_cast<char>(0xE0 | value >> 12);
    text += static_cast<char>(0x80 | (value >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (value & 0x3F));
  }
}

} // namespace troupe::sim
