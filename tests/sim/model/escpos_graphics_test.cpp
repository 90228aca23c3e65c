#include "tests/sim/model/printing.hpp"

#include <gtest/gtest.h>

namespace troupe::sim::test {

static byte_vector pattern(std::size_t size) {
  byte_vector made(size);
  std::uint32_t seed = 12345;
  for (auto& byte : made)
    byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return made;
}

TEST(escpos_raster, comes_out_as_exactly_the_dots_that_were_sent) {
  constexpr std::size_t row_bytes = 72, height = 757;
  auto dots = pattern(row_bytes * height);
  byte_vector job;
  for (std::size_t y = 0; y < height; y += 255) { // slices as a box sends them
    auto rows = std::min<std::size_t>(255, height - y);
    job = bytes(job, raster(row_bytes,
                            {dots.begin() + y * row_bytes, dots.begin() + (y + rows) * row_bytes}));
  }
  auto paper = print(job);
  EXPECT_EQ(paper.height, height);
  EXPECT_TRUE(
      std::equal(dots.begin(), dots.end(), paper.bits.view().begin(), paper.bits.view().end()));
  EXPECT_EQ(paper.text, "[picture 576x757]\n");
}

TEST(escpos_raster, contents_that_look_like_commands_stay_dots) {
  auto dots = bytes(dle, 0x04, 1, esc, "@", gs, "V", 0);
  escpos_printer printer;
  auto all = printer.feed(bytes(raster(8, dots), gs, "V", 0));
  auto done = receipts(all);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].height, 1u);
  EXPECT_TRUE(std::equal(dots.begin(), dots.end(), done[0].bits.view().begin()));
  EXPECT_EQ(replies(all).size(), 1u) << "real-time status is answered even inside a picture";
}

struct raster_case {
  const char* name;
  byte_vector sent;
  extent expected;
};

class escpos_picture : public testing::TestWithParam<raster_case> {};

TEST_P(escpos_picture, stands_where_it_should) {
  auto found = black_extent(print(GetParam().sent));
  const auto& expected = GetParam().expected;
  EXPECT_EQ(found.left, expected.left);
  EXPECT_EQ(found.right, expected.right);
  EXPECT_EQ(found.top, expected.top);
  EXPECT_EQ(found.bottom, expected.bottom);
}

static byte_vector black(std::size_t size) {
  return byte_vector(size, 0xFF);
}

INSTANTIATE_TEST_SUITE_P(
    pictures, escpos_picture,
    testing::Values(
        raster_case{"left", raster(2, black(8)), {0, 15, 0, 3}},
        raster_case{"centered", bytes(esc, "a", 1, raster(2, black(8))), {280, 295, 0, 3}},
        raster_case{"double_width", raster(2, black(8), 1), {0, 31, 0, 3}},
        raster_case{"double_height", raster(2, black(8), 2), {0, 15, 0, 7}},
        raster_case{"quadruple", raster(2, black(8), '3'), {0, 31, 0, 7}},
        raster_case{"wider_than_the_paper", raster(100, black(200)), {0, 575, 0, 1}},
        raster_case{
            "after_text_on_rows_of_its_own", bytes(" ", raster(1, black(1))), {0, 7, 24, 24}},
        raster_case{
            "column_24_dots_dense", bytes(esc, "*", 33, 2, 0, black(6), "\n"), {0, 1, 0, 23}},
        raster_case{
            "column_24_dots_wide", bytes(esc, "*", 32, 2, 0, black(6), "\n"), {0, 3, 0, 23}},
        raster_case{"column_8_dots_dense", bytes(esc, "*", 1, 2, 0, black(2), "\n"), {0, 1, 0, 23}},
        raster_case{"column_8_dots_wide", bytes(esc, "*", 0, 2, 0, black(2), "\n"), {0, 3, 0, 23}},
        raster_case{"column_upper_dot_is_the_highest_bit",
                    bytes(esc, "*", 33, 1, 0, 0x80, 0, 0, "\n"),
                    {0, 0, 0, 0}},
        raster_case{"downloaded", bytes(gs, "*", 1, 1, black(8), gs, "/", 3), {0, 15, 0, 15}},
        raster_case{
            "nv_bit_image", bytes(fs, "q", 1, 2, 0, 1, 0, black(16), fs, "p", 1, 0), {0, 15, 0, 7}},
        raster_case{"graphics_stored_and_printed",
                    bytes(gs, "(L", 12, 0, 48, 112, 48, 1, 1, 49, 16, 0, 1, 0, black(2), gs, "(L",
                          2, 0, 48, 50),
                    {0, 15, 0, 0}},
        raster_case{"graphics_by_the_long_form",
                    bytes(gs, "8L", 12, 0, 0, 0, 48, 112, 48, 2, 2, 49, 16, 0, 1, 0, black(2), gs,
                          "(L", 2, 0, 48, 50),
                    {0, 31, 0, 1}},
        raster_case{"graphics_in_columns",
                    bytes(gs, "(L", 12, 0, 48, 113, 48, 1, 1, 49, 2, 0, 8, 0, black(2), gs, "(L", 2,
                          0, 48, 50),
                    {0, 1, 0, 7}},
        raster_case{"graphics_kept_under_a_key",
                    bytes(gs, "(L", 13, 0, 48, 67, 48, "G1", 1, 16, 0, 1, 0, 49, black(2), gs, "(L",
                          6, 0, 48, 69, "G1", 1, 1),
                    {0, 15, 0, 0}}),
    [](const auto& given) { return given.param.name; });

TEST(escpos_columns, strips_with_small_spacing_join_to_one_picture) {
  byte_vector job = bytes(esc, "3", 16);
  for (int strip = 0; strip < 4; ++strip)
    job = bytes(job, esc, "*", 33, 10, 0, black(30), "\n");
  auto paper = print(bytes(job, esc, "2"));
  EXPECT_EQ(paper.height, 96u);
  EXPECT_EQ(black_extent(paper).bottom, 95u);
  EXPECT_EQ(paper.text, "[picture 10x96]\n");
}

TEST(escpos_graphics, a_picture_too_large_to_keep_is_skipped_as_a_whole) {
  escpos_printer printer;
  auto size = command_data_bytes + 10;
  auto job =
      bytes(gs, "8L", size & 255, size >> 8 & 255, size >> 16 & 255, 0, byte_vector(size, 'x'));
  EXPECT_EQ(print(printer, bytes(job, "after\n")).text, "after\n");
  EXPECT_EQ(printer.unknown_commands().size(), 1u);
}

} // namespace troupe::sim::test
