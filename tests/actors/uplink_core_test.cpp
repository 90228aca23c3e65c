#include "actors/box/uplink_core.hpp"
#include "security/signing_key.hpp"
#include "tests/actors/core_effects.hpp"

#include <gtest/gtest.h>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using core = uplink_core;

class uplink_core_test : public core_effects<core> {
protected:
  uplink_core_test() {
    core::options how;
    how.box = box_id("b0");
    how.chance = [this] { return chance; };
    how.nonce = [this] { return nonce; };
    box.emplace(std::move(how));
  }
  void begin() { keep(box->set_server(known(), now)); }
  core::known_server known() const {
    return {"s0", "The fleet", key.public_key(), "http://server:8080"};
  }
  shared_bytes proof(std::string_view kind) const {
    return key.sign(link::server_statement(kind, "s0", box_id("b0"), nonce));
  }
  void challenge(const char* server = "s0") {
    keep(box->received(link::challenge{server, shared_bytes::copy_of("n")}, now));
  }
  void welcome(std::uint64_t last = 0) {
    link::welcome frame;
    frame.last_event = last;
    frame.server_name = "The fleet";
    frame.proof = proof("welcome");
    keep(box->received(frame, now));
  }
  void link_up(std::uint64_t last = 0) {
    challenge();
    box->hello_sent(1000);
    welcome(last);
  }
  void cut() { keep(box->ended({"link.cut", "It was cut.", "", 503}, now)); }
  std::chrono::milliseconds wait() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(*box->next_wake() - now);
  }
  void advance(std::chrono::milliseconds by) {
    now += by;
    keep(box->woke(now));
  }

  security::signing_key key = security::signing_key::make();
  shared_bytes nonce = shared_bytes::copy_of("0123456789abcdef0123456789abcdef");
  double chance = 1.0;
  std::optional<core> box;
};

TEST_F(uplink_core_test, without_a_server_it_rests) {
  keep(box->set_server(std::nullopt, now));
  EXPECT_EQ(box->state(), link_state::unpaired);
  EXPECT_FALSE(box->next_wake());
  EXPECT_TRUE(done.empty());
}

TEST_F(uplink_core_test, it_calls_proves_itself_and_is_linked) {
  begin();
  EXPECT_EQ(box->state(), link_state::connecting);
  EXPECT_EQ(take<core::open_link>().at(0).url, "http://server:8080");
  challenge();
  EXPECT_EQ(take<core::send_hello>().size(), 1u);
  EXPECT_TRUE(box->hello_wanted(nonce));
  EXPECT_FALSE(box->hello_wanted(shared_bytes::copy_of("old")));
  box->hello_sent(1000);
  welcome(700);
  EXPECT_EQ(box->state(), link_state::linked);
  EXPECT_EQ(take<core::link_up>().at(0).last_event, 700u);
  EXPECT_FALSE(box->next_wake());
}

TEST_F(uplink_core_test, another_server_is_not_believed) {
  begin();
  challenge("another");
  EXPECT_EQ(box->state(), link_state::refused);
  EXPECT_EQ(box->code(), "link.wrong_server");
  EXPECT_TRUE(take<core::send_hello>().empty());
  EXPECT_EQ(wait(), 60s);
}

TEST_F(uplink_core_test, a_welcome_without_the_servers_signature_is_not_believed) {
  const auto stranger = security::signing_key::make();
  for (const auto& forged :
       {shared_bytes(), proof("paired"),
        stranger.sign(link::server_statement("welcome", "s0", box_id("b0"), nonce)),
        key.sign(link::server_statement("welcome", "s0", box_id("b1"), nonce)),
        key.sign(link::server_statement("welcome", "s0", box_id("b0"),
                                        shared_bytes::copy_of("an older nonce")))}) {
    begin();
    challenge();
    link::welcome frame;
    frame.proof = forged;
    keep(box->received(frame, now));
    EXPECT_EQ(box->state(), link_state::refused);
    EXPECT_EQ(box->code(), "link.wrong_server");
    EXPECT_TRUE(take<core::link_up>().empty());
  }
}

TEST_F(uplink_core_test, back_off_grows_to_half_a_minute_and_starts_anew_after_a_steady_minute) {
  begin();
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 8; ++i) {
    cut();
    EXPECT_EQ(box->state(), link_state::waiting);
    waits.push_back(wait());
    advance(waits.back());
  }
  EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}));
  link_up();
  now += 59s;
  cut();
  EXPECT_EQ(wait(), 30s) << "a link that hardly lived is no good sign";
  advance(30s);
  link_up();
  now += 60s;
  cut();
  EXPECT_EQ(wait(), 1s);
  chance = 0.0;
  advance(1s);
  cut();
  EXPECT_EQ(wait(), 1s) << "half of two seconds";
}

TEST_F(uplink_core_test, a_server_that_knows_more_than_the_box_gets_a_new_numbering) {
  begin();
  take<core::open_link>();
  link_up(1001);
  EXPECT_FALSE(box->linked());
  EXPECT_EQ(take<core::new_epoch>().size(), 1u);
  EXPECT_EQ(take<core::close_link>().size(), 1u);
  EXPECT_EQ(take<core::open_link>().size(), 1u) << "at once, and says hello anew";
  link_up(0);
  EXPECT_TRUE(box->linked());
}

TEST_F(uplink_core_test, a_deleted_box_forgets_its_server_when_the_server_signs_that) {
  begin();
  challenge();
  keep(box->received(link::refuse{"link.unknown_box", "Unknown.", "", {}, {}}, now));
  EXPECT_EQ(box->state(), link_state::refused);
  EXPECT_TRUE(take<core::forget_server>().empty()) << "anybody could say that";
  EXPECT_EQ(wait(), 60s);
  advance(60s);
  challenge();
  keep(box->received(
      link::refuse{"link.unknown_box", "Unknown.", "", {}, proof("refuselink.unknown_box")}, now));
  EXPECT_EQ(take<core::forget_server>().size(), 1u);
  EXPECT_FALSE(box->next_wake());
}

