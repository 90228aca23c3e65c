#include "actors/box/pairing_core.hpp"
#include "security/connection_token.hpp"
#include "tests/actors/core_effects.hpp"

#include <gtest/gtest.h>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using core = pairing_core;

/// A box with a connection token, in virtual time.
class pairing_core_token_test : public core_effects<core> {
protected:
  core make(std::string url = {}) {
    core::options how;
    how.box = box_id("b0");
    how.url = std::move(url);
    how.power_on = now;
    how.instance = "run-1";
    how.chance = [] { return 0.0; };
    how.nonce = [this] { return nonce; };
    how.new_instance = [this] { return "period-" + std::to_string(++periods); };
    return core(std::move(how));
  }
  core with_token() {
    auto box = make();
    keep(box.start(now, false));
    give(box);
    return box;
  }
  void give(core& box) {
    auto effects = box.use_token(token, token.url, now);
    ASSERT_TRUE(effects) << effects.error().text;
    keep(*std::move(effects));
  }
  /// The box has said no and waits; lets time pass until it calls anew.
  void call_again(core& box) {
    take<core::open_link>();
    ASSERT_TRUE(box.next_wake());
    now = *box.next_wake();
    keep(box.woke(now));
    ASSERT_EQ(take<core::open_link>().size(), 1u);
  }
  void challenge(core& box, const std::string& server = "s0") {
    keep(box.received(link::challenge{server, shared_bytes::copy_of("n")}, now));
  }
  link::paired word_of(const security::signing_key& signer) {
    link::paired word{"s0", "Shop", signer.public_key(), "Ada", {}};
    word.proof = signer.sign(link::server_statement("paired", "s0", box_id("b0"), nonce));
    return word;
  }
  link::refuse refusal(const std::string& code, const security::signing_key& signer) {
    link::refuse word{code, "No.", "Otherwise.", {}, {}};
    word.proof = signer.sign(link::server_statement("refuse" + code, "s0", box_id("b0"), nonce));
    return word;
  }

  int periods = 0;
  const shared_bytes nonce = shared_bytes::copy_of("0123456789abcdef0123456789abcdef");
  const security::signing_key key = security::signing_key::make();
  const security::connection_token token{"t1",
                                         "s0",
                                         "Shop",
                                         "http://server:8080",
                                         key.public_key(),
                                         security::make_token_secret(),
                                         time_point(1h)};
};

TEST_F(pairing_core_token_test, the_token_leads_to_its_server) {
  auto box = with_token();
  const auto opened = take<core::open_link>();
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].url, "http://server:8080");
  challenge(box);
  const auto hellos = take<core::send_hello>();
  ASSERT_EQ(hellos.size(), 1u);
  ASSERT_TRUE(hellos[0].token);
  EXPECT_EQ(hellos[0].token->id, "t1");
  keep(box.received(word_of(key), now));
  EXPECT_EQ(take<core::keep_server>().size(), 1u);
  keep(box.kept(now));
  EXPECT_EQ(box.state(), pairing_state::paired);
  EXPECT_FALSE(box.token());
}

TEST_F(pairing_core_token_test, without_a_network_it_waits_for_days_and_goes_when_there_is_one) {
  auto box = with_token();
  for (int day = 0; day < 5; ++day) {
    keep(box.ended({"transport.unreachable", "No network."}, now));
    EXPECT_EQ(box.state(), pairing_state::connecting);
    EXPECT_NE(box.text().find("No network."), std::string::npos);
    take<core::open_link>();
    now += 24h;
    keep(box.woke(now));
    EXPECT_EQ(take<core::open_link>().size(), 1u) << day;
  }
  EXPECT_NE(box.state(), pairing_state::expired);
  challenge(box);
  keep(box.received(word_of(key), now));
  EXPECT_EQ(take<core::keep_server>().size(), 1u);
}

TEST_F(pairing_core_token_test, a_fake_server_at_the_address_gets_nowhere) {
  const auto fake = security::signing_key::make();
  auto box = with_token();
  challenge(box, "another");
  EXPECT_TRUE(take<core::send_hello>().empty()) << "the token is not even shown";
  EXPECT_EQ(box.state(), pairing_state::failed);
  call_again(box);
  challenge(box); // says that it is s0
  keep(box.received(word_of(fake), now));
  EXPECT_TRUE(take<core::keep_server>().empty());
  EXPECT_EQ(box.state(), pairing_state::failed);
  call_again(box);
  challenge(box);
  auto mixed = word_of(fake);
  mixed.server_key = key.public_key();
  keep(box.received(mixed, now));
  EXPECT_TRUE(take<core::keep_server>().empty());
  call_again(box);
  challenge(box);
  keep(box.received(refusal("token.revoked", fake), now));
  EXPECT_TRUE(take<core::drop_token>().empty());
  call_again(box);
  challenge(box);
  keep(box.received(link::pairing_code{"BCDFGHJK", 2h, "http://fake/#connect"}, now));
  EXPECT_TRUE(take<core::show_code>().empty()) << "nobody shall type its code";
  EXPECT_TRUE(box.code().empty());
  EXPECT_TRUE(box.token()) << "the token is kept for its own server";
  call_again(box);
  challenge(box);
  keep(box.received(word_of(key), now));
  EXPECT_EQ(take<core::keep_server>().size(), 1u);
}

