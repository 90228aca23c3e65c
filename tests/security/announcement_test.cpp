#include "security/announcement.hpp"

#include <gtest/gtest.h>

namespace troupe::security {
namespace {

const std::string nonce = "0123456789abcdef";

announcement signed_one(const signing_key& key) {
  announcement made;
  made.id = box_id("b1");
  made.name = "Till";
  made.version = "0.1.0";
  made.nonce = nonce;
  sign(made, key);
  return made;
}

TEST(announcement, is_genuine_as_its_box_signed_it_for_who_asked) {
  const auto key = signing_key::make();
  const auto made = signed_one(key);
  EXPECT_EQ(made.key, key.public_key());
  EXPECT_TRUE(is_genuine(made, nonce));
  EXPECT_FALSE(is_genuine(made, "fedcba9876543210")) << "an old one, or one for somebody else";
}

TEST(announcement, any_changed_word_is_seen) {
  const auto key = signing_key::make();
  const auto check = [&](auto change) {
    auto forged = signed_one(key);
    change(forged);
    return is_genuine(forged, nonce);
  };
  EXPECT_TRUE(check([](announcement&) {}));
  EXPECT_FALSE(check([](announcement& a) { a.id = box_id("b2"); }));
  EXPECT_FALSE(check([](announcement& a) { a.name += "s"; }));
  EXPECT_FALSE(check([](announcement& a) { a.version.clear(); }));
  EXPECT_FALSE(check([](announcement& a) { a.paired = true; }));
  EXPECT_FALSE(check([](announcement& a) { a.tls = true; }));
  EXPECT_FALSE(check([](announcement& a) { a.key = signing_key::make().public_key(); }));
  EXPECT_FALSE(check([](announcement& a) { a.signature = {}; }));
  EXPECT_FALSE(check([](announcement& a) { // the same letters, cut elsewhere
    a.id = box_id("b1T");
    a.name = "ill";
  }));
}

TEST(announcement, a_nonce_is_some_random_letters) {
  for (const char* good : {"0123456789abcdef", "AZaz09-_AZaz09-_"})
    EXPECT_TRUE(is_announcement_nonce(good)) << good;
  for (const auto& bad : {std::string(), std::string("short"), std::string(15, 'a'),
                          std::string(65, 'a'), std::string("0123456789abcde\"")})
    EXPECT_FALSE(is_announcement_nonce(bad)) << bad;
}

} // namespace
} // namespace troupe::security
