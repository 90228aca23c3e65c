#include "devices/printer/picture.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <spng.h>
#include <turbojpeg.h>

namespace troupe::printer {
namespace {

/// A grey picture as libspng writes it; any colour type, depth and interlacing.
byte_vector png(const spng_ihdr& header, byte_vector dots) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr copy = header;
  EXPECT_EQ(spng_set_ihdr(context, &copy), 0);
  EXPECT_EQ(
      spng_encode_image(context, dots.data(), dots.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
  std::size_t size = 0;
  int error = 0;
  auto* bytes = static_cast<std::uint8_t*>(spng_get_png_buffer(context, &size, &error));
  byte_vector encoded(bytes, bytes + size);
  ::free(bytes);
  spng_ctx_free(context);
  return encoded;
}

byte_vector counted(std::size_t size) {
  byte_vector dots(size);
  std::iota(dots.begin(), dots.end(), std::uint8_t{0});
  return dots;
}

/// A JPEG of coloured noise, in YCbCr with the given subsampling.
byte_vector jpeg(int width, int height, int subsampling) {
  byte_vector colors(std::size_t(width) * std::size_t(height) * 3);
  std::uint32_t noise = 1;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    noise = noise * 1664525 + 1013904223;
    colors[i] = static_cast<std::uint8_t>(noise >> 24);
    // Some rows without colour, as receipts have.
    if (i / 3 / std::size_t(width) % 9 > 4) colors[i] = i % 5 == 0 ? 0 : 255;
  }
  tjhandle handle = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(handle, colors.data(), width, 0, height, TJPF_RGB, &bytes, &size,
                        subsampling, 75, 0),
            0);
  byte_vector encoded(bytes, bytes + size);
  tjFree(bytes);
  tjDestroy(handle);
  return encoded;
}

/// The long way that Pillow goes: everything to red, green and blue, then to grey.
byte_vector grey_by_colors(const byte_vector& encoded, int width, int height) {
  byte_vector colors(std::size_t(width) * std::size_t(height) * 3);
  tjhandle handle = tjInitDecompress();
  EXPECT_EQ(tjDecompress2(handle, encoded.data(), encoded.size(), colors.data(), width, 0, height,
                          TJPF_RGB, TJFLAG_ACCURATEDCT),
            0);
  tjDestroy(handle);
  byte_vector grey;
  for (std::size_t i = 0; i < colors.size(); i += 3)
    grey.push_back(static_cast<std::uint8_t>(
        (colors[i] * 19595U + colors[i + 1] * 38470U + colors[i + 2] * 7471U + 0x8000U) >> 16));
  return grey;
}

std::string refused(const byte_vector& encoded) {
  auto decoded = decode_picture(encoded);
  return decoded ? "decoded" : decoded.error().code;
}

class like_pillow : public testing::TestWithParam<const char*> {};

TEST_P(like_pillow, is_the_same_grey) {
  const std::string name = GetParam();
  auto decoded = decode_picture(test::read_test_file("pictures/" + name));
  ASSERT_TRUE(decoded) << decoded.error().text;
  const auto expected = test::read_test_file("pictures/" + name.substr(0, name.size() - 3) + "pgm");
  ASSERT_GT(expected.size(), decoded->dots.size());
  const byte_vector dots(expected.end() - std::ptrdiff_t(decoded->dots.size()), expected.end());
  EXPECT_EQ(decoded->dots, dots);
}

INSTANTIATE_TEST_SUITE_P(kinds, like_pillow,
                         testing::Values("jpeg-444.jpg", "jpeg-422.jpg", "jpeg-420.jpg",
                                         "jpeg-progressive.jpg", "jpeg-grey.jpg", "jpeg-inks.jpg",
                                         "jpeg-narrow.jpg", "png-colour.png", "png-grey.png",
                                         "png-one-bit.png", "png-palette.png",
                                         "png-transparent.png", "png-transparent-grey.png",
                                         "png-transparent-palette.png"));

TEST(picture, jpeg_planes_give_the_grey_of_the_full_colour) {
  for (int subsampling : {TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_440, TJSAMP_411, TJSAMP_GRAY})
    for (int width : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64})
      for (int height : {1, 2, 3, 16, 33}) {
        const auto encoded = jpeg(width, height, subsampling);
        auto decoded = decode_picture(encoded);
        ASSERT_TRUE(decoded) << decoded.error().text;
        EXPECT_EQ(decoded->dots, grey_by_colors(encoded, width, height))
            << width << " x " << height << ", subsampling " << subsampling;
      }
}

