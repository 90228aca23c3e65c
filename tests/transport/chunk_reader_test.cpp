#include "transport/chunk_reader.hpp"

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

struct row {
  std::string text;
  chunk_outcome outcome;
  std::string body;
};

TEST(chunks, are_read_strictly_at_any_pace) {
  const row rows[] = {
      {"0\r\n\r\n", chunk_outcome::done, ""},
      {"5\r\nhello\r\n0\r\n\r\n", chunk_outcome::done, "hello"},
      {"A\r\n0123456789\r\n1\r\nx\r\n000\r\n\r\n", chunk_outcome::done, "0123456789x"},
      {"5;a=\"b;c\"\r\nhello\r\n0;x\r\nTrailer: t\r\nOther:\r\n\r\n", chunk_outcome::done, "hello"},
      {"5 \r\nhello\r\n0\r\n\r\n", chunk_outcome::done, "hello"},
      {"5\r\nhel", chunk_outcome::more, "hel"},
      {"5\r\nhello\r\n0\r\n", chunk_outcome::more, "hello"},
      {"", chunk_outcome::more, ""},
      {"\r\n", chunk_outcome::broken, ""},
      {"5\nhello\r\n", chunk_outcome::broken, ""},
      {"5\r\nhello!\r\n", chunk_outcome::broken, "hello"},
      {"5\r\nhello\n0\r\n", chunk_outcome::broken, "hello"},
      {"0x5\r\nhello\r\n", chunk_outcome::broken, ""},
      {"-1\r\n", chunk_outcome::broken, ""},
      {"+1\r\n", chunk_outcome::broken, ""},
      {" 5\r\nhello\r\n", chunk_outcome::broken, ""},
      {"1234567812345678\r\n", chunk_outcome::broken, ""},
      {"5;a\x01\r\n", chunk_outcome::broken, ""},
      {"5;a\rb\r\n", chunk_outcome::broken, ""},
      {"0\r\nT: x\r+\r\n\r\n", chunk_outcome::broken, ""},
      {"5;" + std::string(2000, 'x'), chunk_outcome::broken, ""},
      {"64\r\n" + std::string(100, 'x'), chunk_outcome::more, std::string(100, 'x')},
      {"65\r\n", chunk_outcome::too_big, ""},
      {"60\r\n" + std::string(96, 'x') + "\r\n5\r\n", chunk_outcome::too_big, std::string(96, 'x')},
  };
  for (const auto& [text, outcome, expected] : rows) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{4}, text.size() + 1}) {
      chunk_reader reader;
      byte_vector body;
      auto got = chunk_outcome::more;
      for (std::size_t at = 0; at < text.size() && got == chunk_outcome::more; at += step) {
        std::size_t used = 0;
        got = reader.feed(std::string_view(text).substr(at, step), 100, body, used);
      }
      EXPECT_EQ(got, outcome) << text.substr(0, 60) << " in steps of " << step;
      EXPECT_EQ(as_text(body), expected) << text.substr(0, 60);
    }
  }
}

TEST(chunks, leave_what_follows) {
  chunk_reader reader;
  byte_vector body;
  std::size_t used = 0;
  EXPECT_EQ(reader.feed("1\r\na\r\n0\r\n\r\nGET /", 100, body, used), chunk_outcome::done);
  EXPECT_EQ(used, 11u);
}

TEST(chunks, trailers_are_bounded) {
  chunk_reader reader;
  byte_vector body;
  std::size_t used = 0;
  std::string text = "0\r\n";
  for (int i = 0; i < 65; ++i)
    text += "T: x\r\n";
  EXPECT_EQ(reader.feed(text, 100, body, used), chunk_outcome::broken);
}

} // namespace
} // namespace troupe::transport
