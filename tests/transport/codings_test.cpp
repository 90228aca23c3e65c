#include "transport/gzip.hpp"

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

TEST(gzip, comes_back_within_its_limit) {
  const std::string text(300'000, 'x');
  const auto packed = gzip_compress(as_bytes(text));
  EXPECT_LT(packed.size(), 1000u);
  const auto whole = gzip_decompress(packed, text.size());
  ASSERT_TRUE(whole);
  EXPECT_EQ(as_text(*whole), text);
  EXPECT_EQ(gzip_decompress(packed, text.size() - 1).error().code, "gzip.too_big");
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, packed.size() - 1})
    EXPECT_EQ(gzip_decompress(byte_span(packed).first(size), 1 << 20).error().code, "gzip.invalid");
  EXPECT_TRUE(gzip_decompress(gzip_compress({}), 0));
}

} // namespace
} // namespace troupe::transport
