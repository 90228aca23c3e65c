#include "devices/printer/dither.hpp"
#include "devices/printer/picture.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace troupe::printer {
namespace {

/// Floyd-Steinberg written down as plainly as possible, dot by dot, in Pillow's arithmetic.
bitmap plainly_dithered(const grey_image& picture) {
  bitmap dots(picture.width, picture.height);
  std::vector<int> due(picture.width + 2);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    std::vector<int> below(picture.width + 2);
    int right = 0;
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const int ink = std::clamp(255 - picture.row(y)[x] + (right + due[x]) / 16, 0, 255);
      const int wrong = ink > 128 ? ink - 255 : ink;
      if (ink > 128) dots.set_black(x, y);
      right = 7 * wrong;
      if (x > 0) below[x - 1] += 3 * wrong;
      below[x] += 5 * wrong;
      below[x + 1] += wrong;
    }
    due = below;
  }
  return dots;
}

grey_image noise(std::uint32_t width, std::uint32_t height, std::uint32_t seed) {
  grey_image picture{width, height, byte_vector(std::size_t{width} * height, 255)};
  for (std::size_t i = 0; i < picture.dots.size(); ++i) {
    seed = seed * 1664525 + 1013904223;
    // Stretches of white, of black, and of anything.
    const auto kind = (i / 37 + i / 411) % 4;
    picture.dots[i] = kind == 0   ? std::uint8_t{255}
                      : kind == 1 ? std::uint8_t{0}
                                  : static_cast<std::uint8_t>(seed >> 24);
  }
  return picture;
}

TEST(dither, a_real_receipt_is_dot_for_dot_as_pillow_prints_it) {
  auto picture = decode_picture(test::read_test_file("odoo-pos/receipt.jpg"));
  ASSERT_TRUE(picture) << picture.error().text;
  const auto dots = dither(*picture);
  const auto pillow = test::read_test_file("odoo-pos/receipt-pillow.pbm");
  ASSERT_EQ(pillow.size(), 11 + dots.bits.size());
  EXPECT_TRUE(std::equal(dots.bits.begin(), dots.bits.end(), pillow.begin() + 11));
}

TEST(dither, every_width_and_height_is_as_the_plain_way) {
  for (std::uint32_t width : {1U, 2U, 7U, 8U, 9U, 16U, 23U, 24U, 63U, 200U})
    for (std::uint32_t height : {1U, 2U, 3U, 4U, 5U, 8U, 13U}) {
      const auto picture = noise(width, height, width * 31 + height);
      EXPECT_EQ(dither(picture).bits, plainly_dithered(picture).bits) << width << " x " << height;
    }
}

TEST(dither, grey_levels_come_out_as_dense_as_they_are_dark) {
  for (int level : {0, 32, 64, 128, 192, 255}) {
    const grey_image flat{64, 64, byte_vector(64 * 64, static_cast<std::uint8_t>(level))};
    const auto dots = dither(flat);
    int black = 0;
    for (std::size_t y = 0; y < 64; ++y)
      for (std::size_t x = 0; x < 64; ++x)
        black += dots.black(x, y);
    EXPECT_NEAR(black / 4096.0, 1 - level / 255.0, 0.03) << level;
  }
}

TEST(dither, padding_stays_white) {
  const auto dots = dither({3, 2, byte_vector(6, 0)});
  EXPECT_EQ(dots.bits, (byte_vector{0xE0, 0xE0}));
}

} // namespace
} // namespace troupe::printer
