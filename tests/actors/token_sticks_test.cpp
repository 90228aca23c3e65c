#include "actors/box/token_sticks.hpp"
#include "security/connection_token.hpp"
#include "tests/actors/homepage_fixture.hpp"

#include <sys/stat.h>

namespace troupe::box {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A box with folders as sticks are mounted in.
class token_sticks_test : public homepage_test {
protected:
  void SetUp() override {
    homepage_test::SetUp();
    std::string pattern = (fs::temp_directory_path() / "troupe-sticks-XXXXXX").string();
    media = ::mkdtemp(pattern.data());
  }
  void TearDown() override {
    sticks = nullptr;
    homepage_test::TearDown();
    fs::remove_all(media);
  }
  void put_in(const fs::path& where, const std::string& text) {
    fs::create_directories(media / where);
    std::ofstream(media / where / token_file_name) << text;
  }
  std::string token(const std::string& id = "0011223344556677") const {
    return security::connection_token_text({id, "s0", "Shop", "http://server.example:8080",
                                            key.public_key(), security::make_token_secret(),
                                            time_point(std::chrono::hours(24 * 365 * 60))},
                                           key);
  }
  void start() {
    sticks = spawn_token_sticks(system(), shared, {media, media / "missing"}, pairing);
    settle();
  }
  void mount() {
    caf::anon_send(sticks, mounts_changed{});
    settle();
    advance(1s);
  }
  pairing_info info() {
    const auto told = ask<pairing_info>(pairing, get_pairing{});
    EXPECT_TRUE(told);
    return told ? *told : pairing_info{};
  }

  fs::path media;
  const security::signing_key key = security::signing_key::make();
  token_sticks_actor sticks;
};

TEST_F(token_sticks_test, a_stick_that_is_in_at_the_start_brings_the_box_to_its_server) {
  put_in("person/STICK", token() + "\r\n");
  start();
  ASSERT_TRUE(info().token);
  EXPECT_EQ(info().token->server_name, "Shop");
  ASSERT_NE(links.present(), nullptr);
  EXPECT_EQ(links.present()->url, "http://server.example:8080");
}

TEST_F(token_sticks_test, a_stick_that_is_put_in_later_is_looked_at_then) {
  start();
  EXPECT_FALSE(info().token);
  put_in("STICK", token());
  advance(1h);
  EXPECT_FALSE(info().token) << "nothing was mounted";
  mount();
  EXPECT_TRUE(info().token);
}

TEST_F(token_sticks_test, a_token_that_was_taken_away_or_used_is_not_taken_again) {
  put_in("STICK", token("1111111111111111"));
  start();
  ASSERT_TRUE(info().token);
  ASSERT_EQ(send("DELETE", "/api/v1/pairing/token", signed_in())->status(), 200);
  mount();
  EXPECT_FALSE(info().token);
  put_in("STICK", token("2222222222222222"));
  mount();
  ASSERT_TRUE(info().token);
  EXPECT_EQ(info().token->id, "2222222222222222");
}

TEST_F(token_sticks_test, what_is_no_token_is_told) {
  put_in("STICK", "BCDF-GHJK");
  start();
  EXPECT_EQ(info().token_problem.code, "token.malformed");
  put_in("STICK", "https://shop.example.com|T0KEN|1b2c|M123456");
  mount();
  EXPECT_EQ(info().token_problem.code, "token.malformed");
  EXPECT_EQ(info().url, "") << "of a stick only a whole token counts";
  auto forged = token();
  forged[60] = forged[60] == 'A' ? 'B' : 'A';
  put_in("STICK", forged);
  mount();
  EXPECT_FALSE(info().token_problem.code.empty());
  EXPECT_FALSE(info().token);
  put_in("STICK", token());
  mount();
  EXPECT_TRUE(info().token);
  EXPECT_EQ(info().token_problem.code, "");
}

TEST_F(token_sticks_test, only_small_files_near_the_top_are_read) {
  put_in("a/b", "two folders down");
  put_in("a/b/c", "too deep");
  put_in("long", std::string(20'000, 'x'));
  fs::create_directories(media / "link");
  fs::create_symlink(media / "a/b" / token_file_name, media / "link" / token_file_name);
  fs::create_directory_symlink(media / "a", media / "turn");
  fs::create_directories(media / "pipe");
  ASSERT_EQ(::mkfifo((media / "pipe" / token_file_name).c_str(), 0600), 0);
  fs::create_directories(media / "folder" / token_file_name);
  EXPECT_EQ(read_token_files({media}), std::vector<std::string>{"two folders down"});
  EXPECT_TRUE(read_token_files({media / "missing"}).empty());
}

} // namespace
} // namespace troupe::box
