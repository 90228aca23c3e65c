#include "store/points_of_sale.hpp"
#include "tests/actors/server/link_fixture.hpp"

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

/// Points of sale, tags and the steps of connecting, on each database.
class points_test : public link_test, public ::testing::WithParamInterface<bool> {
protected:
  points_test() : link_test(GetParam()) {}

  std::string add(const std::string& name) {
    const auto made = ask<point_of_sale>(fleet, add_point_of_sale{name, "Anna"});
    EXPECT_TRUE(made) << made.error().text;
    return made ? made->id : "";
  }
  std::string fault_of_adding(const std::string& name) {
    const auto made = ask<point_of_sale>(fleet, add_point_of_sale{name, "Anna"});
    return made ? "none" : made.error().code;
  }
  std::vector<std::pair<std::string, std::size_t>> all() {
    const auto known = ask<points_of_sale>(fleet, get_points_of_sale{});
    EXPECT_TRUE(known);
    std::vector<std::pair<std::string, std::size_t>> out;
    for (const auto& each : known->all)
      out.emplace_back(each.content.name, each.boxes);
    return out;
  }
  result<fleet_box_ptr> place(const scripted_box& box, std::optional<std::string> point,
                              bool answers = false) {
    change_box wanted;
    wanted.id = box.hello.box;
    wanted.point_of_sale = std::move(point);
    wanted.answers_question = answers;
    return ask<fleet_box_ptr>(fleet, wanted);
  }
  result<fleet_box_ptr> tag(const scripted_box& box, std::vector<std::string> tags) {
    change_box wanted;
    wanted.id = box.hello.box;
    wanted.tags = std::move(tags);
    return ask<fleet_box_ptr>(fleet, wanted);
  }
};

using named = std::vector<std::pair<std::string, std::size_t>>;

TEST_P(points_test, come_and_go_by_name_and_outlive_a_crash) {
  const auto kiosk = add("  Kiosk ☕ ");
  const auto bakery = add("bakery");
  EXPECT_EQ(all(), (named{{"bakery", 0}, {"Kiosk ☕", 0}}));
  EXPECT_EQ(fault_of_adding("BAKERY"), "point_of_sale.name_taken");
  for (const char* bad : {"", "   ", "two\nlines", "\xff"})
    EXPECT_EQ(fault_of_adding(bad), "point_of_sale.bad_name") << bad;
  EXPECT_EQ(fault_of_adding(std::string(65, 'x')), "point_of_sale.bad_name");
  EXPECT_EQ(fault_of_adding(std::string(64, 'x')), "none");
  const auto clash = ask<point_of_sale>(fleet, rename_point_of_sale{kiosk, "Bakery"});
  ASSERT_FALSE(clash);
  EXPECT_EQ(clash.error().code, "point_of_sale.name_taken");
  EXPECT_TRUE(ask<point_of_sale>(fleet, rename_point_of_sale{bakery, "BAKERY"}));
  crash_and_restart();
  EXPECT_EQ(all(), (named{{"BAKERY", 0}, {"Kiosk ☕", 0}, {std::string(64, 'x'), 0}}));
  const auto gone = ask<point_of_sale>(fleet, remove_point_of_sale{kiosk});
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->name, "Kiosk ☕");
  EXPECT_FALSE(ask<point_of_sale>(fleet, remove_point_of_sale{kiosk}));
  EXPECT_FALSE(ask<point_of_sale>(fleet, rename_point_of_sale{kiosk, "Other"}));
  EXPECT_EQ(history("point_of_sale.").size(), 5u);
}

TEST_P(points_test, no_more_than_there_may_be) {
  for (std::size_t i = 0; i < point_of_sale_bound; ++i)
    ASSERT_FALSE(add("Shop " + std::to_string(i)).empty());
  EXPECT_EQ(fault_of_adding("One more"), "point_of_sale.too_many");
}

