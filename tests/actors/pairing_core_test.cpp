#include "actors/box/pairing_core.hpp"
#include "security/signing_key.hpp"
#include "tests/actors/core_effects.hpp"

#include <gtest/gtest.h>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using core = pairing_core;

/// A box in virtual time, and what its core wanted.
class pairing_core_test : public core_effects<core> {
protected:
  core make(std::string url = "http://server:8080") {
    core::options how;
    how.box = box_id("b0");
    how.url = std::move(url);
    how.power_on = now;
    how.instance = "run-1";
    how.chance = [this] { return chance; };
    how.nonce = [] { return shared_bytes::copy_of("0123456789abcdef0123456789abcdef"); };
    how.new_instance = [this] { return "period-" + std::to_string(++periods); };
    return core(std::move(how));
  }
  void shake_hands(core& box) {
    keep(box.received(link::challenge{"s0", shared_bytes::copy_of("n")}, now));
  }
  void give_code(core& box, std::string code = "BCDFGHJK", std::chrono::seconds left = 2h) {
    keep(box.received(link::pairing_code{std::move(code), left, "http://server:8080/#connect"},
                      now));
  }
  link::paired word_of(const security::signing_key& key, std::string server = "s0") {
    link::paired word;
    word.server = server;
    word.server_name = "The server";
    word.server_key = key.public_key();
    word.person = "Ada";
    word.proof = key.sign(link::server_statement(
        "paired", server, box_id("b0"), shared_bytes::copy_of("0123456789abcdef0123456789abcdef")));
    return word;
  }

  double chance = 1.0;
  int periods = 0;
  const fault away{"link.cut", "It was cut.", "", 503};
};

TEST_F(pairing_core_test, without_a_server_it_does_nothing) {
  auto box = make("");
  keep(box.start(now, false));
  EXPECT_EQ(box.state(), pairing_state::off);
  EXPECT_TRUE(done.empty());
  EXPECT_FALSE(box.next_wake());
  EXPECT_FALSE(box.renew(now));
}

TEST_F(pairing_core_test, a_paired_box_asks_for_nothing) {
  auto box = make();
  keep(box.start(now, true));
  EXPECT_EQ(box.state(), pairing_state::paired);
  EXPECT_TRUE(done.empty());
  EXPECT_FALSE(box.next_wake());
  EXPECT_EQ(box.renew(now).error().code, "pairing.paired");
}

TEST_F(pairing_core_test, it_asks_and_shows_the_code) {
  auto box = make();
  keep(box.start(now, false));
  EXPECT_EQ(take<core::open_link>().at(0).url, "http://server:8080");
  shake_hands(box);
  const auto hello = take<core::send_hello>().at(0);
  EXPECT_EQ(hello.instance, "run-1");
  EXPECT_EQ(hello.valid_for, 2h);
  give_code(box);
  EXPECT_EQ(box.state(), pairing_state::waiting);
  EXPECT_EQ(box.code(), "BCDFGHJK");
  EXPECT_EQ(shown_code(box.code()), "BCDF-GHJK");
  EXPECT_EQ(take<core::show_code>().size(), 1u);
  give_code(box);
  EXPECT_TRUE(take<core::show_code>().empty()) << "the same code is shown and printed once";
}

TEST_F(pairing_core_test, the_code_ends_at_exactly_two_hours_from_power_on) {
  auto box = make();
  now += 30min; // the program started, then the server came
  keep(box.start(now, false));
  shake_hands(box);
  EXPECT_EQ(take<core::send_hello>().at(0).valid_for, 90min);
  give_code(box);
  advance(box, 90min - 1ms);
  EXPECT_EQ(box.state(), pairing_state::waiting);
  EXPECT_EQ(box.code(), "BCDFGHJK");
  advance(box, 1ms);
  EXPECT_EQ(box.state(), pairing_state::expired);
  EXPECT_TRUE(box.code().empty());
  EXPECT_EQ(take<core::close_link>().size(), 1u);
  EXPECT_EQ(take<core::code_gone>().size(), 1u);
  EXPECT_FALSE(box.next_wake()) << "it waits for a person";
  done.clear();
  advance(box, 24h);
  EXPECT_TRUE(done.empty());
}

TEST_F(pairing_core_test, a_server_that_counts_shorter_is_believed) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box, "BCDFGHJK", 10min);
  advance(box, 10min);
  EXPECT_EQ(box.state(), pairing_state::expired);
}