TEST_F(uplink_core_test, told_to_forget_over_the_link_it_does_when_signed) {
  begin();
  link_up();
  keep(box->received(link::forget{}, now));
  keep(box->received(link::forget{proof("welcome")}, now));
  EXPECT_TRUE(box->linked());
  keep(box->received(link::forget{proof("forget")}, now));
  EXPECT_EQ(take<core::forget_server>().size(), 1u);
  EXPECT_FALSE(box->linked());
}

TEST_F(uplink_core_test, a_copied_box_says_so_and_tries_again_when_told) {
  begin();
  challenge();
  keep(box->received(link::refuse{"link.copied", "Another machine is this box.",
                                  "Decide on the server.", 60s, proof("refuselink.copied")},
                     now));
  EXPECT_EQ(box->state(), link_state::refused);
  EXPECT_EQ(box->code(), "link.copied");
  EXPECT_EQ(box->text(), "Another machine is this box.");
  EXPECT_EQ(wait(), 60s);
}

TEST_F(uplink_core_test, busy_is_no_refusal) {
  begin();
  challenge();
  keep(box->received(link::refuse{"link.busy", "Busy.", "", 7s, {}}, now));
  EXPECT_EQ(box->state(), link_state::waiting);
  EXPECT_EQ(wait(), 7s);
}

TEST_F(uplink_core_test, come_back_later_is_obeyed) {
  begin();
  link_up();
  keep(box->received(link::bye{33s, ""}, now));
  EXPECT_EQ(box->state(), link_state::waiting);
  EXPECT_EQ(take<core::link_down>().size(), 1u);
  EXPECT_EQ(wait(), 33s);
}

TEST_F(uplink_core_test, a_probe_is_answered_only_on_the_link) {
  begin();
  challenge();
  keep(box->received(link::probe{5}, now));
  EXPECT_TRUE(take<core::send_alive>().empty());
  box->hello_sent(1);
  welcome();
  keep(box->received(link::probe{6}, now));
  EXPECT_EQ(take<core::send_alive>().at(0).number, 6u);
}

TEST_F(uplink_core_test, a_copy_of_its_disk_is_told_as_long_as_it_asks) {
  begin();
  link_up();
  EXPECT_EQ(box->code(), "");
  keep(box->received(link::probe{1}, now));
  EXPECT_EQ(box->state(), link_state::linked);
  EXPECT_EQ(box->code(), "link.copied");
  EXPECT_FALSE(box->remedy().empty());
  advance(core::refused_pause);
  keep(box->received(link::probe{2}, now)); // it asks again
  EXPECT_EQ(wait(), core::copy_remembered);
  advance(core::copy_remembered - 1ms);
  EXPECT_EQ(box->code(), "link.copied");
  advance(1ms);
  EXPECT_EQ(box->code(), "");
  EXPECT_EQ(box->text(), "Linked to The fleet.");
  EXPECT_FALSE(box->next_wake());
  keep(box->received(link::probe{3}, now));
  cut();
  EXPECT_EQ(box->state(), link_state::waiting);
  advance(wait());
  link_up();
  EXPECT_EQ(box->code(), "") << "a new link knows of no copy";
}

TEST_F(uplink_core_test, silence_after_connecting_is_left) {
  begin();
  EXPECT_EQ(wait(), core::answer_patience);
  challenge();
  advance(core::answer_patience);
  EXPECT_EQ(box->state(), link_state::waiting);
  EXPECT_EQ(box->code(), "link.silent");
  EXPECT_EQ(take<core::close_link>().size(), 1u);
}

TEST_F(uplink_core_test, frames_out_of_order_change_nothing) {
  begin();
  welcome();
  keep(box->received(link::command{}, now));
  keep(box->received(link::event_ack{5}, now));
  keep(box->received(link::pairing_code{"BCDFGHJK", 2h, ""}, now));
  keep(box->received(link::paired{}, now));
  EXPECT_EQ(box->state(), link_state::connecting);
  link_up();
  EXPECT_TRUE(box->linked());
  challenge();
  welcome(5);
  EXPECT_EQ(take<core::link_up>().size(), 1u);
}

TEST(event_window_test, at_most_four_batches_are_under_way) {
  event_window window;
  window.start(100);
  for (std::uint64_t last : {110, 120, 130, 140}) {
    EXPECT_TRUE(window.has_room());
    window.sent(last);
  }
  EXPECT_FALSE(window.has_room());
  EXPECT_TRUE(window.confirm(125));
  EXPECT_TRUE(window.has_room());
  EXPECT_EQ(window.acked(), 125u);
  EXPECT_TRUE(window.confirm(110)) << "late, and no harm";
  EXPECT_EQ(window.acked(), 125u);
  EXPECT_FALSE(window.confirm(141)) << "nobody sent that";
  window.start(125);
  EXPECT_EQ(window.position(), 125u) << "what was under way goes out again";
  EXPECT_TRUE(window.empty());
}

TEST(rate_meter_test, counts_an_even_stream) {
  rate_meter rate;
  rate_meter::time now{1h};
  for (int i = 0; i < 60 * 10; ++i, now += 1min)
    rate.count(now);
  EXPECT_NEAR(rate.per_hour(now), 60.0, 2.0);
  EXPECT_NEAR(rate.per_hour(now + 30min), 30.0, 1.0);
}

} // namespace
} // namespace troupe::box