TEST_P(points_test, a_box_belongs_to_one_and_follows_its_name_and_its_end) {
  scripted_box box("b1");
  pair(box);
  EXPECT_FALSE(shown(box).point_question) << "there is none to be asked for";
  const auto shop = add("Shop");
  EXPECT_FALSE(place(box, "nonsense"));
  ASSERT_TRUE(place(box, shop));
  EXPECT_EQ(shown(box).point_of_sale_name, "Shop");
  EXPECT_EQ(all(), (named{{"Shop", 1}}));
  ASSERT_TRUE(ask<point_of_sale>(fleet, rename_point_of_sale{shop, "Shop 1"}));
  EXPECT_EQ(shown(box).point_of_sale_name, "Shop 1");
  crash_and_restart();
  EXPECT_EQ(shown(box).point_of_sale_name, "Shop 1");
  ASSERT_TRUE(ask<point_of_sale>(fleet, remove_point_of_sale{shop}));
  EXPECT_EQ(shown(box).point_of_sale, "");
  crash_and_restart();
  EXPECT_EQ(shown(box).point_of_sale, "");
  EXPECT_EQ(shown(box).point_of_sale_name, "");
}

TEST_P(points_test, is_asked_for_once_and_one_answer_counts) {
  const auto shop = add("Shop");
  const auto other = add("Other");
  scripted_box box("b1");
  pair(box);
  EXPECT_TRUE(shown(box).point_question);
  crash_and_restart();
  EXPECT_TRUE(shown(box).point_question) << "nobody answered yet";
  ASSERT_TRUE(place(box, shop, true));
  const auto late = place(box, other, true);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "box.point_answered");
  EXPECT_EQ(late.error().status, 409);
  EXPECT_EQ(shown(box).point_of_sale, shop);
  EXPECT_TRUE(place(box, other)) << "its form changes it at any time";
  crash_and_restart();
  EXPECT_FALSE(shown(box).point_question);
  come(box, link::link_wish::pairing); // connected anew: it is known where it stands
  ASSERT_TRUE(box.next<link::paired>());
  EXPECT_FALSE(shown(box).point_question);
  EXPECT_EQ(shown(box).point_of_sale, other);
}

TEST_P(points_test, the_question_can_be_put_aside) {
  add("Shop");
  scripted_box box("b1");
  pair(box);
  ASSERT_TRUE(place(box, std::nullopt, true));
  EXPECT_FALSE(shown(box).point_question);
  EXPECT_EQ(shown(box).point_of_sale, "");
  EXPECT_FALSE(place(box, std::nullopt, true));
}

TEST_P(points_test, a_box_that_was_taken_out_begins_without_labels) {
  const auto shop = add("Shop");
  scripted_box box("b1");
  pair(box);
  ASSERT_TRUE(place(box, shop));
  ASSERT_TRUE(tag(box, {"leased"}));
  ASSERT_TRUE(ask<bool>(fleet, delete_box{box.hello.box, "Anna"}));
  EXPECT_EQ(all(), (named{{"Shop", 0}}));
  pair(box);
  for (const bool again : {false, true}) {
    if (again) crash_and_restart();
    EXPECT_EQ(shown(box).point_of_sale, "");
    EXPECT_TRUE(shown(box).tags.empty());
    EXPECT_TRUE(shown(box).point_question);
  }
}

TEST_P(points_test, tags_are_trimmed_each_once_and_bounded) {
  scripted_box box("b1");
  pair(box);
  const auto kept = tag(box, {"  leased ", "LEASED", "Küche 🍳", "two words"});
  ASSERT_TRUE(kept) << kept.error().text;
  const std::vector<std::string> wanted{"leased", "Küche 🍳", "two words"};
  EXPECT_EQ((*kept)->tags, wanted);
  for (const std::vector<std::string>& bad :
       {std::vector<std::string>{""}, {"a\nb"}, {std::string(33, 'x')}, {"\xff"}}) {
    const auto refused = tag(box, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "box.bad_tags");
  }
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= tags_bound; ++i)
    many.push_back("t" + std::to_string(i));
  EXPECT_FALSE(tag(box, many));
  crash_and_restart();
  EXPECT_EQ(shown(box).tags, wanted);
  many.pop_back();
  EXPECT_TRUE(tag(box, many));
  EXPECT_TRUE(tag(box, {}));
  EXPECT_TRUE(shown(box).tags.empty());
}

