#include "devices/printer/name_options.hpp"

#include <gtest/gtest.h>

namespace troupe::printer {
namespace {

struct name_case {
  const char* name;
  bool column;
  bool dense_down;
  bool dense_across;
  int scale;
  const char* plain;
};

class printer_name : public testing::TestWithParam<name_case> {};

TEST_P(printer_name, tells_its_options) {
  const auto& expected = GetParam();
  const auto options = read_name_options(expected.name);
  EXPECT_EQ(options.column_mode, expected.column);
  EXPECT_EQ(options.column.dense_down, expected.dense_down);
  EXPECT_EQ(options.column.dense_across, expected.dense_across);
  EXPECT_EQ(options.scale_percent, expected.scale);
  EXPECT_EQ(options.plain_name, expected.plain);
}

INSTANTIATE_TEST_SUITE_P(
    table, printer_name,
    testing::Values(name_case{"TM-U220__IMC_LDV_LDH_SCALE70__", true, false, false, 70, "TM-U220"},
                    name_case{"TM-U220__IMC__", true, true, true, 100, "TM-U220"},
                    name_case{"TM-P60__IMC_LDV__", true, false, true, 100, "TM-P60"},
                    name_case{"TM-P60__IMC_LDH_SCALE150__", true, true, false, 150, "TM-P60"},
                    name_case{"bar__imc_ldv_scale50__", true, false, true, 50, "bar"},
                    name_case{"bar__IMC_SCALE70", true, true, true, 70, "bar"},
                    name_case{"a__IMC_SCALE__", true, true, true, 100, "a"},
                    name_case{"a__IMC_SCALE0__", true, true, true, 100, "a"},
                    name_case{"a__IMC_SCALE401__", true, true, true, 100, "a"},
                    name_case{"a__IMC_SCALE70x__", true, true, true, 100, "a"},
                    name_case{"a__IMC_SCALE-5_LDV__", true, false, true, 100, "a"},
                    name_case{"a__IMC_WHAT_LDH__b", true, true, false, 100, "a"},
                    name_case{"a__IMCX_LDV__", false, true, true, 100, "a__IMCX_LDV__"},
                    name_case{"Kitchen", false, true, true, 100, "Kitchen"},
                    name_case{"a_IMC_LDV_", false, true, true, 100, "a_IMC_LDV_"},
                    name_case{"", false, true, true, 100, ""}));

TEST(name_options, apply_only_in_column_mode) {
  encode_options before;
  before.scale_percent = 90;
  EXPECT_EQ(read_name_options("Kitchen").applied_to(before).scale_percent, 90);
  const auto applied = read_name_options("a__IMC_LDV_SCALE70__").applied_to(before);
  EXPECT_EQ(applied.scale_percent, 70);
  EXPECT_FALSE(applied.column.dense_down);
}

} // namespace
} // namespace troupe::printer
