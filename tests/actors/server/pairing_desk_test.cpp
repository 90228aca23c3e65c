#include "tests/actors/server/link_fixture.hpp"

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

class pairing_test : public link_test {
protected:
  std::string come_for_code(scripted_box& box) {
    come(box, link::link_wish::pairing);
    const auto code = box.next<link::pairing_code>();
    EXPECT_TRUE(code);
    return code ? code->code : "";
  }
};

TEST_F(pairing_test, two_hours_pass) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  advance(2h - 1s);
  EXPECT_TRUE(box.socket->is_open());
  advance(1s);
  const auto refused = box.next<link::refuse>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "pairing.expired");
  EXPECT_FALSE(box.socket->is_open());
  EXPECT_EQ(claim(code).error().code, "pairing.wrong");
}

TEST_F(pairing_test, a_cut_does_not_change_the_code_and_a_restart_of_the_box_does) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  cut(box);
  EXPECT_EQ(claim(code).error().code, "pairing.gone");
  EXPECT_EQ(come_for_code(box), code);
  box.hello.instance = "restarted";
  const auto fresh = come_for_code(box);
  EXPECT_NE(fresh, code);
  EXPECT_EQ(claim(code).error().code, "pairing.wrong");
  EXPECT_TRUE(claim(fresh));
}

TEST_F(pairing_test, a_restarted_server_gives_a_new_code) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  crash_and_restart();
  const auto fresh = come_for_code(box);
  EXPECT_NE(fresh, code);
  EXPECT_EQ(claim(code).error().code, "pairing.wrong");
  EXPECT_TRUE(claim(fresh));
}

TEST_F(pairing_test, a_used_code_is_gone_at_once) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  auto first = request<claimed_box>(desk, 9s, claim_code{code, "Anna", "10.0.0.1"});
  auto second = request<claimed_box>(desk, 9s, claim_code{code, "Ben", "10.0.0.2"});
  settle();
  ASSERT_TRUE(**first);
  EXPECT_EQ((**second).error().code, "pairing.wrong");
  EXPECT_EQ(box.next<link::paired>()->person, "Anna");
  EXPECT_EQ(claim(code).error().code, "pairing.wrong");
  EXPECT_EQ(history("pairing.claimed").size(), 1u);
  EXPECT_EQ(history("box.connected").size(), 1u);
}

TEST_F(pairing_test, coming_into_the_fleet_is_told_with_the_time_at_which_it_was) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  turn_wall_clock(std::chrono::hours(24));
  advance(90min);
  const auto typed_at = wall_now();
  ASSERT_TRUE(claim(code));
  for (const char* type : {"pairing.claimed", "box.connected"}) {
    const auto told = history(type);
    ASSERT_EQ(told.size(), 1u) << type;
    EXPECT_EQ(told[0]->content.content.time, typed_at) << type;
    EXPECT_EQ(told[0]->content.box, box.hello.box) << type;
  }
}

TEST_F(pairing_test, a_box_that_hangs_up_in_the_middle_is_in_the_fleet_all_the_same) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  auto claimed = request<claimed_box>(desk, 9s, claim_code{code, "Anna", "10.0.0.1"});
  box.socket->cut();
  settle();
  if (**claimed) { // written before the cut was noticed
    come(box, link::link_wish::pairing);
    EXPECT_TRUE(box.next<link::paired>());
  } else {
    EXPECT_EQ((**claimed).error().code, "pairing.gone");
  }
}

TEST_F(pairing_test, guessers_wait_in_virtual_time) {
  scripted_box box("b1");
  const auto code = come_for_code(box);
  for (int tried = 0; tried < 5; ++tried)
    EXPECT_EQ(claim("ZZZZ-ZZZZ").error().code, "pairing.wrong");
  const auto slow = claim(code);
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, "pairing.slow");
  EXPECT_EQ(slow.error().status, 429);
  advance(2s);
  EXPECT_TRUE(claim(code));
}

TEST_F(pairing_test, a_box_set_up_anew_takes_its_place_by_its_code) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  scripted_box anew("b1"); // the same serial number, another key
  const auto code = come_for_code(anew);
  EXPECT_TRUE(box.socket->is_open()) << "nothing happens before the owner typed it";
  ASSERT_TRUE(claim(code));
  EXPECT_FALSE(box.socket->is_open());
  EXPECT_TRUE(link_box(anew));
  come(box, link::link_wish::link);
  EXPECT_EQ(box.next<link::refuse>()->code, "link.bad_proof");
}

TEST_F(pairing_test, names_from_boxes_are_made_fit) {
  int number = 0;
  for (const std::string& odd :
       {std::string(), std::string("\xff\xfe"), std::string("a\0b", 3), std::string(500, 'n'),
        std::string("till\u202egnp.exe"), std::string("two\u2028lines")}) {
    scripted_box box("box-" + std::to_string(++number));
    box.hello.name = odd;
    pair(box);
    EXPECT_TRUE(shown(box).name.starts_with("Box box-")) << odd;
  }
  scripted_box good("good");
  good.hello.name = "Küche 厨房 🧾 مطبخ";
  pair(good);
  EXPECT_EQ(shown(good).name, "Küche 厨房 🧾 مطبخ");
}

} // namespace
} // namespace troupe::server
