#include "security/signing_key.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace troupe::security {
namespace {

class signing_key_test : public ::testing::Test {
protected:
  signing_key_test() {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-key-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  ~signing_key_test() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path file() const { return folder_ / "key.pem"; }

  std::filesystem::path folder_;
};

TEST_F(signing_key_test, signs_what_only_its_public_half_verifies) {
  const auto key = signing_key::make();
  const auto other = signing_key::make();
  const auto statement = as_bytes("a statement");
  const auto signature = key.sign(statement);
  EXPECT_TRUE(verify(key.public_key().view(), statement, signature.view()));
  EXPECT_FALSE(verify(other.public_key().view(), statement, signature.view()));
  EXPECT_FALSE(verify(key.public_key().view(), as_bytes("another"), signature.view()));
}

TEST_F(signing_key_test, rubbish_verifies_nothing) {
  const auto key = signing_key::make();
  const auto statement = as_bytes("a statement");
  const auto signature = key.sign(statement);
  EXPECT_FALSE(verify({}, statement, signature.view()));
  EXPECT_FALSE(verify(as_bytes("no key"), statement, signature.view()));
  EXPECT_FALSE(verify(key.public_key().view(), statement, {}));
  EXPECT_FALSE(verify(key.public_key().view(), statement, as_bytes("no signature")));
  byte_vector longer(key.public_key().view().begin(), key.public_key().view().end());
  longer.push_back(0);
  EXPECT_FALSE(verify(longer, statement, signature.view())) << "bytes behind the key";
}

TEST_F(signing_key_test, the_file_keeps_the_key_for_its_owner_alone) {
  const auto made = signing_key::load_or_make(file());
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(std::filesystem::status(file()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto again = signing_key::load_or_make(file());
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(made->public_key(), again->public_key());
}

TEST_F(signing_key_test, a_damaged_or_open_file_is_refused_and_left_as_it_is) {
  std::ofstream(file()) << "no key";
  std::filesystem::permissions(file(), std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
  EXPECT_EQ(signing_key::load_or_make(file()).error().code, "key.damaged");
  std::filesystem::permissions(file(), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(signing_key::load_or_make(file()).error().code, "key.open_to_others");
  std::string kept;
  std::ifstream(file()) >> kept;
  EXPECT_EQ(kept, "no");
}

TEST_F(signing_key_test, fingerprints_tell_keys_apart) {
  const auto key = signing_key::make();
  EXPECT_EQ(fingerprint(key.public_key().view()).size(), 32u);
  EXPECT_NE(fingerprint(key.public_key().view()),
            fingerprint(signing_key::make().public_key().view()));
}

} // namespace
} // namespace troupe::security