TEST_P(points_test, changes_at_the_same_time_leave_each_other_alone) {
  scripted_box box("b1");
  pair(box);
  change_box name, note;
  name.id = note.id = box.hello.box;
  name.name = "Till one";
  note.note = "By the door";
  caf::anon_send(fleet, name);
  caf::anon_send(fleet, note);
  settle();
  crash_and_restart();
  EXPECT_EQ(shown(box).name, "Till one");
  EXPECT_EQ(shown(box).note, "By the door");
}

// Step by step

TEST_P(points_test, each_step_of_connecting_is_seen) {
  scripted_box box("b1");
  pair(box);
  EXPECT_EQ(shown(box).stage, connect_stage::taken);
  ASSERT_TRUE(link_box(box));
  EXPECT_EQ(shown(box).stage, connect_stage::proven);
  say(box, with_printer());
  EXPECT_EQ(shown(box).stage, connect_stage::done);
  const auto told = history("box.online");
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back()->content.content.data.text_or("stage"), "proven");
}

TEST_P(points_test, a_step_that_fails_says_why_once) {
  scripted_box box("b1");
  pair(box);
  const auto before = history("box.changed").size();
  scripted_box stranger("b1");
  for (int i = 0; i < 3; ++i)
    come(stranger, link::link_wish::link);
  EXPECT_EQ(shown(box).stage, connect_stage::linked);
  EXPECT_EQ(shown(box).stage_problem.code, "link.bad_proof");
  EXPECT_FALSE(shown(box).stage_problem.remedy.empty());
  EXPECT_EQ(history("box.changed").size(), before + 1);
  ASSERT_TRUE(link_box(box));
  EXPECT_EQ(shown(box).stage_problem, connect_problem{});
  say(box, with_printer());
  cut(box);
  come(stranger, link::link_wish::link);
  EXPECT_EQ(shown(box).stage, connect_stage::done) << "who is in use is not being connected";
}

// The link

TEST_P(points_test, the_link_and_the_boxes_clock_are_measured) {
  scripted_box box("b1");
  pair(box);
  ASSERT_TRUE(link_box(box));
  const auto quality = [&] {
    const auto found = ask<link_quality>(fleet, get_link_quality{box.hello.box});
    EXPECT_TRUE(found);
    return found ? *found : link_quality{};
  };
  EXPECT_EQ(quality().samples, 0u);
  for (int i = 1; i <= 3; ++i) {
    ASSERT_FALSE(box.socket->questions.empty());
    auto asked = from_msgpack<link::server_frame>(box.socket->questions.back());
    ASSERT_TRUE(asked);
    const auto number = std::get<link::ask_time>(*asked).number;
    advance(40ms); // both ways; the box's clock is an hour ahead
    const auto there = wall_now() - 20ms + 1h;
    say(box, link::time_told{number, there, there});
    say(box, link::time_told{number, there + 5h, there + 5h}); // once is enough
    EXPECT_EQ(quality().samples, static_cast<std::uint32_t>(i));
    advance(960ms); // to the next question
  }
  EXPECT_EQ(quality().round_trip_us, 40'000);
  EXPECT_EQ(quality().jitter_us, 0);
  EXPECT_EQ(quality().clock_offset_us, 3'600'000'000);
  EXPECT_EQ(quality().clock_error_us, 20'000);
  EXPECT_EQ(quality().lost_links, 0u);
  cut(box);
  ASSERT_TRUE(link_box(box));
  EXPECT_EQ(quality().lost_links, 1u);
  advance(25h);
  EXPECT_EQ(quality().lost_links, 0u);
  EXPECT_FALSE(ask<link_quality>(fleet, get_link_quality{box_id("nobody")}));
}

INSTANTIATE_TEST_SUITE_P(databases, points_test, ::testing::ValuesIn(store::databases_at_hand()),
                         store::database_name);

} // namespace
} // namespace troupe::server
