#include "devices/printer/bitmap.hpp"
#include "devices/printer/escpos.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

namespace troupe::printer {
namespace {

using namespace printing;
using test::from_hex;
using test::operator+;

byte_vector encoded(const document& printed,
                    escpos::picture_mode mode = escpos::picture_mode::raster,
                    const encode_options& options = {}) {
  byte_vector out;
  auto done = escpos::encode(printed, mode, options, out);
  EXPECT_TRUE(done) << done.error().text;
  return out;
}

std::string refused(const document& printed) {
  byte_vector out{0x42};
  auto done = escpos::encode(printed, escpos::picture_mode::raster, {}, out);
  EXPECT_EQ(out, byte_vector{0x42}) << "a fault must append nothing";
  return done ? "accepted" : done.error().code;
}

barcode bars(barcode_kind kind, std::string data) {
  barcode made;
  made.kind = kind;
  made.data = std::move(data);
  return made;
}

raster dots(std::uint16_t width, std::uint16_t height, std::uint8_t fill = 0xAA) {
  return {width, height, alignment::center,
          byte_vector(std::size_t{(width + 7U) / 8U} * height, fill)};
}

struct escpos_case {
  const char* name;
  operation printed;
  byte_vector expected;
};

class escpos_bytes : public testing::TestWithParam<escpos_case> {};

TEST_P(escpos_bytes, are_exact) {
  EXPECT_EQ(encoded({{GetParam().printed}}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    operations, escpos_bytes,
    testing::Values(
        escpos_case{"cut", cut{}, from_hex("1D 56 41 0A")},
        escpos_case{"cut_here", cut{cut_kind::cut_here}, from_hex("1D 56 01")},
        escpos_case{"both_drawers", drawer_pulse{},
                    from_hex("1B 3D 01 1B 70 00 19 19 1B 70 01 19 19")},
        escpos_case{"second_drawer", drawer_pulse{1, 200}, from_hex("1B 3D 01 1B 70 01 64 64")},
        escpos_case{"long_pulse", drawer_pulse{0, 510}, from_hex("1B 3D 01 1B 70 00 FF FF")},
        escpos_case{"raster", dots(12, 2),
                    from_hex("1B 61 01 1D 76 30 00 02 00 02 00 AA AA AA AA")},
        escpos_case{"feed", feed{3, 300}, from_hex("1B 64 03 1B 4A FF 1B 4A 2D")},
        escpos_case{"nothing_fed", feed{}, {}},
        escpos_case{"raw", raw{shared_bytes::copy_of("\x1B@any")}, from_hex("1B 40") + "any"},
        escpos_case{"text", text{"Hello\n"}, from_hex("1B 61 00") + "Hello\n"},
        escpos_case{"styled", text{"A\n", alignment::right, 2, 2, true, true, false},
                    from_hex("1B 61 02 1B 21 B8") + "A\n" + from_hex("1B 21 00")},
        escpos_case{"huge_reverse", text{"A", alignment::left, 4, 3, false, false, true},
                    from_hex("1B 61 00 1B 21 00 1D 21 32 1D 42 01") + "A" +
                        from_hex("1B 21 00 1D 42 00")},
        escpos_case{"euro", text{"5 €\n"},
                    from_hex("1B 61 00 1C 2E 1B 74 13") + "5 " + from_hex("D5 0A")},
        escpos_case{"german", text{"Größe\n"},
                    from_hex("1B 61 00 1C 2E 1B 74 00") + "Gr" + from_hex("94 E1") + "e\n"},
        escpos_case{"cyrillic", text{"Да"}, from_hex("1B 61 00 1C 2E 1B 74 11 84 A0")},
        escpos_case{"nobody_has_it", text{"漢a\n"}, from_hex("1B 61 00 1C 2E 1B 74 00") + "?a\n"},
        escpos_case{"no_smuggled_commands", text{"a\x1B\x1D@b\n"}, from_hex("1B 61 00") + "a@b\n"},
        escpos_case{"code128", bars(barcode_kind::code128, "A{1"),
                    from_hex("1B 61 00 1D 68 A2 1D 77 03 1D 48 00 1D 6B 49 06 7B 42 41 7B 7B 31")},
        escpos_case{"code128_with_set", bars(barcode_kind::code128, "{C\x0C\x22"),
                    from_hex("1B 61 00 1D 68 A2 1D 77 03 1D 48 00 1D 6B 49 04 7B 43 0C 22")},
        escpos_case{"ean13", bars(barcode_kind::ean13, "4006381333931"),
                    from_hex("1B 61 00 1D 68 A2 1D 77 03 1D 48 00 1D 6B 43 0D") + "4006381333931"},
        escpos_case{"qr", qr_code{"hi", 4, "Q", alignment::center},
                    from_hex("1B 61 01 1D 28 6B 04 00 31 41 32 00 1D 28 6B 03 00 31 43 04 "
                             "1D 28 6B 03 00 31 45 32 1D 28 6B 05 00 31 50 30 68 69 "
                             "1D 28 6B 03 00 31 51 30")}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(escpos, a_receipt_of_odoo_is_centre_slices_and_cut) {
  const auto receipt = test::read_test_file("odoo-pos/receipt.jpg");
  const auto pillow = test::read_test_file("odoo-pos/receipt-pillow.pbm");
  ASSERT_EQ(pillow.size(), 11U + 64 * 757);
  const byte_span rows = byte_span(pillow).subspan(11);
  const auto slice = [&](std::size_t first, std::size_t count) {
    const auto part = rows.subspan(first * 64, count * 64);
    return from_hex("1D 76 30 00 40 00") + byte_vector{static_cast<std::uint8_t>(count), 0} +
           as_text(part);
  };
  const auto bytes = encoded({{picture{receipt}, cut{}}});
  const auto expected = from_hex("1B 61 01") + slice(0, 255) + slice(255, 255) + slice(510, 247) +
                        from_hex("1D 56 41 0A");
  ASSERT_EQ(bytes.size(), expected.size());
  EXPECT_EQ(bytes, expected);
}

TEST(escpos, column_mode_turns_strips_of_24_or_8_dots) {
  printer::bitmap drawn(2, 10);
  drawn.set_black(0, 0);
  drawn.set_black(1, 9);
  const raster given{2, 10, alignment::left, drawn.bits};
  const auto columns = escpos::picture_mode::column;
  EXPECT_EQ(encoded({{given}}, columns),
            from_hex("1B 61 00 1B 33 10 1B 2A 21 02 00 80 00 00 00 40 00 0A 1B 32"));
  encode_options low;
  low.column = {false, false};
  EXPECT_EQ(encoded({{given}}, columns, low),
            from_hex("1B 61 00 1B 33 10 1B 2A 00 02 00 80 00 0A 1B 2A 00 02 00 00 40 0A 1B 32"));
}

TEST(escpos, slices_as_high_as_asked) {
  encode_options options;
  options.slice_rows = 2;
  EXPECT_EQ(encoded({{dots(8, 3)}}, escpos::picture_mode::raster, options),
            from_hex("1B 61 01 1D 76 30 00 01 00 02 00 AA AA 1D 76 30 00 01 00 01 00 AA"));
}

TEST(escpos, says_only_what_changes) {
  EXPECT_EQ(encoded({{text{"a\n"}, text{"b\n"}, text{"€"}, text{"€\n"}}}),
            from_hex("1B 61 00") + "a\nb\n" + from_hex("1C 2E 1B 74 13 D5 D5 0A"));
}

TEST(escpos, knows_nothing_of_the_printer_after_raw_bytes) {
  EXPECT_EQ(encoded({{text{"a\n"}, raw{shared_bytes::copy_of("x")}, text{"b\n"}}}),
            from_hex("1B 61 00") + "a\nx" + from_hex("1B 61 00 1B 21 00 1D 42 00") + "b\n");
}

TEST(escpos, ends_an_open_line_before_what_needs_a_fresh_one) {
  for (const operation& next : {operation{cut{}}, operation{dots(8, 1)}, operation{qr_code{"x"}}}) {
    const auto bytes = encoded({{text{"open"}, next}});
    EXPECT_EQ(bytes[7], 0x0A);
  }
}

TEST(escpos, changes_the_page_where_the_next_character_needs_it) {
  EXPECT_EQ(encoded({{text{"é Я\n"}}}), from_hex("1B 61 00 1C 2E 1B 74 00 82 20 1B 74 11 9F 0A"));
}

TEST(escpos, says_what_is_wrong) {
  EXPECT_EQ(refused({{cut{}, picture{}}}), "picture.empty");
  EXPECT_EQ(refused({{picture{shared_bytes::copy_of("GIF89a")}}}), "picture.unknown_format");
  EXPECT_EQ(refused({{raster{9, 9, alignment::left, byte_vector(9)}}}), "raster.bad_size");
  EXPECT_EQ(refused({{raster{}}}), "raster.bad_size");
  EXPECT_EQ(refused({{bars(barcode_kind::ean13, "12345")}}), "barcode.bad_data");
  EXPECT_EQ(refused({{bars(barcode_kind::ean13, "12345678901a")}}), "barcode.bad_data");
  EXPECT_EQ(refused({{bars(barcode_kind::itf, "123")}}), "barcode.bad_data");
  EXPECT_EQ(refused({{bars(barcode_kind::code39, "abc")}}), "barcode.bad_data");
  EXPECT_EQ(refused({{qr_code{}}}), "barcode.bad_data");
  EXPECT_EQ(refused({{qr_code{std::string(7090, '1')}}}), "barcode.bad_data");
  document pages;
  for (int i = 0; i < 9; ++i)
    pages.operations.push_back(raw{byte_vector(4 * 1024 * 1024)});
  EXPECT_EQ(refused(pages), "document.too_large");
}

} // namespace
} // namespace troupe::printer