TEST_F(pairing_core_test, a_new_code_on_demand_is_of_a_new_period_of_two_hours) {
  auto box = make();
  keep(box.start(now, false));
  advance(box, 2h);
  ASSERT_EQ(box.state(), pairing_state::expired);
  done.clear();
  auto renewed = box.renew(now);
  ASSERT_TRUE(renewed);
  keep(*renewed);
  EXPECT_EQ(box.state(), pairing_state::connecting);
  EXPECT_EQ(take<core::open_link>().size(), 1u);
  shake_hands(box);
  const auto hello = take<core::send_hello>().at(0);
  EXPECT_EQ(hello.instance, "period-1") << "so the server voids the old code";
  EXPECT_EQ(hello.valid_for, 2h);
  give_code(box, "MNPQRSTV");
  advance(box, 2h - 1ms);
  EXPECT_EQ(box.code(), "MNPQRSTV");
  advance(box, 1ms);
  EXPECT_EQ(box.state(), pairing_state::expired);
}

TEST_F(pairing_core_test, a_server_away_at_the_start_is_tried_again_more_and_more_slowly) {
  auto box = make();
  keep(box.start(now, false));
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 9; ++i) {
    take<core::open_link>();
    keep(box.ended(away, now));
    EXPECT_EQ(box.state(), pairing_state::connecting);
    ASSERT_TRUE(box.next_wake());
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(*box.next_wake() - now));
    advance(box, waits.back());
    EXPECT_EQ(take<core::open_link>().size(), 1u);
  }
  const std::vector<std::chrono::milliseconds> wanted{1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s, 30s};
  EXPECT_EQ(waits, wanted);
  EXPECT_EQ(back_off::with_chance(60s, 0.0), 30s) << "half of a wait is by chance";
  shake_hands(box);
  EXPECT_EQ(take<core::send_hello>().size(), 1u);
  give_code(box);
  EXPECT_EQ(box.state(), pairing_state::waiting);
}

TEST_F(pairing_core_test, a_server_gone_in_the_middle_finds_the_same_code_again) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box);
  take<core::show_code>();
  advance(box, 10min);
  keep(box.ended(away, now));
  EXPECT_EQ(box.state(), pairing_state::waiting);
  EXPECT_EQ(box.code(), "BCDFGHJK");
  EXPECT_NE(box.text().find("cannot be reached"), std::string::npos);
  advance(box, 1s);
  shake_hands(box);
  const auto hellos = take<core::send_hello>();
  EXPECT_EQ(hellos.back().instance, "run-1");
  EXPECT_EQ(hellos.back().valid_for, 2h - 10min - 1s);
  give_code(box);
  EXPECT_TRUE(take<core::show_code>().empty()) << "not printed again";
  EXPECT_EQ(box.text().find("cannot be reached"), std::string::npos);
}

TEST_F(pairing_core_test, a_server_that_forgot_the_code_gives_another_and_the_old_one_goes) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box);
  keep(box.ended(away, now));
  advance(box, 1s);
  shake_hands(box);
  done.clear();
  give_code(box, "MNPQRSTV");
  EXPECT_EQ(take<core::code_gone>().size(), 1u);
  EXPECT_EQ(take<core::show_code>().size(), 1u);
  EXPECT_EQ(box.code(), "MNPQRSTV");
}

TEST_F(pairing_core_test, a_code_that_ends_while_the_server_is_away_is_gone) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box);
  advance(box, 2h - 10s);
  keep(box.ended(away, now));
  for (int i = 0; i < 10 && box.state() != pairing_state::expired; ++i) {
    advance(box, 2s);
    keep(box.ended(away, now));
  }
  EXPECT_EQ(box.state(), pairing_state::expired);
}

TEST_F(pairing_core_test, typed_on_the_server_it_is_used_up_and_kept) {
  const auto key = security::signing_key::make();
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box);
  keep(box.received(word_of(key), now));
  const auto kept = take<core::keep_server>();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].who.person, "Ada");
  EXPECT_EQ(kept[0].url, "http://server:8080");
  keep(box.ended(away, now)); // the server hangs up first: no matter
  keep(box.kept(now));
  EXPECT_EQ(box.state(), pairing_state::paired);
  EXPECT_TRUE(box.code().empty());
  EXPECT_EQ(take<core::code_gone>().size(), 1u);
  EXPECT_FALSE(box.next_wake());
}

TEST_F(pairing_core_test, what_cannot_be_written_down_is_asked_again) {
  const auto key = security::signing_key::make();
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  keep(box.received(word_of(key), now)); // at once: the box lost its note of this server
  keep(box.not_kept({"store.disk_full", "The disk is full.", "", 507}, now));
  EXPECT_EQ(box.state(), pairing_state::failed);
  done.clear();
  advance(box, 1s);
  EXPECT_EQ(take<core::open_link>().size(), 1u);
  shake_hands(box);
  keep(box.received(word_of(key), now));
  keep(box.kept(now));
  EXPECT_EQ(box.state(), pairing_state::paired);
}

