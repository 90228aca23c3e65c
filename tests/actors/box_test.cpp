#include "messages/codec.hpp"
#include "tests/actors/box_fixture.hpp"

#include <set>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const device_id counter("counter");

TEST_F(box_test, a_print_is_accepted_on_disk_then_printed_then_confirmed) {
  add("Counter", "tcp://p1");
  const auto answer = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_FALSE(answer->duplicate);
  EXPECT_EQ(record(answer->record.id).state, action_state::confirmed);
  EXPECT_TRUE(wire_to("tcp://p1")->has({'H', 'e', 'l', 'l', 'o'}));
}

TEST_F(box_test, the_same_key_gets_the_first_answer_also_after_a_restart) {
  add("Counter", "tcp://p1");
  const auto first = ask<action_accepted>(directory, print(counter, "till-1/1"));
  ASSERT_TRUE(first);
  const auto bytes = wire_to("tcp://p1")->bytes();
  const auto second = ask<action_accepted>(directory, print(counter, "till-1/1"));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->duplicate);
  EXPECT_EQ(second->record.id, first->record.id);
  EXPECT_EQ(wire_to("tcp://p1")->bytes(), bytes);
  crash_and_restart();
  advance(100ms);
  const auto third = ask<action_accepted>(directory, print(counter, "till-1/1"));
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->duplicate);
  EXPECT_EQ(third->record.state, action_state::confirmed);
}

TEST_F(box_test, devices_and_their_names_survive_a_restart) {
  add("Kitchen printer", "tcp://p1");
  ASSERT_TRUE(ask<device_snapshot>(
      directory, change_device{device_id("kitchen-printer"), "Küche", std::nullopt, std::nullopt}));
  crash_and_restart();
  EXPECT_EQ(device(device_id("kitchen-printer")).description.name, "Küche");
  ASSERT_TRUE(ask<bool>(directory, remove_device{device_id("kitchen-printer")}));
  crash_and_restart();
  EXPECT_TRUE(device(device_id("kitchen-printer")).description.id.empty());
}

TEST_F(box_test, killed_while_waiting_for_paper_it_prints_after_the_restart_once) {
  wire_to("tcp://p1")->status = {0x1A, 0x32, 0x12, 0x72};
  add("Counter", "tcp://p1");
  const auto answer = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(answer);
  EXPECT_EQ(record(answer->record.id).state, action_state::accepted);
  EXPECT_EQ(device(counter).status.code, "ERROR_NO_PAPER");
  wire_to("tcp://p1")->status = {0x12, 0x12, 0x12, 0x12};
  crash_and_restart();
  advance(100ms);
  EXPECT_EQ(record(answer->record.id).state, action_state::confirmed);
}

TEST_F(box_test, killed_in_mid_print_it_is_unknown_and_never_repeated_by_itself) {
  add("Counter", "tcp://p1");
  wire_to("tcp://p1")->takes = false;
  wire_to("tcp://p1")->answers = false;
  const auto answer = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(answer);
  EXPECT_EQ(record(answer->record.id).state, action_state::sent);
  wire_to("tcp://p1")->takes = wire_to("tcp://p1")->answers = true;
  const auto bytes = wire_to("tcp://p1")->bytes();
  crash_and_restart();
  advance(1min);
  EXPECT_EQ(record(answer->record.id).state, action_state::unknown);
  EXPECT_FALSE(wire_to("tcp://p1")->bytes() > bytes + 100) << "only questions, no receipt";

  const auto again = ask<action_accepted>(directory, repeat_action{answer->record.id, "homepage"});
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(record(again->record.id).state, action_state::confirmed);
  EXPECT_EQ(record(again->record.id).repeats, answer->record.id);
  const auto by_hand = ask<action_record>(ledger, confirm_by_hand{answer->record.id});
  ASSERT_TRUE(by_hand);
  EXPECT_EQ(by_hand->state, action_state::confirmed);
}

TEST_F(box_test, an_orderly_stop_lets_the_print_under_way_come_to_its_end) {
  add("Counter", "tcp://p1");
  auto& wire = *wire_to("tcp://p1");
  wire.takes = false;
  const auto first = ask<action_accepted>(directory, print(counter));
  const auto second = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(first && second);
  caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(record(first->record.id).state, action_state::sent);
  for (auto& done : std::exchange(wire.unconfirmed, {}))
    done(std::size_t{1});
  settle();
  EXPECT_EQ(record(first->record.id).state, action_state::confirmed);
  EXPECT_EQ(record(second->record.id).state, action_state::accepted) << "not begun any more";
  const auto gone = request<action_accepted>(directory, 1s, print(counter));
  advance(1s);
  ASSERT_TRUE(*gone);
  EXPECT_FALSE(**gone) << "the directory has ended";
}

