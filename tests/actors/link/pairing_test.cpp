#include "tests/actors/link/both_ends.hpp"

namespace troupe::link {
namespace {

using namespace std::chrono_literals;

class pairing_both_ends : public both_ends {};

TEST_F(pairing_both_ends, two_owners_type_one_code_and_one_has_the_box) {
  show_code();
  const auto typed = code();
  ASSERT_EQ(typed.size(), 8u);
  const auto anna =
      request<server::claimed_box>(desk, 1min, server::claim_code{typed, "Anna", "10.0.0.1"});
  const auto bert =
      request<server::claimed_box>(desk, 1min, server::claim_code{typed, "Bert", "10.0.0.2"});
  carry_all();
  ASSERT_TRUE(*anna && *bert);
  EXPECT_TRUE(**anna) << (*anna)->error().text;
  ASSERT_FALSE(**bert);
  EXPECT_EQ((*bert)->error().code, "pairing.wrong");
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_EQ(claim(typed, "Bert").error().code, "pairing.wrong") << "it is used up";
  EXPECT_TRUE(code().empty());
}

TEST_F(pairing_both_ends, a_code_lives_two_hours_of_the_steady_clock_whatever_the_walls_say) {
  show_code();
  const auto typed = code();
  turn_wall_clock(std::chrono::hours(24 * 365 * 20));
  advance(1h);
  turn_wall_clock(-std::chrono::hours(24 * 365 * 50));
  advance(58min);
  carry_all();
  EXPECT_EQ(code(), typed);
  wire()->cut(); // the server's end too; it is the same code afterwards
  for (int i = 0; i < 10 && code() != typed; ++i) {
    advance(2s);
    carry_all();
  }
  EXPECT_EQ(code(), typed);
  advance(3min);
  carry_all();
  EXPECT_TRUE(code().empty());
  EXPECT_EQ(claim(typed).error().code, "pairing.wrong");
}

TEST_F(pairing_both_ends, a_box_renamed_while_it_waits_comes_into_the_fleet_by_its_new_name) {
  show_code();
  const auto typed = code();
  const auto box_is_called = [this](const char* name) {
    const auto renamed =
        send("PATCH", "/api/v1/box", signed_in(), std::string("{\"name\":\"") + name + "\"}");
    EXPECT_EQ(renamed->status(), 200) << renamed->text();
    carry_all();
  };
  box_is_called("Kitchen");
  box_is_called("Küche 🍲");
  EXPECT_EQ(code(), typed) << "it is still the same code";
  const auto claimed = claim(typed);
  ASSERT_TRUE(claimed) << claimed.error().text;
  EXPECT_EQ(claimed->name, "Küche 🍲");
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_EQ((*ask<server::fleet_box_ptr>(fleet, server::get_box{box_id("b0")}))->name, "Küche 🍲");
}

TEST_F(pairing_both_ends, a_box_renamed_while_the_server_is_away_says_its_new_name_afterwards) {
  show_code();
  wire()->cut();
  carry_all();
  ASSERT_EQ(send("PATCH", "/api/v1/box", signed_in(), R"({"name":"Kitchen"})")->status(), 200);
  const auto typed = code();
  advance(5s);
  carry_all();
  EXPECT_EQ(code(), typed);
  const auto claimed = claim(typed);
  ASSERT_TRUE(claimed) << claimed.error().text;
  EXPECT_EQ(claimed->name, "Kitchen");
}

TEST_F(pairing_both_ends, a_restarted_box_shows_another_code_and_the_old_one_is_void) {
  show_code();
  const auto first = code();
  restart_box();
  for (int i = 0; i < 20 && code().empty(); ++i) {
    carry_all();
    advance(1s);
  }
  const auto second = code();
  ASSERT_FALSE(second.empty());
  EXPECT_NE(second, first);
  EXPECT_EQ(claim(first).error().code, "pairing.wrong");
  EXPECT_TRUE(claim(second));
  ASSERT_NO_FATAL_FAILURE(link_up());
}

} // namespace
} // namespace troupe::link
