#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

using namespace escpos;

escpos_printer::escpos_printer(printer_options options)
    : receipt_printer(std::move(options)), line_(this->options().width) {
  reset_settings();
}

void escpos_printer::reset_settings() {
  set_ = {};
  set_.page = find_code_page(0);
  set_.area.width = options().width;
  constexpr std::size_t default_tab = 8 * 12; // every eighth character of font A
  for (std::size_t x = default_tab; x < options().width; x += default_tab)
    set_.tabs.push_back(x);
  line_.discard();
  line_text_.clear();
  page_ = {};
  graphics_ = {};
  symbol_data_.clear();
  phase_ = phase::text;
  header_.clear();
  data_.clear();
}

std::size_t escpos_printer::interpret(byte_span bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && !mechanism_busy())
    done += step(bytes.subspan(done));
  return done;
}

std::size_t escpos_printer::step(byte_span bytes) {
  switch (phase_) {
  case phase::text:
    return take_text(bytes);
  case phase::header:
    return take_header(bytes[0]);
  case phase::counted:
    return take_counted(bytes);
  case phase::to_nul:
    return take_to_nul(bytes);
  case phase::raster:
    return take_raster(bytes);
  case phase::items:
    return take_item(bytes);
  }
  return bytes.size();
}

std::size_t escpos_printer::take_text(byte_span bytes) {
  if (bytes[0] < 0x20) {
    header_.clear();
    return take_header(bytes[0]);
  }
  std::size_t done = 0;
  while (done < bytes.size() && bytes[done] >= 0x20 && !mechanism_busy())
    put_character(bytes[done++]);
  return done;
}

std::size_t escpos_printer::take_header(std::uint8_t byte) {
  header_.push_back(byte);
  auto shape = shape_of(header_);
  switch (shape.what) {
  case body::unfinished:
    phase_ = phase::header;
    return 1;
  case body::none:
    finish();
    return 1;
  case body::unknown: {
    // A command that begins where a parameter was expected is more likely meant than lost.
    bool begins = header_.size() == 2 && (byte == esc || byte == gs || byte == fs || byte == lf);
    if (begins || header_[0] == dle) header_.pop_back();
    auto used = begins || header_.size() == 1 ? 0u : 1u;
    skip_unknown();
    return used;
  }
  default:
    begin_body(shape);
    return 1;
  }
}

void escpos_printer::skip_unknown() {
  note_unknown(header_);
  phase_ = phase::text;
  header_.clear();
}

void escpos_printer::begin_body(shape shape) {
  data_.clear();
  overlong_ = false;
  switch (shape.what) {
  case body::to_nul:
    phase_ = phase::to_nul;
    return;
  case body::characters:
  case body::pictures:
    phase_ = phase::items;
    items_left_ = shape.length;
    item_header_.clear();
    remaining_ = 0;
    if (items_left_ == 0) finish();
    return;
  default:
    break;
  }
  if (shape.length == 0) return finish();
  remaining_ = shape.length;
  phase_ = phase::counted;
  if (header_[0] == gs && header_[1] == 'v') begin_raster(shape.length);
}

std::size_t escpos_printer::take_counted(byte_span bytes) {
  auto count = keep(bytes);
  if (remaining_ == 0) finish();
  return count;
}

