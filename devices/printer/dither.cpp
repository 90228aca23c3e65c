#include "devices/printer/dither.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace troupe::printer {
namespace {

using errors = std::vector<std::int16_t>;

/// What one row carries from dot to dot, in sixteenths of a shade.
struct carried {
  int right = 0;  ///< 7/16 of the last dot's error
  int below = 0;  ///< 5/16 of the last dot's, 1/16 of the one before: due below the last dot
  int beyond = 0; ///< 1/16 of the last dot's error: due below the next dot
  bool nothing() const { return (right | below | beyond) == 0; }
};

/// Eight dots that are all white (or all black) with no error about stay so and leave none.
bool plain(const std::uint8_t* grey, const std::int16_t* error, std::uint64_t shade) {
  std::uint64_t dots;
  std::uint64_t first;
  std::uint64_t second;
  std::memcpy(&dots, grey, 8);
  std::memcpy(&first, error, 8);
  std::memcpy(&second, error + 4, 8);
  return ((dots ^ shade) | first | second) == 0;
}

/// One dot; gives 1 for black. `error[0]` is due below the dot to the left afterwards, and
/// `error[1]` holds what the row above left for this dot.
inline unsigned dither_dot(std::uint8_t grey, std::int16_t* error, carried& carry) {
  const int ink = std::clamp(255 - grey + (carry.right + error[1]) / 16, 0, 255);
  const bool black = ink > 128;
  const int wrong = black ? ink - 255 : ink;
  error[0] = static_cast<std::int16_t>(3 * wrong + carry.below);
  carry.below = 5 * wrong + carry.beyond;
  carry.beyond = wrong;
  carry.right = 7 * wrong;
  return black;
}

void dither_row(const std::uint8_t* grey, std::size_t width, std::int16_t* error,
                std::uint8_t* bits) {
  constexpr std::uint64_t white = ~std::uint64_t{0};
  carried carry;
  std::size_t x = 0;
  for (; x + 8 <= width; x += 8, ++bits) {
    if (carry.nothing()) {
      const bool all_white = plain(grey + x, error + x + 1, white);
      if (all_white || plain(grey + x, error + x + 1, 0)) {
        *bits = all_white ? 0x00 : 0xFF;
        error[x] = 0;
        continue;
      }
    }
    unsigned byte = 0;
    for (std::size_t i = x; i < x + 8; ++i)
      byte = byte << 1 | dither_dot(grey[i], error + i, carry);
    *bits = static_cast<std::uint8_t>(byte);
  }
  for (; x < width; ++x)
    *bits |= static_cast<std::uint8_t>(dither_dot(grey[x], error + x, carry) << (7 - x % 8));
  error[width] = static_cast<std::int16_t>(carry.below);
}

} // namespace

bitmap dither(const grey_image& picture) {
  bitmap dots(picture.width, picture.height);
  // error[x + 1] is due at dot x of the row being done; error[x] is written for the next row.
  errors row_errors(std::size_t{picture.width} + 1);
  for (std::uint32_t y = 0; y < picture.height; ++y)
    dither_row(picture.row(y), picture.width, row_errors.data(),
               dots.bits.data() + y * dots.stride());
  return dots;
}

} // namespace troupe::printer
