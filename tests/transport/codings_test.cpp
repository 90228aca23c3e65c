#include "transport/base64.hpp"
#include "transport/gzip.hpp"

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

TEST(base64, follows_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : rows) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), coded);
    const auto decoded = base64_decode(coded);
    ASSERT_TRUE(decoded) << coded;
    EXPECT_EQ(as_text(*decoded), plain);
    const auto tolerant = base64_decode_tolerant(coded);
    ASSERT_TRUE(tolerant);
    EXPECT_EQ(as_text(*tolerant), plain);
  }
}

TEST(base64, strictly_refuses_all_else) {
  for (const char* text : {"Zg", "Zg=", "Zm9vYg", "Zm9v\n", "Zm 9v", "Zm9-",
                           "====", "Z===", "Zh==", "Zm9=", "Zm9vZg==Zg==", "=Zm9"})
    EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(base64, tolerantly_takes_what_people_send) {
  for (const char* text : {"Zm9v\r\nYmFy", "Zm9vYmFy", " Zm9v YmFy ", "Zm9vYmFy\n"}) {
    const auto decoded = base64_decode_tolerant(text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(as_text(*decoded), "foobar");
  }
  EXPECT_EQ(base64_decode_tolerant("-_-_")->size(), 3u);
  EXPECT_EQ(as_text(*base64_decode_tolerant("Zg")), "f");
  for (const char* text : {"Z", "Zm9v!", "Zg==Zg"})
    EXPECT_FALSE(base64_decode_tolerant(text)) << text;
}

TEST(base64, all_bytes_come_back) {
  byte_vector bytes;
  for (int i = 0; i < 1000; ++i)
    bytes.push_back(static_cast<std::uint8_t>(i * 7 + i / 256));
  for (std::size_t size = 0; size < bytes.size(); size += 37) {
    const auto part = byte_span(bytes).first(size);
    const auto decoded = base64_decode(base64_encode(part));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(as_text(*decoded), as_text(part));
  }
}

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