TEST_F(pairing_core_test, a_word_that_is_not_signed_by_its_server_is_not_believed) {
  const auto key = security::signing_key::make();
  auto wrong_proof = word_of(security::signing_key::make());
  wrong_proof.server_key = key.public_key();
  for (const auto& word : {wrong_proof, word_of(key, "another"), link::paired{}}) {
    auto box = make();
    keep(box.start(now, false));
    shake_hands(box);
    give_code(box);
    done.clear();
    keep(box.received(word, now));
    EXPECT_TRUE(take<core::keep_server>().empty());
    EXPECT_EQ(box.state(), pairing_state::failed);
    EXPECT_EQ(take<core::close_link>().size(), 1u);
  }
}

TEST_F(pairing_core_test, refusals_are_told_in_the_servers_words) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  keep(box.received(link::refuse{"link.too_old", "This box is too old.", "Update it.", 300s, {}},
                    now));
  EXPECT_EQ(box.state(), pairing_state::failed);
  EXPECT_EQ(box.text(), "This box is too old.");
  EXPECT_EQ(box.remedy(), "Update it.");
  EXPECT_EQ(*box.next_wake() - now, 300s);
  advance(box, 300s);
  shake_hands(box);
  keep(box.received(link::refuse{"pairing.expired", "", "", {}, {}}, now));
  EXPECT_EQ(box.state(), pairing_state::expired);
}

TEST_F(pairing_core_test, frames_out_of_place_end_the_attempt) {
  const link::server_frame odd[] = {
      link::welcome{}, link::command{}, link::pairing_code{"bcdf", 2h, ""},
      link::pairing_code{"BCDFGHJK", 2h, ""}, // before the challenge
  };
  for (const auto& frame : odd) {
    auto box = make();
    keep(box.start(now, false));
    keep(box.received(frame, now));
    EXPECT_EQ(box.state(), pairing_state::failed);
    EXPECT_TRUE(box.code().empty());
    ASSERT_TRUE(box.next_wake());
    keep(box.received(link::pairing_code{"BCDFGHJK", 2h, ""}, now));
    EXPECT_TRUE(box.code().empty()) << "nothing of a dropped connection counts";
  }
}

TEST_F(pairing_core_test, a_server_that_takes_the_connection_and_is_silent_is_left) {
  auto box = make();
  keep(box.start(now, false));
  done.clear();
  advance(box, core::answer_patience);
  EXPECT_EQ(take<core::close_link>().size(), 1u);
  advance(box, 1s);
  EXPECT_EQ(take<core::open_link>().size(), 1u);
}

TEST_F(pairing_core_test, come_back_later_is_obeyed) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box);
  keep(box.received(link::bye{40s, "restart"}, now));
  EXPECT_EQ(box.code(), "BCDFGHJK");
  EXPECT_EQ(*box.next_wake() - now, 40s);
}

TEST_F(pairing_core_test, another_server_gets_a_new_period_and_voids_the_code) {
  auto box = make();
  keep(box.start(now, false));
  shake_hands(box);
  give_code(box);
  done.clear();
  keep(box.set_url("https://other", now));
  EXPECT_TRUE(box.code().empty());
  EXPECT_EQ(take<core::close_link>().size(), 1u);
  EXPECT_EQ(take<core::open_link>().at(0).url, "https://other");
  keep(box.set_url("", now));
  EXPECT_EQ(box.state(), pairing_state::off);
  EXPECT_EQ(take<core::close_link>().size(), 1u);
}

TEST_F(pairing_core_test, with_another_name_it_greets_the_server_anew_for_the_same_code) {
  auto box = make();
  keep(box.start(now, false));
  EXPECT_TRUE(box.renamed(now).empty()) << "it has not said its name yet";
  shake_hands(box);
  give_code(box);
  done.clear();
  keep(box.renamed(now));
  EXPECT_EQ(take<core::close_link>().size(), 1u);
  EXPECT_EQ(take<core::open_link>().size(), 1u);
  EXPECT_EQ(box.code(), "BCDFGHJK");
  EXPECT_EQ(box.state(), pairing_state::waiting);
  shake_hands(box);
  EXPECT_EQ(take<core::send_hello>().at(0).instance, "run-1");
  give_code(box);
  EXPECT_TRUE(done.empty()) << "nothing is shown or printed again";
  const auto server = security::signing_key::make();
  keep(box.received(word_of(server), now));
  EXPECT_TRUE(box.renamed(now).empty()) << "it is being taken in";
  keep(box.kept(now));
  done.clear();
  EXPECT_TRUE(box.renamed(now).empty());
}

TEST_F(pairing_core_test, disconnected_it_shows_a_code_again) {
  auto box = make();
  keep(box.start(now, true));
  now += 1000h;
  keep(box.forget({}, now));
  EXPECT_EQ(box.state(), pairing_state::connecting);
  EXPECT_EQ(take<core::open_link>().size(), 1u);
  shake_hands(box);
  EXPECT_EQ(take<core::send_hello>().at(0).valid_for, 2h);
}

} // namespace
} // namespace troupe::box