TEST_F(box_test, one_printer_that_hangs_does_not_hold_up_another) {
  add("Counter", "tcp://p1");
  add("Kitchen", "tcp://p2");
  wire_to("tcp://p1")->takes = false;
  ASSERT_TRUE(ask<action_accepted>(directory, print(counter)));
  const auto other = ask<action_accepted>(directory, print(device_id("kitchen")));
  ASSERT_TRUE(other);
  EXPECT_EQ(record(other->record.id).state, action_state::confirmed);
}

TEST_F(box_test, a_driver_that_crashes_is_started_again_and_its_print_is_not_lost) {
  wire_to("tcp://p1")->status = {0x1A, 0x32, 0x12, 0x72};
  add("Counter", "tcp://p1");
  const auto answer = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(answer);
  const auto before = wire_to("tcp://p1")->opens;
  wire_to("tcp://p1")->status = {0x12, 0x12, 0x12, 0x12};
  crash_driver(counter);
  EXPECT_EQ(device(counter).status.code, "ERROR_DRIVER");
  const auto held = request<action_accepted>(directory, 10s, print(counter));
  advance(1s);
  EXPECT_GT(wire_to("tcp://p1")->opens, before);
  EXPECT_EQ(record(answer->record.id).state, action_state::confirmed);
  ASSERT_TRUE(*held);
  ASSERT_TRUE(**held) << (**held).error().text;
  EXPECT_EQ(device(counter).status.state, device_state::ready);
}

TEST_F(box_test, removing_a_device_cancels_what_waits_and_says_so) {
  wire_to("tcp://p1")->refuses = true;
  add("Counter", "tcp://p1");
  const auto answer = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(answer);
  ASSERT_TRUE(ask<bool>(directory, remove_device{counter}));
  EXPECT_EQ(record(answer->record.id).state, action_state::canceled);
  const auto gone = ask<action_accepted>(directory, print(counter));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, "device.unknown");
  EXPECT_EQ(gone.error().status, 404);
}

TEST_F(box_test, what_waits_can_be_taken_back) {
  wire_to("tcp://p1")->refuses = true;
  add("Counter", "tcp://p1");
  const auto answer = ask<action_accepted>(directory, print(counter));
  ASSERT_TRUE(answer);
  const auto canceled = ask<action_record>(directory, cancel_action{answer->record.id});
  ASSERT_TRUE(canceled) << canceled.error().text;
  EXPECT_EQ(canceled->state, action_state::canceled);
  EXPECT_FALSE(ask<action_record>(directory, cancel_action{answer->record.id}));
  EXPECT_FALSE(ask<action_record>(directory, cancel_action{action_id("nobody")}));
}

TEST_F(box_test, bad_requests_get_clear_faults) {
  add("Counter", "tcp://p1");
  auto broken = print(counter);
  broken.document.operations = {printing::picture{shared_bytes::copy_of("no picture")}};
  const auto refused = ask<action_accepted>(directory, broken);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "picture.unknown_format");
  EXPECT_EQ(refused.error().status, 422);
  auto unknown = print(counter);
  unknown.document.operations.clear();
  unknown.action = "dance";
  EXPECT_EQ(ask<action_accepted>(directory, unknown).error().code, "action.unknown_action");
  device_description twin;
  twin.address = "tcp://p1";
  EXPECT_EQ(ask<device_snapshot>(directory, add_device{twin}).error().code, "device.address_taken");
}

TEST_F(box_test, the_status_ticket_tells_who_the_box_is) {
  add("Counter", "tcp://p1");
  action_request ticket;
  ticket.device = counter;
  ticket.action = "status";
  ASSERT_TRUE(ask<action_accepted>(directory, ticket));
  EXPECT_TRUE(wire_to("tcp://p1")->has({'B', 'o', 'x', ' ', 'b', '0'}));
}

class event_hub_test : public box_test {
protected:
  void publish(int count) {
    for (int i = 0; i < count; ++i) {
      event happened;
      happened.type = "test";
      happened.data = value::object{{"n", ++published_}};
      caf::anon_send(events, publish_event{std::move(happened)});
    }
    settle();
  }
  static std::vector<std::int64_t> numbers(const std::vector<event_arrived>& seen) {
    std::vector<std::int64_t> out;
    for (const auto& each : seen)
      if (each.content->content.type == "test")
        out.push_back(*each.content->content.data["n"].as_integer());
    return out;
  }
  static std::vector<std::int64_t> range(std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> out;
    for (auto i = from; i <= to; ++i)
      out.push_back(i);
    return out;
  }
  int published_ = 0;
};

TEST_F(event_hub_test, subscribers_get_every_event_in_order_from_now_or_from_before) {
  publish(3);
  auto [live, seen] = collector<event_arrived>();
  const auto last = ask<std::uint64_t>(events, subscribe_events{live, std::nullopt, {}});
  ASSERT_TRUE(last);
  publish(3);
  EXPECT_EQ(numbers(*seen), range(4, 6));
  auto [late, missed] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{late, *last - 1, {}}));
  settle();
  EXPECT_EQ(numbers(*missed), range(3, 6));
}

