#include "devices/printer/jpeg_chroma.hpp"

#include "devices/printer/picture_formats.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace troupe::printer::formats {
namespace {

constexpr std::uint8_t neutral = 128;

/// What a colour sample adds to luma for red, green and blue (JFIF 1.02), in libjpeg's rounding.
struct conversion {
  std::array<int, 256> red{};
  std::array<int, 256> blue{};
  std::array<int, 256> green_of_red{};  ///< times 65536
  std::array<int, 256> green_of_blue{}; ///< times 65536, half a unit included
};

constexpr int fixed_point(double factor) {
  return static_cast<int>(factor * 65536 + 0.5);
}

constexpr conversion make_conversion() {
  conversion table;
  for (int i = 0; i < 256; ++i) {
    const int x = i - neutral;
    const auto at = static_cast<std::size_t>(i);
    table.red[at] = (fixed_point(1.40200) * x + 32768) >> 16;
    table.blue[at] = (fixed_point(1.77200) * x + 32768) >> 16;
    table.green_of_red[at] = -fixed_point(0.71414) * x;
    table.green_of_blue[at] = -fixed_point(0.34414) * x + 32768;
  }
  return table;
}

constexpr conversion converted = make_conversion();

using samples = std::vector<std::uint8_t>;

/// Whether a row of samples holds no colour; eight at a time, since most rows are asked to the end.
bool neutral_row(const std::uint8_t* row, std::size_t width) {
  constexpr std::uint64_t neutral_word = 0x8080808080808080;
  std::size_t x = 0;
  for (; x + 8 <= width; x += 8) {
    std::uint64_t word;
    std::memcpy(&word, row + x, 8);
    if (word != neutral_word) return false;
  }
  return std::all_of(row + x, row + width, [](std::uint8_t sample) { return sample == neutral; });
}

/// The colour samples of one row of dots, from the rows of the plane it lies on and next to.
class upsampler {
public:
  upsampler(const byte_vector& plane, const chroma_planes& chroma)
      : plane_(plane), chroma_(chroma),
        row_(std::size_t{chroma.width} * (chroma.half_width ? 2 : 1)) {
    neutral_rows_.reserve(chroma.height);
    for (std::size_t y = 0; y < chroma.height; ++y)
      neutral_rows_.push_back(neutral_row(plane_row(y), chroma.width));
  }

  bool neutral_at(std::uint32_t y) const {
    return neutral_rows_[near_index(y)] && neutral_rows_[far_index(y)];
  }

  const samples& row(std::uint32_t y) {
    const auto* near = plane_row(near_index(y));
    if (!chroma_.half_width)
      std::copy_n(near, chroma_.width, row_.begin());
    else if (!chroma_.half_height)
      widen(near);
    else
      widen_and_mix(near, plane_row(far_index(y)));
    return row_;
  }

private:
  std::size_t near_index(std::uint32_t y) const { return chroma_.half_height ? y / 2 : y; }
  std::size_t far_index(std::uint32_t y) const {
    if (!chroma_.half_height) return y;
    if (y % 2 == 0) return y == 0 ? 0 : y / 2 - 1;
    return std::min<std::size_t>(y / 2 + 1, chroma_.height - 1);
  }
  const std::uint8_t* plane_row(std::size_t y) const { return plane_.data() + y * chroma_.width; }

  /// Each dot is 3/4 the nearer sample and 1/4 the next one.
  void widen(const std::uint8_t* near) {
    const std::size_t last = chroma_.width - 1;
    for (std::size_t x = 0; x <= last; ++x) {
      const int own = 3 * near[x];
      row_[2 * x] = static_cast<std::uint8_t>(x == 0 ? near[0] : (own + near[x - 1] + 1) >> 2);
      row_[2 * x + 1] =
          static_cast<std::uint8_t>(x == last ? near[last] : (own + near[x + 1] + 2) >> 2);
    }
  }

  /// The same in both directions.
  void widen_and_mix(const std::uint8_t* near, const std::uint8_t* far) {
    const std::size_t last = chroma_.width - 1;
    const auto mixed = [&](std::size_t x) { return 3 * near[x] + far[x]; };
    for (std::size_t x = 0; x <= last; ++x) {
      const int own = mixed(x);
      const int left = x == 0 ? own : mixed(x - 1);
      const int right = x == last ? own : mixed(x + 1);
      row_[2 * x] = static_cast<std::uint8_t>((3 * own + left + 8) >> 4);
      row_[2 * x + 1] = static_cast<std::uint8_t>((3 * own + right + 7) >> 4);
    }
  }

  const byte_vector& plane_;
  const chroma_planes& chroma_;
  std::vector<bool> neutral_rows_;
  samples row_;
};

std::uint8_t grey_of_dot(int luma, std::uint8_t blue, std::uint8_t red) {
  const auto limited = [](int value) {
    return static_cast<std::uint32_t>(std::clamp(value, 0, 255));
  };
  const int green = (converted.green_of_blue[blue] + converted.green_of_red[red]) >> 16;
  return grey_of(limited(luma + converted.red[red]), limited(luma + green),
                 limited(luma + converted.blue[blue]));
}

} // namespace

void apply_chroma(const chroma_planes& chroma, grey_image& picture) {
  upsampler blue(chroma.blue, chroma);
  upsampler red(chroma.red, chroma);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    if (blue.neutral_at(y) && red.neutral_at(y)) continue;
    const auto& blues = blue.row(y);
    const auto& reds = red.row(y);
    auto* dots = picture.dots.data() + std::size_t{y} * picture.width;
    for (std::uint32_t x = 0; x < picture.width; ++x)
      dots[x] = grey_of_dot(dots[x], blues[x], reds[x]);
  }
}

} // namespace troupe::printer::formats
