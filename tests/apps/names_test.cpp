#include "apps/troupe/names.hpp"

#include <gtest/gtest.h>

namespace troupe::apps {
namespace {

const std::vector<named_thing> all{
    {"b1", "Kitchen"}, {"b2", "Bar"}, {"b3", "Kitchen upstairs"}, {"b4", "counter"},
    {"b5", "Counter"}, {"b6", "b2"},  {"b7", "Terrace"},          {"77aa", "Terrace 2"}};

TEST(names, a_box_is_found_as_people_call_it) {
  const std::pair<const char*, const char*> rows[] = {
      {"b1", "b1"},      // the id
      {"b2", "b2"},      // an id counts before a name that looks like one
      {"Kitchen", "b1"}, // the whole name counts before the start of another
      {"kitchen", "b1"}, {"KITCHEN UP", "b3"}, {"counter", "b4"},
      {"Counter", "b5"}, {"ba", "b2"},         {"77", "77aa"}};
  for (const auto& [wanted, id] : rows) {
    const auto found = find_named(all, wanted, "box");
    ASSERT_TRUE(found) << wanted << ": " << found.error().text;
    EXPECT_EQ(found->id, id) << wanted;
  }
}

TEST(names, what_fits_several_is_told_with_all_of_them) {
  const auto found = find_named(all, "COUNTER", "box");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "name.ambiguous");
  EXPECT_EQ(found.error().text, "\"COUNTER\" fits 2: counter (b4), Counter (b5).");
  const auto many = find_named(all, "b", "box");
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().text.find("fits 7"), std::string::npos) << many.error().text;
  EXPECT_TRUE(many.error().text.ends_with(", …")) << many.error().text;
}

TEST(names, what_is_not_there_says_how_to_see_what_is) {
  for (const char* wanted : {"", "Cellar", "Kitchen downstairs"}) {
    const auto found = find_named(all, wanted, "box");
    ASSERT_FALSE(found) << wanted;
    EXPECT_EQ(found.error().code, "box.unknown");
    EXPECT_EQ(found.error().status, 404);
    EXPECT_FALSE(found.error().remedy.empty());
  }
}

} // namespace
} // namespace troupe::apps
