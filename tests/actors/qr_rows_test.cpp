#include "actors/web/qr_rows.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe::web {
namespace {

TEST(qr_rows, is_a_square_with_its_marks_inside_of_a_quiet_zone) {
  const auto rows = qr_rows("http://server/#connect");
  ASSERT_EQ(rows.size(), 25u + 8u); // version 2
  const std::string quiet(rows.size(), '0');
  for (const std::size_t y : {0, 1, 2, 3, 29, 30, 31, 32})
    EXPECT_EQ(rows[y].get<std::string>(), quiet) << y;
  const auto first = rows[4].get<std::string>();
  EXPECT_EQ(first.substr(0, 12), "000011111110");
  EXPECT_EQ(first.substr(21), "011111110000");
  EXPECT_EQ(rows[28].get<std::string>().substr(0, 12), "000011111110");
}

TEST(qr_rows, too_much_for_one_gives_none) {
  EXPECT_TRUE(qr_rows(std::string(3000, 'x')).empty());
  EXPECT_FALSE(qr_rows(std::string(900, 'x')).empty());
}

} // namespace
} // namespace troupe::web
