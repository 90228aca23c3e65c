#include "devices/printer/star.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

namespace troupe::printer {
namespace {

using namespace printing;
using test::from_hex;
using test::operator+;

byte_vector encoded(const document& printed) {
  byte_vector out;
  auto done = star::encode(printed, {}, out);
  EXPECT_TRUE(done) << done.error().text;
  return out;
}

barcode bars(barcode_kind kind, std::string data, std::uint8_t module = 3,
             barcode_text text = barcode_text::none) {
  return {kind, std::move(data), module, 80, text, alignment::center};
}

struct star_case {
  const char* name;
  operation printed;
  byte_vector expected;
};

class star_bytes : public testing::TestWithParam<star_case> {};

TEST_P(star_bytes, are_exact) {
  EXPECT_EQ(encoded({{GetParam().printed}}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    operations, star_bytes,
    testing::Values(
        star_case{"cut", cut{}, from_hex("1B 64 02")},
        star_case{"cut_here", cut{cut_kind::cut_here}, from_hex("1B 64 00")},
        star_case{"both_drawers", drawer_pulse{}, from_hex("07 1A")},
        star_case{"first_drawer", drawer_pulse{0, 50}, from_hex("07")},
        star_case{"second_drawer_longer", drawer_pulse{1, 200}, from_hex("1B 07 14 14 1A")},
        star_case{
            "raster", raster{12, 2, alignment::center, byte_vector{1, 2, 3, 4}},
            from_hex("1B 1D 61 01 1B 2A 72 41 1B 2A 72 50 30 00 62 02 00 01 02 62 02 00 03 04 "
                     "1B 2A 72 42")},
        star_case{"feed", feed{9, 5}, from_hex("1B 49 FF 1B 49 14")},
        star_case{"raw", raw{shared_bytes::copy_of("x\x1By")}, from_hex("78 1B 79")},
        star_case{"title", text{"T\n", alignment::center, 2, 2},
                  from_hex("1B 1D 61 01 1B 69 01 01") + "T\n" + from_hex("1B 69 00 00")},
        star_case{"styled", text{"a", alignment::left, 1, 1, true, true, true},
                  from_hex("1B 1D 61 00 1B 45 1B 2D 01 1B 34") + "a" +
                      from_hex("1B 46 1B 2D 00 1B 35")},
        star_case{"euro", text{"€\n"}, from_hex("1B 1D 61 00 1B 1D 74 04 D5 0A")},
        star_case{"code128", bars(barcode_kind::code128, "A%\x01"),
                  from_hex("1B 1D 61 01 1B 62 36 31 32 50") + "A%0%A" + from_hex("1E")},
        star_case{"code128_of_epson",
                  bars(barcode_kind::code128, "{C\x0C\x22", 2, barcode_text::below),
                  from_hex("1B 1D 61 01 1B 62 36 32 31 50") + "1234" + from_hex("1E")},
        star_case{"itf", bars(barcode_kind::itf, "1234", 4),
                  from_hex("1B 1D 61 01 1B 62 35 31 39 50") + "1234" + from_hex("1E")},
        star_case{"qr", qr_code{"hi", 16, "M", alignment::center},
                  from_hex("1B 1D 61 01 1B 1D 79 53 30 02 1B 1D 79 53 31 01 1B 1D 79 53 32 08 "
                           "1B 1D 79 44 31 00 02 00 68 69 1B 1D 79 50")}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(star, a_picture_is_centred_and_dithered) {
  const auto bytes = encoded({{picture{test::read_test_file("odoo-pos/receipt.jpg")}, cut{}}});
  const auto start = from_hex("1B 1D 61 01 1B 2A 72 41 1B 2A 72 50 30 00 62 40 00");
  const auto end = from_hex("1B 2A 72 42 1B 64 02");
  ASSERT_EQ(bytes.size(), 14 + 757 * 67 + end.size());
  EXPECT_TRUE(std::equal(start.begin(), start.end(), bytes.begin()));
  EXPECT_TRUE(std::equal(end.rbegin(), end.rend(), bytes.rbegin()));
}

TEST(star, appends_nothing_on_a_fault) {
  byte_vector out{1};
  auto done = star::encode({{cut{}, bars(barcode_kind::ean8, "x")}}, {}, out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "barcode.bad_data");
  EXPECT_EQ(out, byte_vector{1});
}

} // namespace
} // namespace troupe::printer