TEST_F(pairing_core_token_test, a_token_that_its_server_refuses_gives_way_to_a_code) {
  for (const char* code : {"token.wrong", "token.expired", "token.used_up", "token.revoked"}) {
    auto box = with_token();
    challenge(box);
    take<core::open_link>();
    keep(box.received(refusal(code, key), now));
    const auto dropped = take<core::drop_token>();
    ASSERT_EQ(dropped.size(), 1u) << code;
    EXPECT_EQ(dropped[0].id, "t1");
    EXPECT_FALSE(box.token());
    EXPECT_EQ(box.token_problem().code, code);
    EXPECT_EQ(box.token_problem().text, "No.");
    EXPECT_EQ(take<core::open_link>().size(), 1u);
    challenge(box);
    const auto hellos = take<core::send_hello>();
    ASSERT_FALSE(hellos.empty());
    EXPECT_FALSE(hellos.back().token);
    keep(box.received(link::pairing_code{"BCDFGHJK", 2h, "http://server:8080/#connect"}, now));
    EXPECT_EQ(box.state(), pairing_state::waiting);
    EXPECT_EQ(box.code(), "BCDFGHJK");
    EXPECT_EQ(box.token_problem().code, code) << "still told";
  }
}

TEST_F(pairing_core_token_test, a_box_that_is_renamed_meanwhile_goes_with_its_new_name) {
  auto box = with_token();
  keep(box.renamed(now));
  EXPECT_TRUE(take<core::send_hello>().empty()) << "nothing was said yet";
  challenge(box);
  ASSERT_EQ(take<core::send_hello>().size(), 1u);
  take<core::open_link>();
  keep(box.renamed(now));
  EXPECT_EQ(take<core::open_link>().size(), 1u);
  challenge(box);
  const auto hellos = take<core::send_hello>();
  ASSERT_EQ(hellos.size(), 1u);
  EXPECT_TRUE(hellos[0].token);
  keep(box.received(word_of(key), now));
  EXPECT_EQ(take<core::keep_server>().size(), 1u);
}

TEST_F(pairing_core_token_test, other_refusals_only_make_it_wait) {
  auto box = with_token();
  challenge(box);
  keep(box.received(refusal("link.too_old", key), now));
  EXPECT_TRUE(box.token());
  EXPECT_EQ(box.state(), pairing_state::failed);
  EXPECT_TRUE(box.next_wake());
}

TEST_F(pairing_core_token_test, a_token_ends_a_code_and_can_be_taken_away_again) {
  auto box = make("http://other:8080");
  keep(box.start(now, false));
  challenge(box, "s9");
  keep(box.received(link::pairing_code{"BCDFGHJK", 2h, "http://other:8080/#connect"}, now));
  EXPECT_EQ(box.code(), "BCDFGHJK");
  give(box);
  EXPECT_EQ(take<core::code_gone>().size(), 1u);
  EXPECT_TRUE(box.code().empty());
  EXPECT_EQ(box.renew(now).error().code, "pairing.has_token");
  keep(box.take_token_away(now));
  EXPECT_FALSE(box.token());
  take<core::send_hello>();
  challenge(box, "s0");
  EXPECT_FALSE(take<core::send_hello>().back().token);
}

TEST_F(pairing_core_token_test,
       it_helps_a_box_whose_two_hours_are_over_and_none_that_has_a_server) {
  auto box = make("http://server:8080");
  keep(box.start(now, false));
  keep(box.ended({"transport.unreachable", "No network."}, now));
  advance(box, 3h);
  EXPECT_EQ(box.state(), pairing_state::expired);
  give(box);
  EXPECT_EQ(box.state(), pairing_state::connecting);
  challenge(box);
  keep(box.received(word_of(key), now));
  EXPECT_EQ(box.use_token(token, token.url, now).error().code, "pairing.paired");
  keep(box.kept(now));
  EXPECT_EQ(box.use_token(token, token.url, now).error().code, "pairing.paired");
}

TEST_F(pairing_core_token_test, what_could_not_be_written_down_is_asked_again_with_the_token) {
  auto box = with_token();
  challenge(box);
  keep(box.received(word_of(key), now));
  keep(box.not_kept({"store.io", "The disk is full."}, now));
  EXPECT_TRUE(box.token());
  take<core::open_link>();
  advance(box, 2min);
  EXPECT_FALSE(take<core::open_link>().empty());
}

} // namespace
} // namespace troupe::box
