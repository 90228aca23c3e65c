#include "messages/codec.hpp"
#include "transport/dialects/cloud_events.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::dialects {
namespace {

event sample() {
  event content;
  content.sequence = 1042;
  content.time = *from_rfc3339("2026-03-01T12:04:00Z");
  content.type = "device.status";
  content.device = device_id("counter");
  content.trace = *from_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  content.data = value::object{{"code", "WARNING_LOW_PAPER"}, {"waiting", 2}};
  return content;
}

const box_id box("10000000abcdef01");

TEST(cloud_events, json_is_as_documented) {
  EXPECT_EQ(to_cloud_event_json(sample(), box),
            R"({"specversion":"1.0","id":"1042","sequence":1042,)"
            R"("source":"/boxes/10000000abcdef01/devices/counter","type":"device.status",)"
            R"("time":"2026-03-01T12:04:00.000000Z","datacontenttype":"application/json",)"
            R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
            R"("device":"counter","action":"","data":{"code":"WARNING_LOW_PAPER","waiting":2}})");
}

TEST(cloud_events, box_events_have_no_device_in_their_source_and_no_trace_when_there_is_none) {
  event content = sample();
  content.device = {};
  content.trace = {};
  content.data = nullptr;
  EXPECT_EQ(
      to_cloud_event_json(content, box),
      R"({"specversion":"1.0","id":"1042","sequence":1042,"source":"/boxes/10000000abcdef01",)"
      R"("type":"device.status","time":"2026-03-01T12:04:00.000000Z",)"
      R"("datacontenttype":"application/json","device":"","action":"","data":null})");
}

TEST(cloud_events, transient_events_have_an_id_of_their_own_and_no_sequence_to_resume_behind) {
  const auto tree = nlohmann::json::parse(to_cloud_event_json(sample(), box, 7));
  EXPECT_EQ(tree["id"], "1042-7");
  EXPECT_FALSE(tree.contains("sequence"));
  EXPECT_EQ(tree["device"], "counter");
}

TEST(cloud_events, msgpack_holds_the_same_map) {
  for (const bool traced : {true, false})
    for (const std::uint64_t passing : {0, 12}) {
      event content = sample();
      if (!traced) content.trace = {};
      const auto packed = to_cloud_event_msgpack(content, box, passing);
      const auto tree = nlohmann::json::from_msgpack(packed, true, false);
      ASSERT_FALSE(tree.is_discarded());
      EXPECT_EQ(tree, nlohmann::json::parse(to_cloud_event_json(content, box, passing)));
    }
}

TEST(cloud_events, text_that_is_no_utf8_stays_valid_json) {
  event content = sample();
  content.data = value::object{{"name", "caf\xe9 \"1\"\n"}};
  EXPECT_FALSE(
      nlohmann::json::parse(to_cloud_event_json(content, box), nullptr, false).is_discarded());
}

} // namespace
} // namespace troupe::dialects
