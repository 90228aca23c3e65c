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

TEST(page_events, the_text_of_a_batch_is_made_once) {
  batch_texts texts;
  const auto events = std::make_shared<const std::vector<event_ptr>>(batch);
  const auto first = texts.of(events);
  EXPECT_EQ(texts.of(events).get(), first.get());
  const auto others =
      std::make_shared<const std::vector<event_ptr>>(batch.begin(), batch.begin() + 1);
  EXPECT_EQ(types_in(*texts.of(others)), list{"device.status"});
}

} // namespace
} // namespace troupe::server
