#include "apps/troupe/login.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace troupe::apps {
namespace {

class login_test : public ::testing::Test {
protected:
  login_test() {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-login-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~login_test() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(login_test, is_kept_for_its_owner_alone) {
  const auto file = folder / "troupe" / "login.json";
  EXPECT_FALSE(*read_login(file)) << "nothing is kept yet";
  ASSERT_TRUE(write_login(file, {"http://a:1", "secret \"1\"", "t1", "Ada"}));
  ASSERT_TRUE(write_login(file, {"http://b:1", "secret \"2\"", "t2", "Ada"})) << "a second time";
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(file.parent_path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  const auto kept = read_login(file);
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->server, "http://b:1");
  EXPECT_EQ((*kept)->token, "secret \"2\"");
  EXPECT_EQ((*kept)->token_id, "t2");
}

TEST_F(login_test, is_not_used_when_others_may_read_it_or_it_is_damaged) {
  const auto file = folder / "login.json";
  ASSERT_TRUE(write_login(file, {.server = "http://a:1"}));
  ::chmod(file.c_str(), 0644);
  ASSERT_FALSE(read_login(file));
  EXPECT_EQ(read_login(file).error().code, "usage.login_open");
  ::chmod(file.c_str(), 0600);
  std::ofstream(file) << "{";
  ASSERT_FALSE(read_login(file));
  EXPECT_EQ(read_login(file).error().code, "usage.login_damaged");
}

TEST_F(login_test, says_when_it_cannot_be_kept) {
  std::ofstream(folder / "troupe") << "a file where a folder should be";
  const auto written = write_login(folder / "troupe" / "login.json", {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, "login.not_written");
}

TEST(login_choice, option_counts_before_environment_before_file) {
  const login kept{"http://kept:8080", "kept-token", "t1", "Ada"};
  const auto by_file = choose_login({"", "", "", kept});
  EXPECT_EQ(by_file->server, "http://kept:8080");
  EXPECT_EQ(by_file->token, "kept-token");
  EXPECT_EQ(choose_login({"", "", "", {}})->server, default_server);
  EXPECT_EQ(choose_login({"", "http://env:1", "", kept})->server, "http://env:1");
  EXPECT_EQ(choose_login({"opt:2", "http://env:1", "", kept})->server, "http://opt:2");
  EXPECT_EQ(choose_login({"", "", "env-token", kept})->token, "env-token");
  EXPECT_EQ(choose_login({"", "", "env-token", kept})->server, "http://kept:8080");
}

TEST(login_choice, a_kept_token_goes_to_its_own_server_only) {
  const login kept{"http://kept:8080", "kept-token", "t1", "Ada"};
  EXPECT_EQ(choose_login({"http://other:8080", "", "", kept})->token, "");
  EXPECT_EQ(choose_login({"http://kept:8081", "", "", kept})->token, "");
  EXPECT_EQ(choose_login({"https://kept:8080", "", "", kept})->token, "");
  EXPECT_EQ(choose_login({"kept:8080/", "", "", kept})->token, "kept-token");
}

TEST(login_choice, addresses_are_taken_as_people_write_them) {
  EXPECT_EQ(*server_origin("server"), "http://server");
  EXPECT_EQ(*server_origin("server:8080"), "http://server:8080");
  EXPECT_EQ(*server_origin("HTTPS://Server/"), "https://server");
  EXPECT_EQ(*server_origin("[::1]:8080"), "http://[::1]:8080");
  for (const char* text :
       {"", "ftp://server", "http://", "http://a b", "http://me:pw@server", "http://server/path"}) {
    const auto origin = server_origin(text);
    ASSERT_FALSE(origin) << text;
    EXPECT_EQ(origin.error().code, "usage.server");
  }
}

} // namespace
} // namespace troupe::apps
