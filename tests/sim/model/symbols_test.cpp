#include "tests/sim/model/printing.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace troupe::sim::test {

/// What zbarimg reads on the paper, as "TYPE:data" lines.
static std::string read_codes(const receipt& paper, const std::string& name) {
  auto png = encode_png(paper.width, paper.height, paper.bits.view());
  if (!png) return "no paper";
  auto path = std::filesystem::temp_directory_path() /
              ("troupe-" + name + "-" + std::to_string(::getpid()) + ".png");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(png->data()), static_cast<std::streamsize>(png->size()));
  auto command =
      "zbarimg -q --nodbus -Sdisable -Sean13.enable -Sean8.enable -Supca.enable -Supce.enable "
      "-Scode39.enable -Si25.enable -Scodabar.enable -Scode93.enable -Scode128.enable "
      "-Sqrcode.enable '" +
      path.string() + "' 2>/dev/null";
  std::string output;
  if (auto* pipe = ::popen(command.c_str(), "r")) {
    char buffer[512];
    while (auto count = std::fread(buffer, 1, sizeof buffer, pipe))
      output.append(buffer, count);
    ::pclose(pipe);
  }
  std::filesystem::remove(path);
  return output;
}

struct code_case {
  const char* name;
  byte_vector sent;
  const char* read;
  const char* text;
};

class printed_code : public testing::TestWithParam<code_case> {};

TEST_P(printed_code, is_read_back_from_the_paper) {
  const auto& test = GetParam();
  auto paper = print(bytes("\n", esc, "a", 1, gs, "w", 3, gs, "h", 80, test.sent, "\n"));
  EXPECT_EQ(read_codes(paper, test.name), std::string(test.read) + "\n");
  EXPECT_NE(paper.text.find(test.text), std::string::npos) << paper.text;
}

static byte_vector qr(const std::string& data, int level) {
  auto size = data.size() + 3;
  return bytes(gs, "(k", 3, 0, 49, 67, 6, gs, "(k", 3, 0, 49, 69, level, gs, "(k", size & 255,
               size >> 8, 49, 80, 48, data, gs, "(k", 3, 0, 49, 81, 48);
}

INSTANTIATE_TEST_SUITE_P(
    codes, printed_code,
    testing::Values(
        code_case{"upc_a", bytes(gs, "k", 0, "03600029145", 0), "UPC-A:036000291452", "[UPC-A"},
        code_case{"upc_e", bytes(gs, "k", 66, 11, "01234500006"), "UPC-E:01234565", "[UPC-E"},
        code_case{"ean13", bytes(gs, "k", 2, "400638133393", 0), "EAN-13:4006381333931",
                  "[EAN13 4006381333931]"},
        code_case{"ean13_function_b", bytes(gs, "k", 67, 13, "4006381333931"),
                  "EAN-13:4006381333931", "[EAN13 4006381333931]"},
        code_case{"ean8", bytes(gs, "k", 3, "9638507", 0), "EAN-8:96385074", "[EAN8 96385074]"},
        code_case{"code39", bytes(gs, "k", 4, "TROUPE-39", 0), "CODE-39:TROUPE-39", "[CODE39"},
        code_case{"itf", bytes(gs, "k", 5, "1234567890", 0), "I2/5:1234567890", "[ITF 1234567890]"},
        code_case{"codabar", bytes(gs, "k", 71, 10, "A40156:+$B"), "Codabar:A40156:+$B",
                  "[CODABAR"},
        code_case{"code93", bytes(gs, "k", 72, 8, "Code 93!"), "CODE-93:Code 93!",
                  "[CODE93 Code 93!]"},
        code_case{"code128_b", bytes(gs, "k", 73, 10, "{BShop #42"), "CODE-128:Shop #42",
                  "[CODE128 Shop #42]"},
        code_case{"code128_c", bytes(gs, "k", 73, 6, "{C", 12, 34, 56, 78), "CODE-128:12345678",
                  "[CODE128 12345678]"},
        code_case{"code128_b_then_c", bytes(gs, "k", 73, 10, "{BNo.{C", 12, 34, 5),
                  "CODE-128:No.123405", "[CODE128 No.123405]"},
        code_case{"with_readable_text", bytes(gs, "H", 3, gs, "k", 2, "400638133393", 0),
                  "EAN-13:4006381333931", "[EAN13"},
        code_case{"qr_low", qr("https://example.com/r/17?a=b", 48),
                  "QR-Code:https://example.com/r/17?a=b", "[QR https://example.com/r/17?a=b]"},
        code_case{"qr_high", qr("BCD:002:1:SCT:1234567890", 51), "QR-Code:BCD:002:1:SCT:1234567890",
                  "[QR BCD:002:1:SCT:1234567890]"}),
    [](const auto& given) { return given.param.name; });

struct bad_code {
  const char* name;
  barcode_kind kind;
  const char* data;
};

class refused_code : public testing::TestWithParam<bad_code> {};

TEST_P(refused_code, is_not_printed) {
  EXPECT_FALSE(encode_barcode(GetParam().kind, GetParam().data));
  escpos_printer printer;
  std::string data = GetParam().data;
  auto paper =
      print(printer, bytes(gs, "k", static_cast<int>(GetParam().kind), data.size(), data, "x\n"));
  EXPECT_EQ(paper.text, "x\n");
  EXPECT_EQ(printer.unknown_commands().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    codes, refused_code,
    testing::Values(bad_code{"ean13_letters", barcode_kind::ean13, "40063813339A"},
                    bad_code{"ean13_short", barcode_kind::ean13, "400638"},
                    bad_code{"upc_e_not_to_be_shortened", barcode_kind::upc_e, "01234567890"},
                    bad_code{"itf_odd", barcode_kind::itf, "123"},
                    bad_code{"code39_lower_case", barcode_kind::code39, "abc"},
                    bad_code{"codabar_without_ends", barcode_kind::codabar, "1234"},
                    bad_code{"code128_without_a_set", barcode_kind::code128, "Shop"},
                    bad_code{"code128_unfinished", barcode_kind::code128, "{B{"},
                    bad_code{"code93_empty", barcode_kind::code93, ""}),
    [](const auto& given) { return given.param.name; });

TEST(refused_code, wider_than_the_paper_is_not_printed) {
  escpos_printer printer;
  auto paper = print(printer, bytes(gs, "w", 6, gs, "k", 4, std::string(40, 'A'), 0, "x\n"));
  EXPECT_EQ(paper.text, "x\n");
  EXPECT_EQ(paper.height, 30u);
}

} // namespace troupe::sim::test
