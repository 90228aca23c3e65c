#include "tests/sim/model/printing.hpp"

#include <gtest/gtest.h>

namespace troupe::sim::test {

struct text_case {
  const char* name;
  byte_vector sent;
  const char* text;
};

class escpos_text : public testing::TestWithParam<text_case> {};

TEST_P(escpos_text, is_read_as_the_code_page_says) {
  EXPECT_EQ(print(GetParam().sent).text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    code_pages, escpos_text,
    testing::Values(
        text_case{"ascii", bytes("Coffee 2.20\n"), "Coffee 2.20\n"},
        text_case{"two_lines", bytes("a\r\nb\n"), "a\nb\n"},
        text_case{"pc437_by_default", bytes(0x82, 0xE1, "\n"), "éß\n"},
        text_case{"pc850", bytes(esc, "t", 2, 0xD5, 0xB8, "\n"), "ı©\n"},
        text_case{"pc858_has_the_euro", bytes(esc, "t", 19, 0xD5, "\n"), "€\n"},
        text_case{"wpc1252", bytes(esc, "t", 16, 0x80, 0xFC, "\n"), "€ü\n"},
        text_case{"pc852", bytes(esc, "t", 18, 0xA5, 0x9F, "\n"), "ąč\n"},
        text_case{"pc866", bytes(esc, "t", 17, 0x8F, 0xE0, "\n"), "Пр\n"},
        text_case{"katakana", bytes(esc, "t", 1, 0xB1, "\n"), "ｱ\n"},
        text_case{"unknown_page_keeps_the_old", bytes(esc, "t", 99, 0x82, "\n"), "é\n"},
        text_case{"germany", bytes(esc, "R", 2, "[{~\n"), "Ääß\n"},
        text_case{"united_kingdom", bytes(esc, "R", 3, "#5\n"), "£5\n"},
        text_case{"reset_forgets_the_page", bytes(esc, "t", 17, esc, "@", 0x82, "\n"), "é\n"},
        text_case{"disabled_printer_ignores", bytes(esc, "=", 0, "lost", esc, "=", 1, "kept\n"),
                  "kept\n"},
        text_case{"tab_is_a_blank", bytes("a\tb\n"), "a b\n"},
        text_case{"user_characters_are_skipped",
                  bytes(esc, "&", 3, "AB", 2, "xxxxxx", 1, "yyy", "C\n"), "C\n"},
        text_case{"unknown_commands_are_skipped", bytes(esc, 0x7E, "a", gs, 0x7E, "b\n"), "ab\n"},
        text_case{"escape_before_a_command", bytes(esc, esc, "E", 1, "a\n"), "a\n"},
        text_case{"print_at_cut", bytes("no line end"), "no line end\n"}),
    [](const auto& given) { return given.param.name; });

struct size_case {
  const char* name;
  byte_vector sent;
  std::size_t height;
};

class escpos_feed : public testing::TestWithParam<size_case> {};

TEST_P(escpos_feed, moves_the_paper) {
  EXPECT_EQ(print(GetParam().sent).height, GetParam().height);
}

INSTANTIATE_TEST_SUITE_P(
    feeds, escpos_feed,
    testing::Values(
        size_case{"line_is_30_dots", bytes("a\n"), 30}, size_case{"empty_line", bytes("\n"), 30},
        size_case{"line_spacing", bytes(esc, "3", 50, "a\n"), 50},
        size_case{"line_is_never_lower_than_its_characters", bytes(esc, "3", 0, "a\n"), 24},
        size_case{"default_spacing_again", bytes(esc, "3", 50, esc, "2", "a\n"), 30},
        size_case{"double_height", bytes(gs, "!", 0x01, "a\n"), 48},
        size_case{"print_mode_double_height", bytes(esc, "!", 0x10, "a\n"), 48},
        size_case{"eight_times", bytes(gs, "!", 0x77, "a\n"), 192},
        size_case{"font_b_fits_the_line", bytes(esc, "M", 1, "a\n"), 30},
        size_case{"font_b_alone", bytes(esc, "3", 0, esc, "M", 1, "a\n"), 17},
        size_case{"feed_dots", bytes(esc, "J", 100), 100},
        size_case{"feed_lines", bytes(esc, "d", 3), 90},
        size_case{"feed_and_cut", bytes("a\n", gs, "VA", 10), 40},
        size_case{"motion_units", bytes(gs, "P", 0, 203, esc, "J", 100), 100},
        size_case{"half_motion_units", bytes(gs, "P", 0, 101, esc, "J", 101), 203},
        size_case{"wraps_after_48_characters", bytes(std::string(49, 'x'), "\n"), 60},
        size_case{"font_b_wraps_after_64", bytes(esc, "M", 1, std::string(64, 'x'), "\n"), 30}),
    [](const auto& given) { return given.param.name; });

TEST(escpos_cut, first_receipt_ends_at_the_first_cut) {
  escpos_printer printer;
  auto done = receipts(printer.feed(bytes("one\n", gs, "V", 1, "two\n", esc, "i", gs, "VB", 0)));
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].text, "one\n");
  EXPECT_EQ(done[0].cut, cut_kind::partial);
  EXPECT_EQ(done[0].number, 1u);
  EXPECT_EQ(done[1].text, "two\n");
  EXPECT_EQ(done[1].number, 2u);
}