/// Collects data of the command at hand, up to its end; drops what is beyond the limit.
std::size_t escpos_printer::keep(byte_span bytes) {
  auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  auto kept = std::min(count, command_data_bytes - data_.size());
  data_.insert(data_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
  overlong_ |= kept < count;
  remaining_ -= count;
  return count;
}

std::size_t escpos_printer::take_to_nul(byte_span bytes) {
  constexpr std::size_t longest = 255; // of a barcode; tab stops are fewer
  std::size_t done = 0;
  while (done < bytes.size()) {
    auto byte = bytes[done++];
    if (byte == 0) {
      finish();
      break;
    }
    if (data_.size() < longest)
      data_.push_back(byte);
    else
      overlong_ = true;
  }
  return done;
}

/// Items of `ESC &` and `FS q`: each has a little header of its own that says how long it is.
std::size_t escpos_printer::take_item(byte_span bytes) {
  bool pictures = header_[0] == fs;
  auto header_size = pictures ? 4u : 1u;
  if (item_header_.size() < header_size) {
    item_header_.push_back(bytes[0]);
    if (item_header_.size() < header_size) return 1;
    auto& h = item_header_;
    remaining_ = pictures ? std::uint64_t{h[0] + 256u * h[1]} * (h[2] + 256u * h[3]) * 8
                          : std::uint64_t{header_[2]} * h[0];
    if (remaining_ == 0) end_item();
    return 1;
  }
  auto count = keep(bytes);
  if (remaining_ == 0) end_item();
  return count;
}

void escpos_printer::end_item() {
  auto& h = item_header_;
  if (header_[0] == fs && !overlong_ && !data_.empty()) {
    auto column_bytes = h[2] + 256u * h[3];
    store_picture("nv" + std::to_string(parameter(0) - items_left_ + 1),
                  bitmap_from_columns(data_, data_.size() / column_bytes, column_bytes));
  }
  h.clear();
  data_.clear();
  if (--items_left_ == 0) finish();
}

void escpos_printer::finish() {
  phase_ = phase::text;
  if (overlong_)
    note_unknown(byte_span(header_).first(std::min<std::size_t>(header_.size(), 3)));
  else if (set_.enabled || (header_.size() > 1 && header_[0] == esc && header_[1] == '='))
    execute(data_);
  overlong_ = false;
  data_.clear();
}

void escpos_printer::execute(byte_span data) {
  switch (header_[0]) {
  case esc:
    execute_esc(data);
    break;
  case gs:
    execute_gs(data);
    break;
  case fs:
    execute_fs(data);
    break;
  case dle:
    break; // carried out when it arrived
  default:
    execute_control();
  }
}

void escpos_printer::execute_control() {
  switch (header_[0]) {
  case lf:
    end_line(set_.line_spacing);
    break;
  case ht:
    next_tab();
    break;
  case ff:
    if (page_.on) {
      print_page();
      leave_page();
    }
    break;
  case can:
    if (page_.on) begin_area();
    break;
  default:
    break; // CR and the others do nothing on these printers
  }
}

void escpos_printer::execute_esc(byte_span data) {
  if (execute_style() || execute_position()) return;
  switch (header_[1]) {
  case '@':
    reset_settings();
    break;
  case '*':
    print_columns(data);
    break;
  case 'D':
    set_tabs(data);
    break;
  case 'J':
    end_line(dots_down(parameter(0)));
    break;
  case 'd':
    feed_lines(parameter(0) * set_.line_spacing);
    break;
  case 'i':
  case 'm':
    cut_paper(1, 0);
    break;
  case 'p': {
    constexpr std::uint16_t unit_ms = 2;
    kick_drawer(parameter(0) & 1, static_cast<std::uint16_t>(parameter(1) * unit_ms));
    break;
  }
  case '=':
    set_.enabled = parameter(0) & 1;
    break;
  case 'B':
  case '(':
    beep();
    break;
  case 'v':
    answer_sensor(1);
    break;
  case 'u':
    answer_sensor(2);
    break;
  case 'L':
    enter_page();
    break;
  case 'S':
    leave_page();
    break;
  case ff:
    if (page_.on) print_page();
    break;
  case 'W':
    set_page_area();
    break;
  case 'T':
    if (page_.on) {
      merge_area();
      page_.direction = parameter(0) & 3;
      begin_area();
    }
    break;
  default:
    break; // known, without effect on what is printed
  }
}

void escpos_printer::execute_gs(byte_span data) {
  if (execute_style() || execute_position()) return;
  switch (header_[1]) {
  case 'V':
    cut_paper(parameter(0), header_.size() > 3 ? dots_down(parameter(1)) : 0);
    break;
  case 'a':
    set_automatic_status(parameter(0));
    break;
  case 'r':
    answer_sensor(parameter(0));
    break;
  case 'I':
    answer_identity(parameter(0));
    break;
  case 'h':
    set_.barcode_height = std::max<std::size_t>(1, parameter(0));
    break;
  case 'w':
    set_.barcode_module = std::clamp<std::size_t>(parameter(0), 1, 6);
    break;
  case 'H':
    set_.readable = parameter(0) & 3;
    break;
  case 'f':
    set_.readable_font_b = parameter(0) & 1;
    break;
  case 'k':
    print_barcode(data);
    break;
  case '*':
    store_picture("download", bitmap_from_columns(data, parameter(0) * 8u, parameter(1)));
    break;
  case '/':
    print_stored("download", 1 + (parameter(0) & 1), 1 + (parameter(0) >> 1 & 1));
    break;
  case 'Q':
    output_aligned(bitmap_from_columns(data, word(2), word(4))
                       .enlarged(1 + (parameter(1) & 1), 1 + (parameter(1) >> 1 & 1)));
    break;
  case '8':
    execute_graphics(data);
    break;
  case '(':
    if (header_[2] == 'L') execute_graphics(data);
    if (header_[2] == 'k') execute_symbol(data);
    if (header_[2] == 'H') answer_process(data);
    break;
  default:
    break; // known, without effect on what is printed
  }
}

void escpos_printer::execute_fs(byte_span data) {
  if (header_[1] == 'p')
    print_stored("nv" + std::to_string(parameter(0)), 1 + (parameter(1) & 1),
                 1 + (parameter(1) >> 1 & 1));
  else if (header_[1] == '(' && !data.empty() && header_[2] == 'L')
    note_unknown(byte_span(header_).first(3));
}

} // namespace troupe::sim
