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

/// Samples from the first with a colour to behind the last.
struct stretch {
  std::size_t first = 0;
  std::size_t end = 0;
  bool empty() const { return first == end; }
};

stretch joined(const stretch& a, const stretch& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.first, b.first), std::max(a.end, b.end)};
}

/// Eight samples at a time, since most rows are looked through to the end.
stretch colored_stretch(const std::uint8_t* row, std::size_t width) {
  constexpr std::uint64_t neutral_word = 0x8080808080808080;
  const auto plain = [&](std::size_t x) {
    std::uint64_t word;
    std::memcpy(&word, row + x, 8);
    return word == neutral_word;
  };
  std::size_t first = 0;
  while (first + 8 <= width && plain(first))
    first += 8;
  while (first < width && row[first] == neutral)
    ++first;
  std::size_t end = width;
  while (end >= first + 8 && plain(end - 8))
    end -= 8;
  while (end > first && row[end - 1] == neutral)
    --end;
  return {first, end};
}

/// The colour samples of one row of dots, from the rows of the plane it lies on and next to.
class upsampler {
public:
  upsampler(const byte_vector& plane, const chroma_planes& chroma)
      : plane_(plane), chroma_(chroma),
        row_(std::size_t{chroma.width} * (chroma.half_width ? 2 : 1)) {
    colored_.reserve(chroma.height);
    for (std::size_t y = 0; y < chroma.height; ++y)
      colored_.push_back(colored_stretch(plane_row(y), chroma.width));
  }

  stretch colored_at(std::uint32_t y) const {
    return joined(colored_[near_index(y)], colored_[far_index(y)]);
  }

  /// The row of dots; set where the samples of the stretch lie.
  const samples& row(std::uint32_t y, const stretch& wanted) {
    const auto* near = plane_row(near_index(y));
    if (!chroma_.half_width)
      std::copy(near + wanted.first, near + wanted.end, row_.data() + wanted.first);
    else if (!chroma_.half_height)
      widen(near, wanted);
    else
      widen_and_mix(near, plane_row(far_index(y)), wanted);
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
  void widen(const std::uint8_t* near, const stretch& wanted) {
    const std::size_t last = chroma_.width - 1;
    for (std::size_t x = wanted.first; x < wanted.end; ++x) {
      const int own = 3 * near[x];
      row_[2 * x] = static_cast<std::uint8_t>(x == 0 ? near[0] : (own + near[x - 1] + 1) >> 2);
      row_[2 * x + 1] =
          static_cast<std::uint8_t>(x == last ? near[last] : (own + near[x + 1] + 2) >> 2);
    }
  }

  /// The same in both directions.
  void widen_and_mix(const std::uint8_t* near, const std::uint8_t* far, const stretch& wanted) {
    const std::size_t last = chroma_.width - 1;
    const auto mixed = [&](std::size_t x) { return 3 * near[x] + far[x]; };
    for (std::size_t x = wanted.first; x < wanted.end; ++x) {
      const int own = mixed(x);
      const int left = x == 0 ? own : mixed(x - 1);
      const int right = x == last ? own : mixed(x + 1);
      row_[2 * x] = static_cast<std::uint8_t>((3 * own + left + 8) >> 4);
      row_[2 * x + 1] = static_cast<std::uint8_t>((3 * own + right + 7) >> 4);
    }
  }

  const byte_vector& plane_;
  const chroma_planes& chroma_;
  std::vector<stretch> colored_; ///< of each row of the plane
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
  const std::size_t dots_a_sample = chroma.half_width ? 2 : 1;
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    auto colored = joined(blue.colored_at(y), red.colored_at(y));
    if (colored.empty()) continue;
    // A sample reaches into its neighbours.
    colored.first -= std::min<std::size_t>(colored.first, 1);
    colored.end = std::min<std::size_t>(colored.end + 1, chroma.width);
    const auto& blues = blue.row(y, colored);
    const auto& reds = red.row(y, colored);
    auto* dots = picture.dots.data() + std::size_t{y} * picture.width;
    const auto end = std::min<std::size_t>(colored.end * dots_a_sample, picture.width);
    for (std::size_t x = colored.first * dots_a_sample; x < end; ++x)
      dots[x] = grey_of_dot(dots[x], blues[x], reds[x]);
  }
}

} // namespace troupe::printer::formats