struct place_case {
  const char* name;
  byte_vector sent;
  std::size_t left, right;
};

class escpos_place : public testing::TestWithParam<place_case> {};

// The black square (DBh of code page 437) fills its cell, so its edges tell where it stands.
TEST_P(escpos_place, puts_the_character) {
  auto found = black_extent(print(bytes(GetParam().sent, 0xDB, "\n")));
  EXPECT_EQ(found.left, GetParam().left);
  EXPECT_EQ(found.right, GetParam().right);
}

INSTANTIATE_TEST_SUITE_P(
    places, escpos_place,
    testing::Values(place_case{"at_the_left", {}, 0, 11},
                    place_case{"centered", bytes(esc, "a", 1), 282, 293},
                    place_case{"right", bytes(esc, "a", 2), 564, 575},
                    place_case{"ascii_parameter", bytes(esc, "a2"), 564, 575},
                    place_case{"font_b", bytes(esc, "M", 1), 0, 8},
                    place_case{"double_width", bytes(gs, "!", 0x10), 0, 23},
                    place_case{"absolute", bytes(esc, "$", 100, 0), 100, 111},
                    place_case{"relative", bytes(esc, "$", 100, 0, esc, "\\", 10, 0), 110, 121},
                    place_case{"back", bytes(esc, "$", 100, 0, esc, "\\", 0xF6, 0xFF), 90, 101},
                    place_case{"beyond_the_paper_is_ignored", bytes(esc, "$", 0xFF, 0x7F), 0, 11},
                    place_case{"default_tab", bytes("\t"), 96, 107},
                    place_case{"own_tabs", bytes(esc, "D", 2, 20, 0, "\t\t"), 240, 251},
                    place_case{"left_margin", bytes(gs, "L", 50, 0), 50, 61},
                    place_case{"margin_and_width",
                               bytes(gs, "L", 50, 0, gs, "W", 100, 0, esc, "a", 2), 138, 149},
                    place_case{"upside_down", bytes(esc, "{", 1), 564, 575},
                    place_case{"turned", bytes(esc, "V", 1), 0, 23}),
    [](const auto& given) { return given.param.name; });

static std::size_t black_dots(const receipt& paper) {
  std::size_t dots = 0;
  for (std::size_t y = 0; y < paper.height; ++y)
    for (std::size_t x = 0; x < paper.width; ++x)
      dots += paper.black(x, y);
  return dots;
}

TEST(escpos_style, each_style_changes_the_dots) {
  auto plain = black_dots(print(bytes("Total\n")));
  EXPECT_GT(black_dots(print(bytes(esc, "E", 1, "Total\n"))), plain);
  EXPECT_EQ(black_dots(print(bytes(esc, "E", 1, esc, "E", 0, "Total\n"))), plain);
  EXPECT_EQ(black_dots(print(bytes(esc, "-", 1, "Total\n"))), plain + 5 * 12);
  EXPECT_EQ(black_dots(print(bytes(gs, "B", 1, "Total\n"))), 5 * 12 * 24 - plain);
  EXPECT_EQ(black_dots(print(bytes(gs, "!", 0x11, "Total\n"))), 4 * plain);
  EXPECT_EQ(black_dots(print(bytes(esc, "{", 1, "Total\n"))), plain);
}

TEST(escpos_page_mode, prints_the_page_as_a_whole) {
  auto paper = print(bytes(esc, "L", "down", lf, "here", gs, "$", 200, 0, "far", 0x0C));
  EXPECT_EQ(paper.text, "down\nhere\nfar\n");
  EXPECT_GE(paper.height, 200u);
}

TEST(escpos_page_mode, an_area_turned_by_ninety_degrees_is_as_high_as_it_was_wide) {
  auto paper =
      print(bytes(esc, "L", esc, "W", 0, 0, 0, 0, 100, 0, 44, 1, esc, "T", 3, "sideways", 0x0C));
  EXPECT_EQ(paper.height, 300u);
  EXPECT_LT(black_extent(paper).right, 100u);
  EXPECT_GT(black_extent(paper).bottom, 80u);
}

} // namespace troupe::sim::test
