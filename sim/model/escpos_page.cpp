// Page mode: lines are drawn on a page in memory, which is printed as a whole.
#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

void escpos_printer::enter_page() {
  if (page_.on || !line_.empty()) return;
  page_ = {};
  page_.on = true;
  page_.outside = set_.area;
  page_.width = options().width;
  page_.height = page_rows;
  page_.page = bitmap(options().width, page_rows);
  begin_area();
}

void escpos_printer::leave_page() {
  if (!page_.on) return;
  line_.discard();
  set_.area = page_.outside;
  page_ = {};
}

/// A fresh drawing for the area, turned as the text runs.
void escpos_printer::begin_area() {
  line_.discard();
  line_text_.clear();
  bool sideways = page_.direction & 1;
  auto across = sideways ? page_.height : page_.width, down = sideways ? page_.width : page_.height;
  page_.canvas = bitmap(across, down);
  page_.cursor = 0;
  set_.area.left = 0;
  set_.area.width =
      std::min(across, options().width); // a line is never longer than the paper is wide
}

/// `ESC W xL xH yL yH dxL dxH dyL dyH`
void escpos_printer::set_page_area() {
  if (!page_.on) return;
  merge_area();
  auto x = dots_across(word(0)), y = dots_down(word(2));
  auto width = dots_across(word(4)), height = dots_down(word(6));
  if (x < options().width && y < page_rows && width > 0 && height > 0) {
    page_.x = x;
    page_.y = y;
    page_.width = std::min(width, options().width - x);
    page_.height = std::min(height, page_rows - y);
  }
  begin_area();
}

/// Puts the area's drawing on the page. Direction: 0 as read, 1 from bottom to top, 2 upside down,
/// 3 from top to bottom.
void escpos_printer::merge_area() {
  flush_line();
  auto drawn = page_.canvas;
  if (page_.direction == 1) drawn = drawn.turned_right().turned_half();
  if (page_.direction == 2) drawn = drawn.turned_half();
  if (page_.direction == 3) drawn = drawn.turned_right();
  page_.page.draw(page_.x, page_.y, drawn);
  bool whole = page_.height == page_rows && page_.direction == 0;
  auto used = whole ? std::min(page_.cursor, page_rows) : page_.y + page_.height;
  page_.used_rows = std::max(page_.used_rows, used);
}

void escpos_printer::print_page() {
  merge_area();
  close_picture();
  print(page_.page.part(0, 0, options().width, page_.used_rows));
}

} // namespace troupe::sim
