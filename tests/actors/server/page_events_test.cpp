#include "actors/server/page_events.hpp"
#include "transport/json.hpp"

#include <gtest/gtest.h>

namespace troupe::server {
namespace {

event_ptr made(std::uint64_t sequence, const char* box, const char* device, const char* type) {
  auto out = std::make_shared<numbered_event>();
  out->content.sequence = sequence;
  out->content.box = box_id(box);
  out->content.content.device = device_id(device);
  out->content.content.type = type;
  out->json = std::make_shared<const std::string>("{\"type\":\"" + std::string(type) + "\"}");
  return out;
}

const std::vector<event_ptr> batch{made(5, "a", "p", "device.status"),
                                   made(0, "a", "s", "device.value"),
                                   made(6, "b", "", "box.online"), made(7, "b", "", "gap")};

std::vector<std::string> types_in(const std::string& text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (const auto& each : transport::json_value::parse(text))
    out.push_back(each["type"]);
  return out;
}
using list = std::vector<std::string>;

TEST(page_events, one_message_is_an_array_of_all_that_is_new) {
  EXPECT_EQ(types_in(join_events(batch, {}, 0)),
            (list{"device.status", "device.value", "box.online", "gap"}));
  EXPECT_EQ(types_in(join_events(batch, {}, 5)), (list{"device.value", "box.online", "gap"}));
  EXPECT_EQ(join_events({batch[0]}, {}, 5), "");
  EXPECT_EQ(join_events({}, {}, 0), "");
}

TEST(page_events, a_gap_concerns_every_reader) {
  EXPECT_EQ(types_in(join_events(batch, {.box = box_id("a")}, 0)),
            (list{"device.status", "device.value", "gap"}));
  EXPECT_EQ(types_in(join_events(batch, {.device = device_id("p")}, 0)),
            (list{"device.status", "gap"}));
  EXPECT_EQ(types_in(join_events(batch, {.types = {"box.", "device.s"}}, 0)),
            (list{"device.status", "box.online", "gap"}));
}

TEST(page_events, a_large_batch_comes_in_several_messages) {
  const std::size_t room = 2 * batch[0]->json->size() + 3; // two of the longest
  const auto texts = event_texts(batch, {}, 0, room);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(types_in(*texts[0].text), (list{"device.status", "device.value"}));
  EXPECT_EQ(texts[0].last, 5u);
  EXPECT_EQ(types_in(*texts[1].text), (list{"box.online", "gap"}));
  EXPECT_EQ(texts[1].last, 7u);
  EXPECT_LE(texts[0].text->size(), room);
  EXPECT_EQ(event_texts(batch, {}, 0, 1).size(), batch.size()) << "each alone, none lost";
}

TEST(page_events, the_text_of_a_batch_is_made_once) {
  batch_texts texts;
  const auto events = std::make_shared<const std::vector<event_ptr>>(batch);
  const auto first = texts.of(events); // a copy: the next batch takes its place
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(texts.of(events)[0].text.get(), first[0].text.get());
  const auto others =
      std::make_shared<const std::vector<event_ptr>>(batch.begin(), batch.begin() + 1);
  EXPECT_EQ(types_in(*texts.of(others)[0].text), list{"device.status"});
  EXPECT_EQ(texts.of(events)[0].text.get(), first[0].text.get()) << "others do not replace it";
}

TEST(page_events, pages_take_their_turns_when_they_ask_for_much) {
  using namespace std::chrono_literals;
  page_turns turns;
  auto now = page_turns::clock::time_point(1h);
  const auto second = page_turns::bytes_per_second;
  const std::size_t free = second / 20; // what was saved while nobody asked
  EXPECT_EQ(turns.take(now, free), 0ns);
  EXPECT_EQ(turns.take(now, second), 0ns) << "one more, of any size, on trust";
  EXPECT_EQ(turns.take(now, second / 2), 1s);
  EXPECT_EQ(turns.take(now, 1), 1500ms) << "behind everybody before it";
  now += 1h;
  EXPECT_EQ(turns.take(now, free), 0ns);
  EXPECT_EQ(turns.take(now, 1), 0ns);
  EXPECT_GT(turns.take(now, 1), 0ns) << "an hour of silence saves no more than a moment";
}

} // namespace
} // namespace troupe::server