TEST_F(event_hub_test, a_long_absence_is_made_up_from_the_ledger_without_a_gap) {
  publish(1);
  const auto mark = *ask<std::uint64_t>(events, get_last_sequence{});
  for (int i = 0; i < 30; ++i) {
    publish(100);
    advance(25ms);
  }
  auto [late, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{late, mark, {}}));
  publish(10);
  settle();
  EXPECT_EQ(numbers(*seen), range(2, 3011));
  for (const auto& each : *seen)
    EXPECT_NE(each.content->content.type, "gap");
}

TEST_F(event_hub_test, resuming_over_a_restart_has_no_gap_and_no_number_twice) {
  publish(5);
  const auto mark = *ask<std::uint64_t>(events, get_last_sequence{}) - 3;
  advance(25ms);
  crash_and_restart();
  publish(5);
  auto [late, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{late, mark, {}}));
  settle();
  EXPECT_EQ(numbers(*seen), range(3, 10));
  std::set<std::uint64_t> used;
  for (const auto& each : *seen)
    EXPECT_TRUE(used.insert(each.content->content.sequence).second);
}

TEST_F(event_hub_test, what_was_on_disk_but_not_told_is_told_after_a_restart_once) {

  const auto request = std::make_shared<action_request>(print(device_id("counter"), "key"));
  const auto accepted = ask<action_accepted>(ledger, accept_action{request});
  ASSERT_TRUE(accepted);
  ASSERT_TRUE(ask<action_record>(ledger, mark_sent{accepted->record.id}));
  const auto told = [&] {
    std::vector<std::string> types;
    const auto all = ask<event_list>(events, get_events{0, 500});
    EXPECT_TRUE(all);
    if (all)
      for (const auto& each : all->events)
        if (each->action == accepted->record.id) types.push_back(each->type);
    return types;
  };
  const std::vector<std::string> both{"action.accepted", "action.sent"};
  for (int lives = 0; lives < 3; ++lives) {
    crash_and_restart();
    advance(1s); // onto the disk
    EXPECT_EQ(told(), both) << lives;
  }
}

TEST_F(event_hub_test, transient_events_reach_who_listens_now_without_a_number_and_are_not_kept) {
  publish(2);
  const auto mark = *ask<std::uint64_t>(events, get_last_sequence{});
  auto [live, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{live, std::nullopt, {counter}}));
  for (const char* name : {"counter", "kitchen"})
    for (int i = 0; i < 2; ++i) {
      event passing;
      passing.type = "device.value";
      passing.device = device_id(name);
      caf::anon_send(events, publish_event{std::move(passing), true});
    }
  settle();
  ASSERT_EQ(seen->size(), 2u) << "only those of the device that it listens to";
  EXPECT_TRUE(seen->at(0).content->transient());
  EXPECT_EQ(seen->at(0).content->content.sequence, mark);
  EXPECT_EQ(seen->at(1).content->content.sequence, mark);
  EXPECT_NE(*seen->at(0).content->json, *seen->at(1).content->json) << "each has its own id";
  EXPECT_EQ(*ask<std::uint64_t>(events, get_last_sequence{}), mark);

  publish(1);
  advance(25ms);
  auto [late, missed] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{late, mark - 1, {}}));
  settle();
  EXPECT_EQ(numbers(*missed), range(2, 3));
  for (const auto& each : *missed)
    EXPECT_FALSE(each.content->transient());
  crash_and_restart();
  EXPECT_EQ(ask<event_batch>(ledger, read_events{mark - 1, 500})->events.front().type, "test");
  const auto kept = ask<event_batch>(ledger, read_events{0, 500});
  ASSERT_TRUE(kept);
  for (const auto& each : kept->events)
    EXPECT_NE(each.type, "device.value");
}

TEST_F(event_hub_test, a_filter_by_device_hides_the_others) {
  add("Counter", "tcp://p1");
  add("Kitchen", "tcp://p2");
  auto [one, seen] = collector<event_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{one, std::nullopt, {counter}}));
  ASSERT_TRUE(ask<action_accepted>(directory, print(device_id("kitchen"))));
  EXPECT_TRUE(seen->empty());
  ASSERT_TRUE(ask<action_accepted>(directory, print(counter)));
  std::vector<std::string> types;
  for (const auto& each : *seen)
    if (each.content->content.type.starts_with("action."))
      types.push_back(each.content->content.type);
  EXPECT_EQ(types,
            (std::vector<std::string>{"action.accepted", "action.sent", "action.confirmed"}));
}

} // namespace
} // namespace troupe::box
