// What the box makes of a recorded receipt comes out of the printer dot for dot.
#include "devices/printer/dither.hpp"
#include "devices/printer/escpos.hpp"
#include "devices/printer/picture.hpp"
#include "sim/model/escpos_printer.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace troupe::sim {

static byte_vector read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return byte_vector(std::istreambuf_iterator<char>(file), {});
}

TEST(recorded_receipt, comes_out_dot_for_dot) {
  auto jpeg = read_file(TROUPE_TEST_DATA "/odoo-pos/receipt.jpg");
  auto grey = printer::decode_picture(jpeg);
  ASSERT_TRUE(grey);
  auto dots = printer::dither(*grey);
  printing::document document{{printing::picture{jpeg}, printing::cut{}}};
  byte_vector job;
  ASSERT_TRUE(printer::escpos::encode(document, printer::escpos::picture_mode::raster, {}, job));

  printer_options options;
  options.width = dots.width;
  escpos_printer model(options);
  receipt paper;
  for (const auto& effect : model.feed(job))
    if (auto* done = std::get_if<receipt_done>(&effect)) paper = done->receipt;
  ASSERT_EQ(paper.width, 512u);
  ASSERT_GE(paper.height, 757u);
  std::size_t different = 0;
  for (std::size_t y = 0; y < dots.height; ++y)
    for (std::size_t x = 0; x < dots.width; ++x)
      different += dots.black(x, y) != paper.black(x, y);
  EXPECT_EQ(different, 0u);
  EXPECT_TRUE(model.unknown_commands().empty());
  EXPECT_EQ(paper.text.substr(0, 17), "[picture 512x757]");
}

} // namespace troupe::sim
