#include "actors/server/people.hpp"
#include "security/digest.hpp"
#include "tests/actors/server/server_fixture.hpp"

#include <filesystem>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

constexpr const char* password = "correct horse battery";

class people_test : public server_test {
protected:
  people_test() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "troupe-people-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    shared.state_folder = folder_;
    start_store();
    start();
  }
  ~people_test() override { std::filesystem::remove_all(folder_); }
  void TearDown() override {
    people = nullptr;
    server_test::TearDown();
  }
  void start() {
    people = spawn_people(system(), shared, store, {[this](const auto& token) { told = token; }});
    settle();
  }
  access_ptr access() {
    auto [watcher, seen] = collector<access_changed>();
    return ask<access_ptr>(people, watch_access{watcher}).operator*();
  }
  opened_session set_up_ada() {
    auto opened =
        ask<opened_session>(people, set_up{told.value_or(""), "Ada", password, "10.0.0.1"});
    EXPECT_TRUE(opened) << opened.error().text;
    return opened ? *opened : opened_session{};
  }
  sign_in_outcome try_password(const char* given, const char* address = "10.0.0.2") {
    auto outcome = ask<sign_in_outcome>(people, sign_in{"ADA", given, address});
    EXPECT_TRUE(outcome) << outcome.error().text;
    return outcome ? *outcome : sign_in_outcome{};
  }

  people_actor people;
  std::optional<std::string> told;
  std::filesystem::path folder_;
};

TEST_F(people_test, the_first_owner_comes_in_by_the_link_and_voids_it) {
  ASSERT_TRUE(told);
  EXPECT_EQ(told, *read_setup_link(folder_));
  const auto token = *told;
  EXPECT_EQ(ask<opened_session>(people, set_up{"no", "Ada", password, ""}).error().code,
            "setup.wrong");
  const auto opened = set_up_ada();
  EXPECT_EQ(opened.granted.may, role::owner);
  EXPECT_FALSE(told);
  EXPECT_FALSE(std::filesystem::exists(folder_ / setup_link_file));
  EXPECT_EQ(ask<opened_session>(people, set_up{token, "Eve", password, ""}).error().code,
            "setup.done");
}

TEST_F(people_test, sessions_end_by_themselves_and_are_known_after_a_restart) {
  const auto opened = set_up_ada();
  const auto digest = security::sha256_hex(opened.token);
  start();
  ASSERT_NE(access()->find(opened.token, wall_now()), nullptr);
  advance(session_lifetime - 1s);
  EXPECT_NE(access()->find_digest(digest, wall_now()), nullptr);
  advance(2s);
  EXPECT_EQ(access()->find_digest(digest, wall_now()), nullptr);
  EXPECT_EQ(count("sessions"), 1);
  ASSERT_TRUE(try_password(password).session); // the expired one is swept away on the way
  EXPECT_EQ(count("sessions"), 1);
}

TEST_F(people_test, guessing_is_slowed_then_locked_and_forgotten_after_the_right_one) {
  set_up_ada();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(try_password("wrong").wait, 0s);
  EXPECT_EQ(try_password(password).wait, 2s);
  EXPECT_EQ(try_password(password, "10.0.0.3").wait, 2s) << "another address does not help";
  advance(2s);
  EXPECT_EQ(try_password("wrong").wait, 0s);
  EXPECT_EQ(try_password("wrong").wait, 4s);
  for (int i = 0; i < 12; ++i) {
    advance(15min);
    try_password("wrong");
  }
  EXPECT_EQ(try_password("wrong").wait, 15min);
  advance(15min);
  EXPECT_TRUE(try_password(password).session);
  EXPECT_FALSE(try_password("wrong").session);
  EXPECT_EQ(try_password(password).wait, 0s);
}

TEST_F(people_test, one_person_has_so_many_sessions_at_a_time) {
  const auto first = set_up_ada();
  for (std::size_t i = 0; i < sessions_bound; ++i) {
    advance(1s);
    ASSERT_TRUE(try_password(password).session);
  }
  EXPECT_EQ(count("sessions"), static_cast<std::int64_t>(sessions_bound));
  EXPECT_EQ(access()->find(first.token, wall_now()), nullptr);
}

TEST_F(people_test, watchers_see_a_change_before_who_made_it_is_told) {
  set_up_ada();
  auto [watcher, seen] = collector<access_changed>();
  ASSERT_TRUE(ask<access_ptr>(people, watch_access{watcher}));
  const auto made = ask<made_token>(people, add_token{"key", role::owner, {"x", "Ada", ""}});
  ASSERT_TRUE(made);
  ASSERT_EQ(seen->size(), 1u);
  EXPECT_NE(made->secret, made->token.digest);
  EXPECT_EQ(seen->front().access->find(made->secret, wall_now()), nullptr)
      << "a key of nobody gives nothing";
}

TEST_F(people_test, a_key_never_may_more_than_who_made_it) {
  const auto ada = set_up_ada();
  const auto bob = ask<std::shared_ptr<const store::person>>(
      people, add_person{"Bob", password, role::owner, {}});
  ASSERT_TRUE(bob);
  const auto key = ask<made_token>(people, add_token{"key", role::owner, {(*bob)->id, "Bob", ""}});
  ASSERT_TRUE(key);
  EXPECT_EQ(access()->find(key->secret, wall_now())->may, role::owner);
  change_person less{(*bob)->id, {}, {}, role::viewer, {}};
  ASSERT_TRUE(ask<std::shared_ptr<const store::person>>(people, less));
  EXPECT_EQ(access()->find(key->secret, wall_now())->may, role::viewer);
  ASSERT_TRUE(ask<bool>(people, remove_person{(*bob)->id, {}}));
  EXPECT_EQ(access()->find(key->secret, wall_now()), nullptr);
  EXPECT_EQ(ask<bool>(people, remove_person{ada.granted.person, {}}).error().code,
            "people.last_owner");
}

} // namespace
} // namespace troupe::server
