// Pictures: raster, columns, stored graphics.
#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

void escpos_printer::begin_raster(std::uint64_t) {
  if (set_.enabled) flush_line();
  phase_ = phase::raster;
  raster_.row_bytes = word(2);
  raster_.across = 1 + (parameter(1) & 1);
  raster_.down = 1 + (parameter(1) >> 1 & 1);
  raster_.row.clear();
}

/// Prints the rows as they come, so that a slow or dying printer leaves half a picture.
std::size_t escpos_printer::take_raster(byte_span bytes) {
  constexpr std::size_t batch_rows = 64;
  auto row_bytes = raster_.row_bytes;
  auto area_width = set_.area.width;
  auto width = row_bytes * 8 * raster_.across;
  auto left = aligned_left(width);
  auto rows_here =
      (raster_.row.size() + std::min<std::uint64_t>(bytes.size(), remaining_)) / row_bytes;
  bitmap rows(options().width, std::min<std::size_t>(rows_here, batch_rows) * raster_.down);
  std::size_t done = 0, y = 0;
  while (done < bytes.size() && remaining_ > 0 && (y < rows.height() || rows.height() == 0)) {
    auto count = std::min({row_bytes - raster_.row.size(), bytes.size() - done});
    auto piece = bytes.subspan(done, count);
    byte_span row = piece;
    if (count < row_bytes) {
      raster_.row.insert(raster_.row.end(), piece.begin(), piece.end());
      row = raster_.row;
    }
    done += count;
    remaining_ -= count;
    if (row.size() < row_bytes) break;
    if (raster_.across == 1) {
      for (std::size_t i = 0; i < raster_.down; ++i, ++y)
        rows.draw_row(left, y, row, area_width);
    } else {
      bitmap single(row_bytes * 8, 1);
      single.draw_row(0, 0, row, row_bytes * 8);
      auto wide =
          single.part(0, 0, std::min(row_bytes * 8, area_width), 1).enlarged(2, raster_.down);
      for (std::size_t i = 0; i < raster_.down; ++i, ++y)
        rows.draw_row(left, y, wide.row(i), std::min(wide.width(), area_width));
    }
    raster_.row.clear();
  }
  if (y > 0 && set_.enabled) {
    output(std::move(rows));
    note_picture(width, y);
  }
  if (remaining_ == 0) phase_ = phase::text;
  return done;
}

void escpos_printer::print_columns(byte_span data) {
  auto mode = parameter(0);
  bool high = mode >= 32; // 24 dots, else 8 dots that are three times as high
  auto picture = bitmap_from_columns(data, word(1), high ? 3 : 1);
  picture = picture.part(0, 0, std::min(picture.width(), options().width), picture.height());
  auto drawn = picture.enlarged(mode & 1 ? 1 : 2, high ? 1 : 3);
  line_.add_picture(drawn, set_.area);
  note_picture(drawn.width(), drawn.height());
}

void escpos_printer::execute_graphics(byte_span data) {
  if (data.size() < 2) return;
  auto function = data[1];
  auto key = [&](char where) {
    return where + std::to_string(data[2]) + "," + std::to_string(data[3]);
  };
  switch (function) {
  case 2:
  case 50:
    output_aligned(graphics_);
    graphics_ = {};
    break;
  case 67:
    define_graphics(data, 'N');
    break;
  case 83:
    define_graphics(data, 'D');
    break;
  case 69:
  case 85:
    if (data.size() >= 6) print_stored(key(function == 69 ? 'N' : 'D'), data[4], data[5]);
    break;
  case 65:
  case 81:
    std::erase_if(
        stored_, [&](const auto& entry) { return entry.first[0] == (function == 65 ? 'N' : 'D'); });
    break;
  case 66:
  case 82:
    if (data.size() >= 4) stored_.erase(key(function == 66 ? 'N' : 'D'));
    break;
  case 112:
    store_graphics(data, false);
    break;
  case 113:
    store_graphics(data, true);
    break;
  default:
    note_unknown(header_);
  }
}

/// `m fn a bx by c xL xH yL yH d...`: puts a picture into the print buffer.
void escpos_printer::store_graphics(byte_span data, bool columns) {
  if (data.size() < 10) return;
  std::size_t across = data[3] == 2 ? 2 : 1, down = data[4] == 2 ? 2 : 1;
  std::size_t width = data[6] + 256u * data[7], height = data[8] + 256u * data[9];
  auto dots = data.subspan(10);
  auto needed = columns ? width * ((height + 7) / 8) : (width + 7) / 8 * height;
  if (data[2] != 48 || width == 0 || height == 0 || dots.size() < needed || height > picture_rows)
    return note_unknown(header_);
  bitmap picture(width, height);
  if (columns)
    picture = bitmap_from_columns(dots, width, (height + 7) / 8).part(0, 0, width, height);
  else
    for (std::size_t y = 0; y < height; ++y)
      picture.draw_row(0, y, dots.subspan(y * ((width + 7) / 8), (width + 7) / 8), width);
  auto kept = picture.part(0, 0, std::min(width, options().width), height).enlarged(across, down);
  // Colours of one picture arrive one after the other and lie on each other.
  if (graphics_.width() == kept.width() && graphics_.height() == kept.height())
    graphics_.draw(0, 0, kept);
  else
    graphics_ = std::move(kept);
}

/// `m fn a kc1 kc2 b xL xH yL yH c d...`: keeps a picture under a key.
void escpos_printer::define_graphics(byte_span data, char where) {
  if (data.size() < 11) return;
  std::size_t width = data[6] + 256u * data[7], height = data[8] + 256u * data[9];
  auto row_bytes = (width + 7) / 8;
  auto dots = data.subspan(11);
  if (width == 0 || height == 0 || dots.size() < row_bytes * height || height > picture_rows)
    return note_unknown(header_);
  bitmap picture(width, height);
  for (std::size_t y = 0; y < height; ++y)
    picture.draw_row(0, y, dots.subspan(y * row_bytes, row_bytes), width);
  store_picture(where + std::to_string(data[3]) + "," + std::to_string(data[4]),
                std::move(picture));
}

void escpos_printer::store_picture(const std::string& key, bitmap picture) {
  stored_.erase(key);
  std::size_t total = picture.bits().size();
  for (const auto& [other, kept] : stored_)
    total += kept.bits().size();
  if (picture.empty() || total > stored_picture_bytes) return;
  stored_.emplace(key, std::move(picture));
}

void escpos_printer::print_stored(const std::string& key, std::size_t across, std::size_t down) {
  auto found = stored_.find(key);
  if (found == stored_.end()) return;
  const auto& kept = found->second;
  auto part = kept.part(0, 0, std::min(kept.width(), options().width),
                        std::min(kept.height(), picture_rows));
  output_aligned(part.enlarged(across == 2 ? 2 : 1, down == 2 ? 2 : 1));
}

/// Slices of one width that follow each other count as one picture.
void escpos_printer::note_picture(std::size_t width, std::size_t height) {
  if (width != picture_width_) close_picture();
  picture_width_ = width;
  picture_height_ += height;
}

void escpos_printer::close_picture() {
  if (picture_height_ > 0)
    add_text("[picture " + std::to_string(picture_width_) + "x" + std::to_string(picture_height_) +
             "]\n");
  picture_width_ = picture_height_ = 0;
}

} // namespace troupe::sim