TEST(picture, interlaced_png_is_the_same_picture) {
  for (std::uint8_t colors : {SPNG_COLOR_TYPE_GRAYSCALE, SPNG_COLOR_TYPE_TRUECOLOR_ALPHA}) {
    const std::size_t channels = colors == SPNG_COLOR_TYPE_GRAYSCALE ? 1 : 4;
    spng_ihdr header{19, 11, 8, colors, 0, 0, 0};
    const auto plain = decode_picture(png(header, counted(19 * 11 * channels)));
    header.interlace_method = 1;
    const auto interlaced = decode_picture(png(header, counted(19 * 11 * channels)));
    ASSERT_TRUE(plain && interlaced);
    EXPECT_EQ(plain->dots, interlaced->dots);
  }
}

TEST(picture, sixteen_bits_keep_their_upper_eight) {
  const spng_ihdr header{2, 1, 16, SPNG_COLOR_TYPE_GRAYSCALE, 0, 0, 0};
  auto decoded = decode_picture(png(header, {0x34, 0x12, 0xCD, 0xAB}));
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_NEAR(decoded->dots[0], 0x12, 1);
  EXPECT_NEAR(decoded->dots[1], 0xAB, 1);
}

TEST(picture, header_is_read_without_decoding) {
  auto header = read_picture_header(test::read_test_file("odoo-pos/receipt.jpg"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->format, picture_format::jpeg);
  EXPECT_EQ(header->width, 512U);
  EXPECT_EQ(header->height, 757U);
}

TEST(picture, cut_short_anywhere_is_refused_and_never_printed_in_part) {
  for (const char* name : {"pictures/jpeg-420.jpg", "pictures/jpeg-progressive.jpg",
                           "pictures/png-colour.png", "pictures/png-palette.png"}) {
    auto whole = test::read_test_file(name);
    // A PNG ends in two checksums and the chunk IEND, of 20 bytes together; no dot needs them.
    const std::size_t needed = whole.size() - (whole[0] == 0x89 ? 20 : 0);
    for (std::size_t length = 0; length < needed; ++length) {
      const byte_vector cut(whole.begin(), whole.begin() + std::ptrdiff_t(length));
      const auto code = refused(cut);
      EXPECT_TRUE(code.starts_with("picture.")) << name << " cut to " << length << ": " << code;
      if (length > 64) {
        EXPECT_EQ(code, "picture.truncated") << name << " cut to " << length;
      }
    }
  }
}

TEST(picture, a_bomb_is_refused_by_its_header) {
  const auto claim = [&](std::uint32_t width, std::uint32_t height) {
    spng_ihdr header{width, height, 1, SPNG_COLOR_TYPE_GRAYSCALE, 0, 0, 0};
    return png(header, byte_vector((width + 7) / 8 * std::size_t{height}));
  };
  EXPECT_EQ(refused(claim(4097, 1)), "picture.too_large");
  EXPECT_EQ(refused(claim(1, 20'001)), "picture.too_large");
  EXPECT_EQ(refused(claim(4096, 4097)), "picture.too_large");
  EXPECT_EQ(refused(claim(4096, 1)), "decoded");
  EXPECT_EQ(refused(claim(1, 20'000)), "decoded");
  EXPECT_EQ(refused(byte_vector(max_picture_bytes + 1, 0xFF)), "picture.too_large");
}

TEST(picture, says_what_is_wrong) {
  EXPECT_EQ(refused({}), "picture.empty");
  EXPECT_EQ(refused({'G', 'I', 'F'}), "picture.unknown_format");
  auto damaged = test::read_test_file("pictures/png-colour.png");
  damaged[damaged.size() / 2] ^= 0xFF;
  EXPECT_EQ(refused(damaged), "picture.broken");
  auto none = decode_picture({});
  EXPECT_FALSE(none.error().remedy.empty());
}

TEST(picture, scales_down_by_the_mean_and_up_smoothly) {
  const grey_image four{4, 2, {0, 100, 200, 40, 20, 120, 220, 60}};
  EXPECT_EQ(scale(four, 2, 1).dots, (byte_vector{60, 130}));
  const grey_image two{2, 1, {0, 200}};
  EXPECT_EQ(scale(two, 4, 1).dots, (byte_vector{0, 50, 150, 200}));
  const grey_image flat{7, 5, byte_vector(35, 77)};
  for (std::uint32_t side : {1U, 2U, 3U, 6U, 11U, 40U})
    EXPECT_EQ(scale(flat, side, side).dots, byte_vector(std::size_t{side} * side, 77));
}

TEST(picture, scale_percent_keeps_to_the_limits) {
  auto half = scale_percent({10, 20, byte_vector(200, 9)}, 70);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->width, 7U);
  EXPECT_EQ(half->height, 14U);
  EXPECT_EQ(scale_percent({1, 1, {5}}, 1)->dots, byte_vector{5});
  EXPECT_EQ(scale_percent({2000, 1, byte_vector(2000)}, 400).error().code, "picture.too_large");
  EXPECT_EQ(scale_percent({1, 1, {5}}, 0).error().code, "picture.bad_scale");
  EXPECT_EQ(scale_percent({1, 1, {5}}, 401).error().code, "picture.bad_scale");
}

} // namespace
} // namespace troupe::printer
