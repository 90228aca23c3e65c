#include "actors/server/sweep.hpp"
#include "messages/codec.hpp"
#include "security/announcement.hpp"

#include <gtest/gtest.h>

namespace troupe::server {
namespace {

using texts = std::vector<std::string>;

TEST(sweep_test, a_range_is_its_addresses_without_both_ends) {
  const auto all = sweep_addresses_of({"192.168.1.77/30"});
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, (texts{"192.168.1.77", "192.168.1.78"}));
  EXPECT_EQ(sweep_addresses_of({"10.1.2.0/24"})->size(), 254u);
  EXPECT_EQ(*sweep_addresses_of({"10.0.0.7"}), (texts{"10.0.0.7"}));
  EXPECT_EQ(*sweep_addresses_of({"10.0.0.6/31"}), (texts{"10.0.0.6", "10.0.0.7"}));
  EXPECT_EQ(*sweep_addresses_of({"10.0.0.7", "10.0.0.6/31", "10.0.0.7/32"}),
            (texts{"10.0.0.6", "10.0.0.7"}))
      << "each once";
}

TEST(sweep_test, what_is_no_private_range_is_refused_in_words) {
  const auto code = [](const texts& ranges) { return sweep_addresses_of(ranges).error().code; };
  for (const char* text : {"", "home", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                           "10.0.0.0/8x", "fe80::1", "10.0.0.1/24/8", "::ffff:10.0.0.1"})
    EXPECT_EQ(code({text}), "discovery.range") << text;
  for (const char* text : {"8.8.8.8", "172.32.0.0/24", "192.0.2.2", "11.0.0.0/24", "0.0.0.0/0",
                           "8.0.0.0/5", "100.64.0.1", "224.0.0.1"})
    EXPECT_EQ(code({text}), "discovery.not_private") << text;
  EXPECT_EQ(sweep_addresses_of({"10.0.0.0/20"})->size(), 4094u);
  EXPECT_EQ(code({"10.0.0.0/19"}), "discovery.too_many");
  EXPECT_EQ(code({"10.0.0.0/8"}), "discovery.too_many");
  EXPECT_EQ(code({"10.0.0.0/20", "10.1.0.0/24"}), "discovery.too_many");
}

TEST(sweep_test, the_servers_own_networks_are_searched_when_they_are_private_and_small) {
  transport::network_interface card{"eth0",
                                    "",
                                    true,
                                    false,
                                    {{"192.168.7.20", 24},
                                     {"192.168.7.21", 24},
                                     {"10.20.30.40", 8},
                                     {"172.16.4.9", 22},
                                     {"127.0.0.1", 8},
                                     {"203.0.113.5", 24},
                                     {"fd00::1", 64, true}}};
  EXPECT_EQ(sweep_ranges_of({card}), (texts{"10.20.30.0/24", "172.16.4.0/22", "192.168.7.0/24"}));
  card.up = false;
  EXPECT_EQ(sweep_ranges_of({card}), texts{});
}

class announcement_answer : public ::testing::Test {
protected:
  announcement_answer() {
    said.id = box_id("b1");
    said.name = "Till";
    said.version = "1.0";
    said.nonce = "0123456789abcdef";
    security::sign(said, key);
  }
  std::optional<found_box> read(const std::string& nonce = "0123456789abcdef",
                                std::uint16_t status = 200) {
    transport::client_response answer;
    answer.status = status;
    answer.body = to_json(said);
    return read_announcement(answer, nonce, "http://10.0.0.7:8069/");
  }
  security::signing_key key = security::signing_key::make();
  announcement said;
};

TEST_F(announcement_answer, is_a_box_when_its_key_signed_it_for_this_question) {
  const auto found = read();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, found_kind::box);
  EXPECT_EQ(found->said.name, "Till");
  EXPECT_EQ(found->url, "http://10.0.0.7:8069/");
  EXPECT_EQ(read("another-nonce-0001")->kind, found_kind::forged) << "played again";
  said.paired = true;
  EXPECT_EQ(read()->kind, found_kind::forged) << "changed on the way";
  EXPECT_FALSE(read("0123456789abcdef", 404));
}

TEST_F(announcement_answer, shows_no_name_that_cannot_be_shown) {
  said.name = "evil\nname";
  said.version = std::string(500, 'v');
  security::sign(said, key);
  const auto found = read();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->said.name, "b1");
  EXPECT_EQ(found->said.version, "");
}

TEST(sweep_test, other_answers_are_no_box) {
  transport::client_response answer;
  answer.status = 200;
  for (const char* body : {"", "ping", "{}", "[]", "{\"id\":\"b1\"}", "{\"id\":7}"}) {
    answer.body = body;
    EXPECT_FALSE(read_announcement(answer, "0123456789abcdef", "http://10.0.0.7:8069/")) << body;
    EXPECT_EQ(is_odoo_hello(answer), std::string_view(body) == "ping");
  }
}

} // namespace
} // namespace troupe::server
