#include "sim/model/bitmap.hpp"
#include "sim/model/paper.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

TEST(paper, a_cut_takes_all_and_begins_anew) {
  strip paper(16);
  const std::uint8_t row[] = {0x80, 0x01};
  paper.print_row(row);
  paper.feed(2);
  paper.add_text("hello\n");
  auto done = paper.cut(cut_kind::full);
  EXPECT_EQ(done.number, 1u);
  EXPECT_EQ(done.height, 3u);
  EXPECT_TRUE(done.black(0, 0));
  EXPECT_TRUE(done.black(15, 0));
  EXPECT_FALSE(done.black(0, 1));
  EXPECT_FALSE(done.black(16, 0));
  EXPECT_EQ(done.text, "hello\n");
  EXPECT_EQ(paper.height(), 0u);
  EXPECT_EQ(paper.number(), 2u);
  EXPECT_TRUE(paper.text().empty());
}

TEST(paper, text_is_cut_at_a_character) {
  strip paper(8);
  std::string euros;
  while (euros.size() <= receipt_text_bytes)
    euros += "€";
  paper.add_text(euros);
  EXPECT_EQ(paper.text().size(), receipt_text_bytes / 3 * 3);
}

TEST(paper, equal_paper_has_an_equal_hash_and_other_paper_another) {
  auto make = [](std::uint8_t dots) {
    strip paper(8);
    paper.print_row(byte_span(&dots, 1));
    return paper.cut(cut_kind::full).hash();
  };
  EXPECT_EQ(make(1), make(1));
  EXPECT_NE(make(1), make(2));
}

TEST(paper, png_has_the_right_head_and_none_is_made_of_nothing) {
  const std::uint8_t dots[] = {0xF0, 0x0F};
  auto png = encode_png(8, 2, dots);
  ASSERT_TRUE(png);
  EXPECT_EQ(as_text(byte_span(*png).first(8)), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ((*png)[19], 8); // width
  EXPECT_EQ((*png)[23], 2); // height
  EXPECT_EQ((*png)[24], 1); // bits a dot
  EXPECT_EQ((*png)[25], 0); // greyscale
  EXPECT_FALSE(encode_png(8, 0, {}));
  EXPECT_FALSE(encode_png(8, 3, dots));
}

TEST(bitmap, rows_are_drawn_at_any_offset_and_clipped) {
  bitmap target(20, 2);
  const std::uint8_t row[] = {0xFF, 0xFF, 0xFF};
  target.draw_row(5, 0, row, 24);
  for (std::size_t x = 0; x < 24; ++x)
    EXPECT_EQ(target.at(x, 0), x >= 5 && x < 20) << x;
  target.draw_row(3, 1, row, 2);
  for (std::size_t x = 0; x < 20; ++x)
    EXPECT_EQ(target.at(x, 1), x == 3 || x == 4) << x;
  target.draw_row(20, 0, row, 8);
  target.draw_row(0, 2, row, 8);
  EXPECT_EQ(target.row(0)[2] & 0x0F, 0) << "padding stays white";
}

TEST(bitmap, turning_four_times_gives_the_same) {
  bitmap shape(5, 3);
  shape.set(0, 0);
  shape.set(4, 1);
  EXPECT_TRUE(shape.turned_right().at(2, 0));
  EXPECT_EQ(shape.turned_right().turned_right(), shape.turned_half());
  EXPECT_EQ(shape.turned_half().turned_half(), shape);
}

} // namespace troupe::sim
