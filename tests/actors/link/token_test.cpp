#include "security/connection_token.hpp"
#include "tests/actors/link/both_ends.hpp"

namespace troupe::link {
namespace {

using namespace std::chrono_literals;

/// A box that comes to its server with a token, both real.
class token_both_ends : public both_ends {
protected:
  std::string make_token(std::uint32_t boxes = 1) {
    server::make_connection_token wanted;
    wanted.note = "Kitchen";
    wanted.boxes = boxes;
    wanted.expires = wall_now() + 24h;
    wanted.url = "http://server.example:8080";
    wanted.by = {"p1", "Anna", "10.0.0.1"};
    const auto made = ask<server::made_connection_token>(tokens, wanted);
    EXPECT_TRUE(made) << made.error().text;
    return made ? made->text : std::string();
  }
  store::connection_token_row only_token() {
    const auto known = ask<server::connection_tokens>(tokens, server::get_connection_tokens{});
    EXPECT_TRUE(known && known->all.size() == 1);
    return known->all.at(0);
  }
  /// As a person pastes it on the homepage; the answer's status.
  int give(const std::string& text) {
    return send("POST", "/api/v1/pairing/token", signed_in(),
                to_json(value(value::object{{"token", text}})))
        ->status();
  }
  box::pairing_info info() {
    const auto told = ask<box::pairing_info>(pairing, box::get_pairing{});
    EXPECT_TRUE(told) << told.error().text;
    return told ? *told : box::pairing_info{};
  }
  /// Lets time pass and frames go until the box is told so, for two minutes at most.
  void wait_for_problem(const std::string& code) {
    for (int i = 0; i < 60 && info().token_problem.code != code; ++i) {
      carry_all();
      advance(2s);
    }
    EXPECT_EQ(info().token_problem.code, code);
  }
};

TEST_F(token_both_ends, a_box_is_connected_by_its_token_alone) {
  EXPECT_EQ(give(make_token()), 200);
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_EQ(info().server->name, "Shop");
  EXPECT_EQ(info().server->person, "Anna");
  EXPECT_EQ(info().server->url, "http://server.example:8080");
  EXPECT_FALSE(info().token);
  EXPECT_EQ(only_token().uses_left, 0u);
  restart_box();
  ASSERT_NO_FATAL_FAILURE(link_up());
}

TEST_F(token_both_ends, a_box_without_a_way_to_the_server_keeps_the_token_and_goes_later) {
  const auto text = make_token();
  kill_server();
  EXPECT_EQ(give(text), 200);
  for (int i = 0; i < 5; ++i) {
    carry_all();
    advance(1h);
  }
  EXPECT_TRUE(info().token);
  EXPECT_FALSE(info().remedy.empty());
  restart_box();
  carry_all();
  ASSERT_TRUE(info().token) << "it is kept over restarts";
  EXPECT_EQ(info().token->server_name, "Shop");
  start_server();
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_EQ(only_token().uses_left, 0u);
}

TEST_F(token_both_ends, a_cut_or_death_at_any_frame_counts_the_box_once) {
  for (int step = 0; step < 6; ++step) {
    SCOPED_TRACE(step);
    const auto text = make_token(2);
    const auto id = security::read_connection_token(text)->id;
    ASSERT_EQ(give(text), 200);
    settle();
    for (int i = 0; i < step && wire(); ++i) {
      if (!wire()->carry_down()) wire()->carry_up();
      settle();
    }
    if (step % 2 == 0)
      restart_server();
    else
      restart_box();
    ASSERT_NO_FATAL_FAILURE(link_up());
    const auto known = ask<server::connection_tokens>(tokens, server::get_connection_tokens{});
    ASSERT_TRUE(known);
    for (const auto& each : known->all)
      EXPECT_TRUE(each.id != id || each.uses_left == 1) << each.uses_left;
    ASSERT_EQ(send("DELETE", "/api/v1/pairing", signed_in())->status(), 200);
    ASSERT_TRUE(*ask<bool>(fleet, server::delete_box{box_id("b0"), "Anna"}));
    carry_all();
  }
}

TEST_F(token_both_ends, a_refused_token_is_told_and_a_code_is_offered) {
  const auto text = make_token();
  const auto id = security::read_connection_token(text)->id;
  ASSERT_TRUE(ask<server::connection_token_ptr>(
      tokens, server::revoke_connection_token{id, {"p1", "Anna", ""}}));
  EXPECT_EQ(give(text), 200);
  wait_for_problem("token.revoked");
  for (int i = 0; i < 30 && code().empty(); ++i) {
    carry_all();
    advance(1s);
  }
  EXPECT_EQ(code().size(), 8u);
  EXPECT_FALSE(info().token_problem.text.empty());
  const auto page = send("GET", "/api/v1/pairing", signed_in());
  EXPECT_NE(page->text().find("\"token.revoked\""), std::string::npos);
  restart_box();
  carry_all();
  EXPECT_FALSE(info().token) << "it is not tried again";
}

TEST_F(token_both_ends, an_expired_one_is_told_by_the_server_whatever_the_boxs_clock_says) {
  const auto text = make_token();
  turn_wall_clock(48h);
  EXPECT_EQ(give(text), 200);
  wait_for_problem("token.expired");
}

TEST_F(token_both_ends, what_is_no_token_is_refused_at_once) {
  EXPECT_EQ(give("BCDF-GHJK"), 422);
  auto forged = make_token();
  forged[100] = forged[100] == 'A' ? 'B' : 'A';
  EXPECT_EQ(give(forged), 422);
  EXPECT_FALSE(info().token);
  EXPECT_TRUE(wires.empty());
}

TEST_F(token_both_ends, a_token_can_be_taken_away_before_it_is_used) {
  const auto text = make_token();
  kill_server();
  EXPECT_EQ(give(text), 200);
  EXPECT_EQ(send("DELETE", "/api/v1/pairing/token", signed_in())->status(), 200);
  EXPECT_FALSE(info().token);
  start_server();
  for (int i = 0; i < 30 && code().empty(); ++i) {
    carry_all();
    advance(2s);
  }
  EXPECT_EQ(code().size(), 8u);
  EXPECT_EQ(only_token().uses_left, 1u);
}

TEST_F(token_both_ends, a_connected_box_takes_none) {
  ASSERT_NO_FATAL_FAILURE(pair());
  EXPECT_EQ(give(make_token()), 409);
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_EQ(only_token().uses_left, 1u);
}

TEST_F(token_both_ends, a_server_of_another_key_at_the_address_gets_nowhere) {
  const auto text = make_token();
  kill_server();
  server_key = security::signing_key::make(); // reinstalled, or somebody else's
  start_server();
  EXPECT_EQ(give(text), 200);
  for (int i = 0; i < 20; ++i) {
    carry_all();
    advance(10s);
  }
  EXPECT_FALSE(info().server);
  EXPECT_TRUE(info().token);
  EXPECT_FALSE(info().text.empty());
}

} // namespace
} // namespace troupe::link
