#include "actors/server/box_list.hpp"
#include "transport/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe::server {
namespace {

using transport::json_value;

struct box_list_test : ::testing::Test {
  box_list boxes;

  fleet_box& add(const char* name, device_state state = device_state::ready, bool online = true) {
    auto box = std::make_shared<fleet_box>();
    box->id = box_id("id-" + std::string(name));
    box->name = name;
    box->state = state;
    box->online = online;
    boxes.push_back(box);
    return *box;
  }
  std::vector<std::string> names(const box_query& query) const {
    std::vector<std::string> out;
    for (const auto& each : choose_boxes(boxes, query).boxes)
      out.push_back(each->name);
    return out;
  }
  using list = std::vector<std::string>;
};

TEST_F(box_list_test, words_are_looked_for_everywhere_and_all_must_be_found) {
  add("Bakery").note = "Behind the STATION";
  auto& kiosk = add("Kiosk");
  kiosk.report.addresses = {"192.168.7.20"};
  kiosk.devices.resize(1);
  kiosk.devices[0].description.name = "Counter printer";
  EXPECT_EQ(names({.text = "station"}), list{"Bakery"});
  EXPECT_EQ(names({.text = " 7.20  counter "}), list{"Kiosk"});
  EXPECT_EQ(names({.text = "ID-"}), (list{"Bakery", "Kiosk"}));
  EXPECT_EQ(names({.text = "station counter"}), list{});
}

TEST_F(box_list_test, boxes_are_found_and_chosen_by_point_of_sale_and_tags) {
  auto& bakery = add("a");
  bakery.point_of_sale = "p1";
  bakery.point_of_sale_name = "Bäckerei";
  bakery.tags = {"till", "VIP"};
  auto& kiosk = add("b");
  kiosk.point_of_sale = "p2";
  kiosk.tags = {"till 2", "say \"hi\""};
  EXPECT_EQ(names({.text = "bäckerei vip"}), list{"a"});
  EXPECT_EQ(names({.text = "till"}), (list{"a", "b"}));
  EXPECT_EQ(names({.tag = "till"}), list{"a"}) << "a tag is meant as a whole";
  EXPECT_EQ(names({.point_of_sale = "p2"}), list{"b"});
  EXPECT_EQ(names({.tag = "till", .point_of_sale = "p2"}), list{});
  const auto json = json_value::parse(summary_json(kiosk));
  EXPECT_EQ(json["tags"], (json_value{"till 2", "say \"hi\""}));
  EXPECT_EQ(json["point_of_sale"], "p2");
  EXPECT_EQ(json["stage"], "none");
}

TEST_F(box_list_test, standings_are_counted_as_pages_count_them) {
  add("a");
  add("b", device_state::trouble);
  add("c", device_state::unknown, false);
  add("d").alert = "Two machines say they are this box.";
  add("e", device_state::unknown, false).alert = "likewise";
  const auto chosen = choose_boxes(boxes, {});
  EXPECT_EQ(chosen.counts.at("ready"), 1u);
  EXPECT_EQ(chosen.counts.at("trouble"), 1u);
  EXPECT_EQ(chosen.counts.at("offline"), 1u);
  EXPECT_EQ(chosen.counts.at("attention"), 2u);
  EXPECT_EQ(names({.standing = "attention"}), (list{"d", "e"}));
  EXPECT_EQ(names({.online = false}), (list{"c", "e"}));
}

TEST_F(box_list_test, the_worst_come_first_and_stay_by_name_among_equals) {
  add("a");
  add("b", device_state::trouble);
  add("c", device_state::attention);
  add("d", device_state::ready, false);
  add("e", device_state::trouble);
  EXPECT_EQ(names({.order = box_order::worst}), (list{"b", "e", "d", "c", "a"}));
}

TEST_F(box_list_test, pages_follow_each_other_without_gap) {
  for (const char* name : {"a", "b", "c", "d", "e"})
    add(name);
  box_query query{.limit = 2};
  list seen;
  for (;;) {
    const auto page = choose_boxes(boxes, query);
    EXPECT_EQ(page.total, 5u);
    for (const auto& each : page.boxes)
      seen.push_back(each->name);
    if (!page.more) break;
    query.after = page.boxes.back()->id;
  }
  EXPECT_EQ(seen, (list{"a", "b", "c", "d", "e"}));
}

TEST_F(box_list_test, the_answer_is_json_whatever_names_are_made_of) {
  auto& box = add("B\"ä\\\n🚀");
  box.report.addresses = {"10.0.0.1", "10.0.0.2"};
  box.devices.resize(2);
  box.devices[0].description.id = device_id("p1");
  box.devices[1].status.text = "No \"paper\".";
  add("plain");
  for (const bool summary : {false, true}) {
    const auto json = json_value::parse(boxes_json(boxes, {.limit = 1, .summary = summary}, 17));
    EXPECT_EQ(json["boxes"].size(), 1u);
    EXPECT_EQ(json["boxes"][0]["name"], box.name);
    EXPECT_EQ(json["boxes"][0]["report"]["addresses"][1], "10.0.0.2");
    EXPECT_EQ(json["boxes"][0]["devices"][0]["description"]["id"], "p1");
    EXPECT_EQ(json["boxes"][0]["devices"][1]["status"]["text"], "No \"paper\".");
    EXPECT_EQ(json["boxes"][0]["devices"][1]["status"].contains("details"), !summary);
    EXPECT_EQ(json["sequence"], 17);
    EXPECT_EQ(json["counts"]["ready"], 2);
    EXPECT_EQ(json["next"], box.id.text);
  }
}

} // namespace
} // namespace troupe::server
