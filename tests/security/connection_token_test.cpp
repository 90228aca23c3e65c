#include "security/connection_token.hpp"

#include <gtest/gtest.h>

#include <array>

namespace troupe::security {
namespace {

class connection_token_test : public ::testing::Test {
protected:
  connection_token token() const {
    return {"0011223344556677",
            "server-1",
            "Café Zürich",
            "http://server.example:8080",
            key.public_key(),
            secret,
            time_point(std::chrono::seconds(1'800'000'000))};
  }
  std::string text() const { return connection_token_text(token(), key); }
  std::string code_of(std::string_view typed) const {
    const auto read = read_connection_token(typed);
    return read ? "" : read.error().code;
  }

  const signing_key key = signing_key::make();
  const shared_bytes secret = make_token_secret();
};

TEST_F(connection_token_test, what_was_written_is_read) {
  const auto read = read_connection_token(text());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->id, "0011223344556677");
  EXPECT_EQ(read->server, "server-1");
  EXPECT_EQ(read->server_name, "Café Zürich");
  EXPECT_EQ(read->url, "http://server.example:8080");
  EXPECT_TRUE(read->server_key == key.public_key());
  EXPECT_TRUE(read->secret == secret);
  EXPECT_EQ(read->expires, token().expires);
}

TEST_F(connection_token_test, is_one_line_that_fits_addresses_and_qr_codes) {
  const auto line = text();
  EXPECT_TRUE(line.starts_with(connection_token_prefix));
  EXPECT_EQ(line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_"),
            std::string::npos);
  EXPECT_LT(line.size(), 900u); // a QR code of version 20 at level M holds 970 bytes
}

TEST_F(connection_token_test, may_be_broken_into_lines_and_come_from_any_editor) {
  auto line = text();
  const auto middle = line.size() / 2;
  const auto broken =
      "\xef\xbb\xbf  " + line.substr(0, middle) + "\r\n  " + line.substr(middle) + "\r\n";
  EXPECT_EQ(code_of(broken), "");
}

TEST_F(connection_token_test, each_missing_end_is_told) {
  const auto line = text();
  for (std::size_t length = 0; length < line.size(); ++length)
    EXPECT_NE(code_of(std::string_view(line).substr(0, length)), "") << length;
}

TEST_F(connection_token_test, each_changed_letter_is_told) {
  const auto line = text();
  const auto before = read_connection_token(line);
  for (std::size_t at = 0; at < line.size(); ++at) {
    auto changed = line;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto read = read_connection_token(changed);
    // The last letter has bits that carry nothing.
    const bool told = !read || (at + 1 == line.size() && read->id == before->id);
    EXPECT_TRUE(told) << at;
  }
}

TEST_F(connection_token_test, what_is_none_is_told) {
  const auto line = text();
  const std::array none{std::string(),
                        std::string("BCDF-GHJK"),
                        std::string("https://shop.example.com?token=T0KEN&db_uuid=1b2c"),
                        std::string("https://shop.example.com|T0KEN|1b2c|M123456"),
                        std::string(connection_token_prefix),
                        std::string(connection_token_prefix) + "AAAA",
                        line + "AAAA",
                        line + "+",
                        line + "=",
                        "x" + line,
                        std::string(connection_token_prefix) + std::string(100'000, 'A')};
  for (const auto& each : none)
    EXPECT_EQ(code_of(each), "token.malformed") << each.substr(0, 100);
}

TEST_F(connection_token_test, another_key_cannot_sign_for_the_server) {
  const auto other = signing_key::make();
  EXPECT_EQ(code_of(connection_token_text(token(), other)), "token.forged");
}

TEST_F(connection_token_test, control_characters_and_wrong_secrets_are_no_token) {
  auto odd = token();
  odd.server_name = "Shop\x1b[2J";
  EXPECT_EQ(code_of(connection_token_text(odd, key)), "token.malformed");
  odd = token();
  odd.secret = shared_bytes::copy_of("short");
  EXPECT_EQ(code_of(connection_token_text(odd, key)), "token.malformed");
  odd = token();
  odd.url.clear();
  EXPECT_EQ(code_of(connection_token_text(odd, key)), "token.malformed");
}

TEST_F(connection_token_test, who_has_the_secret_proves_it_without_telling_it) {
  const auto half = token_public_key(secret.view());
  ASSERT_EQ(half.size(), 32u);
  EXPECT_FALSE(half == secret);
  const auto proof = prove_token(secret.view(), as_bytes("statement"));
  EXPECT_TRUE(verify_token_proof(half.view(), as_bytes("statement"), proof.view()));
  EXPECT_FALSE(verify_token_proof(half.view(), as_bytes("another"), proof.view()));
  const auto other = prove_token(make_token_secret().view(), as_bytes("statement"));
  EXPECT_FALSE(verify_token_proof(half.view(), as_bytes("statement"), other.view()));
  EXPECT_FALSE(verify_token_proof({}, as_bytes("statement"), proof.view()));
  EXPECT_FALSE(verify_token_proof(half.view(), as_bytes("statement"), {}));
  EXPECT_TRUE(token_public_key(as_bytes("short")).empty());
}

} // namespace
} // namespace troupe::security
