#include "devices/printer/dither.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace troupe::printer {
namespace {

/// Eight rows are done side by side, one in each element of a vector, since a dot has to wait for
/// the one before it in its row. Each row stays two dots behind the one above, whose errors it
/// needs: at step t, row r is at dot t - 2r.
constexpr std::size_t rows_at_once = 8;
constexpr std::size_t dots_behind = 2;
constexpr std::size_t steps_behind = dots_behind * (rows_at_once - 1);

using numbers = std::int16_t __attribute__((vector_size(16)));

/// Ink where a row has no dot (before its first, after its last): dark enough below zero that
/// no error lifts it, so nothing is printed there and no error arises.
constexpr std::int16_t no_dot = -4096;

bool is_zero(numbers vector) {
  std::uint64_t halves[2];
  std::memcpy(halves, &vector, sizeof halves);
  return (halves[0] | halves[1]) == 0;
}

/// What the rows carry from dot to dot, in sixteenths of a shade.
struct carried {
  numbers right{};  ///< 7/16 of the last dot's error
  numbers below{};  ///< 5/16 of the last dot's, 1/16 of the one before: due below the last dot
  numbers beyond{}; ///< 1/16 of the last dot's error: due below the next dot
  numbers left{};   ///< what came due below the dot before the last: complete
  bool nothing() const { return is_zero(right | below | beyond | left); }
};

/// One dot of each row: all bits set for black. `due` is what the rows above left for these dots.
numbers dither_dots(numbers ink, numbers due, carried& carry) {
  const numbers spread = carry.right + due;
  ink += (spread + ((spread >> 15) & 15)) >> 4; // rounds towards zero
  ink &= ~(ink >> 15);                          // at least 0
  ink = (ink | ((255 - ink) >> 15)) & 255;      // at most 255
  const numbers black = (128 - ink) >> 15;
  const numbers wrong = ink - (black & 255);
  const numbers four = wrong << 2;
  carry.left = four - wrong + carry.below;
  carry.below = four + wrong + carry.beyond;
  carry.beyond = wrong;
  carry.right = (four << 1) - wrong;
  return black;
}

/// Each row gets what the row above it left; the first one what the last block left.
numbers handed_down(numbers left, std::int16_t first) {
#if defined(__SSE2__)
  // Compilers take the shuffle apart into single elements without the later instruction sets.
  auto due = reinterpret_cast<numbers>(_mm_slli_si128(reinterpret_cast<__m128i>(left), 2));
#elif defined(__clang__)
  numbers due = __builtin_shufflevector(left, left, 0, 0, 1, 2, 3, 4, 5, 6);
#else
  constexpr numbers from_above{0, 0, 1, 2, 3, 4, 5, 6};
  numbers due = __builtin_shuffle(left, from_above);
#endif
  due[0] = first;
  return due;
}

/// Dithers a picture in blocks of eight rows.
class ditherer {
public:
  explicit ditherer(std::size_t width)
      : width_(width), steps_((width + steps_behind + 1 + 7) / 8 * 8),
        ink_(steps_ * rows_at_once, no_dot), stream_(steps_ / 8 + 1), due_(steps_) {}

  void block(const grey_image& picture, std::size_t top, bitmap& dots) {
    const auto rows = std::min<std::size_t>(rows_at_once, picture.height - top);
    if (stays_white(picture, top, rows)) return;
    take_ink(picture, top, rows);
    run();
    give_bits(top, rows, dots);
  }

private:
  /// A block of blank paper below blank paper, as between lines, has no dot.
  bool stays_white(const grey_image& picture, std::size_t top, std::size_t rows) const {
    const auto* first = picture.row(top);
    const auto* end = first + rows * width_;
    // Compared with itself moved by one byte: all are the same.
    return *first == 255 &&
           std::memcmp(first, first + 1, static_cast<std::size_t>(end - first - 1)) == 0 &&
           std::all_of(due_.begin(), due_.end(), [](std::int16_t error) { return error == 0; });
  }

  /// Lays the ink of row r at dot x where step x + 2r finds it.
  void take_ink(const grey_image& picture, std::size_t top, std::size_t rows) {
    if (rows < rows_at_once) std::fill(ink_.begin(), ink_.end(), no_dot);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto* grey = picture.row(top + r);
      auto* ink = ink_.data() + dots_behind * r * rows_at_once + r;
      for (std::size_t x = 0; x < width_; ++x, ink += rows_at_once)
        *ink = static_cast<std::int16_t>(255 - grey[x]);
    }
  }

  /// The last row's errors are written where the first row's have long been read.
  void run() {
    carried carry;
    for (std::size_t step = 0; step < steps_; step += 8) {
      if (carry.nothing() && blank(step)) {
        stream_[step / 8] = numbers{};
        for (std::size_t t = std::max(step, steps_behind + 1); t < step + 8; ++t)
          due_[t - steps_behind - 1] = 0;
        continue;
      }
      numbers bits{};
      for (std::size_t t = step; t < step + 8; ++t) {
        bits = (bits << 1) - dither_dots(ink_at(t), handed_down(carry.left, due_[t]), carry);
        if (t > steps_behind) due_[t - steps_behind - 1] = carry.left[rows_at_once - 1];
      }
      stream_[step / 8] = bits;
    }
    std::fill(due_.begin() + static_cast<std::ptrdiff_t>(width_), due_.end(), std::int16_t{0});
  }

  numbers ink_at(std::size_t step) const {
    numbers ink;
    std::memcpy(&ink, ink_.data() + step * rows_at_once, sizeof ink);
    return ink;
  }

  /// Whether eight steps hold no ink and no error from above; then they leave none either.
  bool blank(std::size_t step) const {
    numbers some;
    std::memcpy(&some, due_.data() + step, sizeof some);
    for (std::size_t t = step; t < step + 8; ++t)
      some |= ink_at(t) > 0;
    return is_zero(some);
  }

  /// Puts the bits of each row, which come 2r steps late, back in line.
  void give_bits(std::size_t top, std::size_t rows, bitmap& dots) const {
    for (std::size_t r = 0; r < rows; ++r) {
      auto* out = dots.bits.data() + (top + r) * dots.stride();
      const std::size_t late = dots_behind * r;
      for (std::size_t group = 0; group < dots.stride(); ++group) {
        const std::size_t at = group + late / 8;
        const auto two = static_cast<unsigned>(stream_[at][r] << 8 | (stream_[at + 1][r] & 0xFF));
        out[group] = static_cast<std::uint8_t>(two >> (8 - late % 8));
      }
    }
  }

  std::size_t width_;
  std::size_t steps_;
  std::vector<std::int16_t> ink_; ///< of the eight rows, for each step
  std::vector<numbers> stream_;   ///< eight steps' bits of each row
  std::vector<std::int16_t> due_; ///< what the last block left for each dot of the next row
};

} // namespace

bitmap dither(const grey_image& picture) {
  bitmap dots(picture.width, picture.height);
  ditherer rows(picture.width);
  for (std::size_t top = 0; top < picture.height; top += rows_at_once)
    rows.block(picture, top, dots);
  return dots;
}

} // namespace troupe::printer
