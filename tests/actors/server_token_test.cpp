#include "actors/box/server_token.hpp"

#include <gtest/gtest.h>

namespace troupe::box {
namespace {

class server_token_test : public ::testing::Test {
protected:
  std::string ours() const {
    return security::connection_token_text(
        {"0011223344556677", "server-1", "Shop", "http://server.example:8080", key.public_key(),
         security::make_token_secret(), time_point(std::chrono::hours(24 * 365 * 60))},
        key);
  }
  const security::signing_key key = security::signing_key::make();
};

TEST_F(server_token_test, ours_names_address_and_token) {
  const auto read = read_server_token("  " + ours() + "\n");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->url, "http://server.example:8080");
  ASSERT_TRUE(read->token);
  EXPECT_EQ(read->token->id, "0011223344556677");
}

TEST_F(server_token_test, of_odoos_forms_the_address_counts) {
  struct row {
    const char* text;
    const char* url; ///< empty: none
  };
  const row rows[] = {
      {"https://shop.example.com|T0KEN|1b2c-33|M123456", "https://shop.example.com"},
      {" http://10.0.0.5:8069 | T0KEN | 1b2c |  ", "http://10.0.0.5:8069"},
      {"https://shop.example.com/|T0KEN||", "https://shop.example.com"},
      {"https://shop.example.com?token=T0KEN&db_uuid=1b2c&enterprise_code=M1&db_name=prod",
       "https://shop.example.com"},
      {"http://shop.example.com:8069/?token=T0KEN", "http://shop.example.com:8069"},
      {"https://shop.example.com?token=A&token=B", "https://shop.example.com"},
      {"https://shop.example.com|T0KEN|1b2c", ""},
      {"https://shop.example.com|T0KEN|1b2c|M1|more", ""},
      {"|T0KEN|1b2c|M1", ""},
      {"https://shop.example.com||1b2c|M1", ""},
      {"shop.example.com|T0KEN|1b2c|M1", ""},
      {"ftp://shop.example.com|T0KEN|1b2c|M1", ""},
      {"https://localhost:8069|T0KEN|1b2c|M1", ""},
      {"https://localhost?token=T0KEN", ""},
      {"https://shop.example.com?db_uuid=1b2c", ""},
      {"https://shop.example.com?token=T0KEN&colour=red", ""},
      {"https://?token=T0KEN", ""},
      {"https://shop.example.com/odoo?token=T0KEN", ""},
      {"https://shop.example.com", ""},
      {"", ""},
      {"BCDF-GHJK", ""},
  };
  for (const auto& each : rows) {
    const auto read = read_server_token(each.text);
    EXPECT_EQ(read ? read->url : "", each.url) << each.text;
    if (read) {
      EXPECT_FALSE(read->token) << each.text;
    } else {
      EXPECT_TRUE(read.error().code.starts_with("token.") || read.error().code == "server.bad_url")
          << each.text;
    }
  }
  EXPECT_FALSE(read_server_token(std::string(100'000, '|')));
}

TEST_F(server_token_test, one_of_ours_inside_of_odoos_forms_is_taken_with_that_address) {
  for (const auto& text : {"https://far.example.com|" + ours() + "||",
                           "https://far.example.com?token=" + ours() + "&db_uuid=1"}) {
    const auto read = read_server_token(text);
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->url, "https://far.example.com");
    ASSERT_TRUE(read->token);
    EXPECT_EQ(read->token->server, "server-1");
  }
  auto forged = ours();
  forged[60] = forged[60] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(read_server_token("https://far.example.com|" + forged + "||"));
}

} // namespace
} // namespace troupe::box
