#include "messages/announcement.hpp"
#include "security/announcement.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::security {
namespace {

announcement told() {
  announcement made;
  made.id = box_id("b1");
  made.name = "Kasse = Süd";
  made.version = "0.1.0";
  made.paired = true;
  sign(made, signing_key::make());
  return made;
}

TEST(announcement_txt, is_read_as_it_was_written) {
  const auto made = told();
  const auto texts = to_txt(made);
  EXPECT_EQ(texts.front(), "txtvers=1") << "RFC 6763 wants it first";
  const auto read = from_txt(texts);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, made.id);
  EXPECT_EQ(read->name, made.name);
  EXPECT_EQ(read->version, made.version);
  EXPECT_TRUE(read->paired);
  EXPECT_FALSE(read->tls);
  EXPECT_TRUE(is_genuine(*read, {}));
  EXPECT_FALSE(is_genuine(*read, "0123456789abcdef")) << "it answers nobody's question";
}

TEST(announcement_txt, fits_a_packet_and_its_texts_fit_theirs) {
  auto made = told();
  made.name = std::string(64 * 3, 'x'); // the longest name, each character of three bytes
  made.id = box_id(std::string(64, '7'));
  sign(made, signing_key::make());
  std::size_t whole = 0;
  for (const auto& each : to_txt(made)) {
    EXPECT_LE(each.size(), 255u) << each;
    whole += each.size() + 1;
  }
  EXPECT_LE(whole, 1300u);
}

TEST(announcement_txt, what_is_unknown_is_skipped_and_what_is_missing_is_seen) {
  const auto texts = to_txt(told());
  auto more = texts;
  more.insert(more.begin() + 3, {"colour=blue", "flag", "=", ""});
  EXPECT_TRUE(from_txt(more));
  auto shouted = texts;
  shouted[1].replace(0, 2, "ID");
  EXPECT_TRUE(from_txt(shouted)) << "keys are compared without case";
  for (const char* needed : {"txtvers=", "id=", "name=", "ver=", "key=", "sig="}) {
    auto fewer = texts;
    std::erase_if(fewer, [&](const auto& each) { return each.starts_with(needed); });
    EXPECT_FALSE(from_txt(fewer)) << needed;
  }
  for (const char* wrong : {"txtvers=2", "id=", "key=!", "key=", "sig=*"}) {
    auto bad = texts;
    bad.insert(bad.begin(), wrong); // the first counts
    EXPECT_FALSE(from_txt(bad)) << wrong;
  }
  EXPECT_FALSE(from_txt({}));
}

TEST(announcement_txt, a_changed_text_is_no_longer_signed) {
  const auto texts = to_txt(told());
  for (const char* changed : {"name=Other", "paired=0", "tls=1", "id=b2", "ver=9"}) {
    auto forged = texts;
    const std::string_view key(changed, std::string_view(changed).find('=') + 1);
    const auto at = std::find_if(forged.begin(), forged.end(),
                                 [&](const auto& each) { return each.starts_with(key); });
    ASSERT_NE(at, forged.end()) << changed;
    *at = changed;
    const auto read = from_txt(forged);
    ASSERT_TRUE(read) << changed;
    EXPECT_FALSE(is_genuine(*read, {})) << changed;
  }
}

} // namespace
} // namespace troupe::security
