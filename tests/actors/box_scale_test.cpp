#include "messages/codec.hpp"
#include "tests/actors/box_fixture.hpp"

#include <set>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const device_id till("till");

/// A box with a Mettler-Toledo scale on a wire that the test holds.
class box_scale_test : public box_test {
protected:
  void add_scale() {
    shows("00.452");
    line()->speaks = [this](std::string_view asked) -> std::string {
      if (asked == "Ehello")
        return "\x02"
               "E\rhello";
      return asked == "W" ? answer_ : "";
    };
    device_description scale;
    scale.name = "Till";
    scale.address = "serial:/dev/ttyTEST";
    const auto added = ask<device_snapshot>(directory, add_device{std::move(scale)});
    ASSERT_TRUE(added) << added.error().text;
    EXPECT_EQ(added->description.kind, device_kind::scale);
    advance(3s);
  }
  std::shared_ptr<wire> line() { return wire_to("serial:/dev/ttyTEST"); }
  void shows(const std::string& weight) { answer_ = "\x02" + weight + "\r"; }
  action_accepted act(const char* action, const char* key = "") {
    action_request request;
    request.device = till;
    request.action = action;
    request.key = key;
    request.origin = "test";
    auto answer = ask<action_accepted>(directory, std::move(request));
    EXPECT_TRUE(answer) << answer.error().text;
    return answer ? *answer : action_accepted{};
  }
  std::string answer_;
};

TEST_F(box_scale_test, an_action_is_on_disk_and_ends_once_with_the_weight) {
  add_scale();
  auto [listener, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{listener, std::nullopt, {till}}));
  const auto accepted = act("read_once", "k1");
  advance(200ms);
  const auto ended = record(accepted.record.id);
  EXPECT_EQ(ended.state, action_state::confirmed);
  EXPECT_EQ(ended.result["weight"], value(0.452));
  EXPECT_EQ(ended.result.text_or("unit"), "kg");
  std::multiset<std::string> types;
  for (const auto& each : *seen)
    if (!each.content->transient()) types.insert(each.content->content.type);
  EXPECT_EQ(types, (std::multiset<std::string>{"action.accepted", "action.confirmed"}));
  shows("01.000");
  EXPECT_TRUE(act("read_once", "k1").duplicate) << "the same key is not read anew";
}

TEST_F(box_scale_test, values_pass_live_and_only_settled_weights_are_kept) {
  add_scale();
  auto [listener, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{listener, std::nullopt, {till}}));
  for (int i = 0; i < 50; ++i) {
    answer_ = "\x02?A\r";
    advance(100ms);
    shows(i % 2 == 0 ? "01.000" : "01.001");
    advance(100ms);
  }
  shows("01.500");
  advance(2s);
  std::size_t live = 0;
  std::vector<std::string> kept;
  for (const auto& each : *seen)
    if (each.content->transient()) {
      ++live;
      EXPECT_EQ(each.content->content.type, "device.value");
      EXPECT_FALSE(each.content->content.data["details"]["weight"] == value(0.0));
    } else {
      kept.push_back(each.content->content.type);
    }
  EXPECT_GT(live, 90u);
  EXPECT_LE(kept.size(), 3u);
  EXPECT_EQ(std::set<std::string>(kept.begin(), kept.end()),
            std::set<std::string>{"device.weight"});
  EXPECT_EQ(device(till).status.text, "1.500 kg") << "readers see the newest value";
  EXPECT_EQ(device(till).status.details["weight"], value(1.5));
}

TEST_F(box_scale_test, unplugged_it_has_no_weight_and_comes_back) {
  add_scale();
  line()->refuses = true;
  line()->cut("serial.closed");
  advance(1s);
  EXPECT_EQ(device(till).status.state, device_state::trouble);
  EXPECT_EQ(device(till).status.code, "ERROR_OFFLINE");
  EXPECT_TRUE(device(till).status.details["weight"].is_null());
  const auto waits = act("read_once");
  advance(6s);
  EXPECT_EQ(record(waits.record.id).state, action_state::failed);
  line()->refuses = false;
  advance(8s);
  EXPECT_EQ(device(till).status.text, "0.452 kg");
}

TEST_F(box_scale_test, a_driver_that_crashes_starts_again_and_its_action_comes_to_an_end) {
  add_scale();
  answer_ = "\x02?A\r";
  const auto waits = act("read_once");
  advance(200ms);
  EXPECT_EQ(record(waits.record.id).state, action_state::accepted);
  crash_driver(till);
  shows("02.000");
  advance(3s);
  EXPECT_EQ(record(waits.record.id).state, action_state::failed);
  EXPECT_EQ(device(till).status.text, "2.000 kg");
}

TEST_F(box_scale_test, cut_off_by_a_crash_of_the_box_nothing_is_left_open) {
  add_scale();
  answer_ = "\x02?A\r";
  const auto waits = act("read_once");
  crash_and_restart();
  advance(2s);
  EXPECT_EQ(record(waits.record.id).state, action_state::failed);
  EXPECT_EQ(record(waits.record.id).code, "ERROR_RESTARTED");
}

struct kind_case {
  const char* address;
  device_kind given;
  device_kind expected; ///< unsupported: refused
};
TEST(complete_device, the_kind_follows_from_the_address_unless_it_is_given) {
  using k = device_kind;
  const kind_case table[] = {
      {"tcp://10.0.0.1:9100", k::unsupported, k::printer},
      {"serial:/dev/ttyUSB0", k::unsupported, k::scale},
      {"sim-scale:till", k::unsupported, k::scale},
      {"sim:printer", k::unsupported, k::printer},
      {"tcp://10.0.0.1:4001", k::scale, k::scale},
      {"file:/tmp/x", k::scale, k::unsupported},
      {"serial:/dev/ttyUSB0", k::printer, k::unsupported},
      {"tcp://10.0.0.1:9100", k::camera, k::unsupported},
  };
  for (const auto& each : table) {
    device_description device;
    device.address = each.address;
    device.kind = each.given;
    const auto complete = complete_device(device);
    if (each.expected == k::unsupported) {
      ASSERT_FALSE(complete) << each.address;
      EXPECT_EQ(complete.error().status, 422);
    } else {
      ASSERT_TRUE(complete) << complete.error().text;
      EXPECT_EQ(complete->kind, each.expected) << each.address;
    }
  }
}

} // namespace
} // namespace troupe::box
