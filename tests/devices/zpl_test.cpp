#include "devices/printer/bitmap.hpp"
#include "devices/printer/zpl.hpp"
#include "devices/printer/zpl_graphic.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

namespace troupe::printer {
namespace {

using namespace printing;

std::string encoded(const document& printed) {
  byte_vector out;
  auto done = zpl::encode(printed, {}, out);
  EXPECT_TRUE(done) << done.error().text;
  return std::string(as_text(out));
}

std::string graphic(std::uint32_t width, byte_vector bits) {
  printer::bitmap dots;
  dots.width = width;
  dots.bits = std::move(bits);
  dots.height = static_cast<std::uint32_t>(dots.bits.size() / dots.stride());
  std::string out;
  zpl::append_graphic(dots, out);
  return out;
}

/// Takes ZPL's compression apart again.
byte_vector graphic_bits(const std::string& command) {
  const auto number_at = [&](int field) {
    std::size_t at = 0;
    for (; field > 0; --field)
      at = command.find(',', at) + 1;
    return at;
  };
  const std::size_t row_digits = std::stoul(command.substr(number_at(3))) * 2;
  std::string digits;
  std::string row;
  std::string above;
  std::size_t count = 0;
  for (char c : command.substr(number_at(4))) {
    if (c >= 'g' && c <= 'z')
      count += std::size_t(c - 'f') * 20;
    else if (c >= 'G' && c <= 'Y')
      count += std::size_t(c - 'F');
    else if (c == ',')
      row.resize(row_digits, '0');
    else if (c == '!')
      row.resize(row_digits, 'F');
    else if (c == ':')
      row = above;
    else
      row.append(std::max<std::size_t>(std::exchange(count, 0), 1), c);
    if (row.size() == row_digits) {
      digits += row;
      above = std::exchange(row, {});
    }
  }
  EXPECT_TRUE(row.empty());
  return test::from_hex(digits);
}

TEST(zpl, passes_documents_through_untouched) {
  EXPECT_EQ(encoded({{raw{shared_bytes::copy_of("^XA^FDLabel^FS^XZ")}}}), "^XA^FDLabel^FS^XZ");
}

TEST(zpl, graphics_are_compressed) {
  EXPECT_EQ(graphic(16, {0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x12, 0x00}), "^GFA,8,8,2,,!:12,");
  EXPECT_EQ(graphic(8, {0xAA}), "^GFA,1,1,1,HA");
  EXPECT_EQ(graphic(24, {0x11, 0x11, 0x12}), "^GFA,3,3,3,K12");
}

TEST(zpl, graphics_come_back_as_they_were) {
  std::uint32_t noise = 5;
  for (std::size_t stride : {1U, 3U, 64U, 300U}) {
    byte_vector bits(stride * 40);
    for (std::size_t i = 0; i < bits.size(); ++i) {
      noise = noise * 1664525 + 1013904223;
      bits[i] = (i / 29) % 3 == 0 ? static_cast<std::uint8_t>(noise >> 24)
                : (i / 700) % 2   ? 0xFF
                                  : 0;
    }
    const auto command = graphic(static_cast<std::uint32_t>(stride * 8), bits);
    EXPECT_EQ(graphic_bits(command), bits) << stride;
  }
}

TEST(zpl, a_label_holds_one_thing_below_the_other) {
  EXPECT_EQ(encoded({{text{"One ^ line\nTwo", alignment::center, 2, 2}, feed{1, 4},
                      raster{8, 1, alignment::right, byte_vector{0xAA}}, cut{}}}),
            "^XA^CI28^PW576^LL155^LH0,0^MMC\n"
            "^FO0,0^A0N,52,52^FB576,1,0,C^FH^FDOne _5E line^FS\n"
            "^FO0,60^A0N,52,52^FB576,1,0,C^FH^FDTwo^FS\n"
            "^FO568,154^GFA,1,1,1,HA^FS\n"
            "^XZ\n");
}

TEST(zpl, each_cut_ends_a_label_and_raw_stands_between) {
  const auto printed =
      encoded({{text{"a"}, cut{}, cut{}, text{"b"}, raw{shared_bytes::copy_of("~HS")}}});
  EXPECT_EQ(printed.find("^XZ\n^XA"), printed.find("^XZ"));
  EXPECT_TRUE(printed.ends_with("^XZ\n~HS"));
  EXPECT_EQ(std::count(printed.begin(), printed.end(), '~'), 1);
}

TEST(zpl, barcodes_leave_their_check_digit_to_the_printer) {
  barcode bars;
  bars.kind = barcode_kind::ean13;
  bars.data = "4006381333931";
  bars.text = barcode_text::below;
  const auto printed = encoded({{bars}});
  EXPECT_NE(printed.find("^BY3^BEN,162,Y,N^FH^FD400638133393^FS"), std::string::npos) << printed;
}

TEST(zpl, a_label_printer_has_no_drawer) {
  byte_vector out;
  EXPECT_EQ(zpl::encode({{drawer_pulse{}}}, {}, out).error().code, "printer.no_drawer");
  EXPECT_TRUE(out.empty());
}

} // namespace
} // namespace troupe::printer
