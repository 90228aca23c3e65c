#include "tests/actors/link_fixture.hpp"

#include <random>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

TEST_F(link_test, paired_it_links_by_itself_and_tells_what_it_is) {
  EXPECT_EQ(state_of_link().state, link_state::unpaired);
  add("Counter", "tcp://p1");
  pair_and_link();
  const auto told = links.present()->take<link::snapshot>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->report.version, "0.1.0");
  EXPECT_NE(told->report.homepage.find(":8069/"), std::string::npos);
  EXPECT_EQ(told->report.buffer_events, 100'000u);
  EXPECT_GT(told->report.buffer_hours, 0.0);
  ASSERT_EQ(told->devices.size(), 1u);
  EXPECT_EQ(told->devices[0].description.name, "Counter");
  const auto info = state_of_link();
  EXPECT_EQ(info.state, link_state::linked);
  const auto body = send("GET", "/api/v1/link", signed_in())->json();
  EXPECT_EQ(body["state"], "linked");
  EXPECT_EQ(body["server"]["name"], "The fleet");
  EXPECT_EQ(send("GET", "/api/v1/link")->status(), 401);
}

TEST_F(link_test, changes_of_devices_are_told_together) {
  pair_and_link();
  ASSERT_TRUE(links.present()->take<link::snapshot>());
  add("Counter", "tcp://p1");
  add("Kitchen", "tcp://p2");
  advance(1s);
  std::size_t count = 0;
  std::optional<link::snapshot> last;
  while (auto told = links.present()->take<link::snapshot>()) {
    ++count;
    last = std::move(told);
  }
  EXPECT_GE(count, 1u);
  EXPECT_LE(count, 4u);
  EXPECT_EQ(last->devices.size(), 2u);
}

TEST_F(link_test, what_happened_before_pairing_stays_on_the_box) {
  publish("device.status", "counter", value::object{{"n", 1}});
  pair_and_link();
  publish("device.status", "counter", value::object{{"n", 2}});
  advance(1s);
  for (const auto& each : take_events())
    EXPECT_NE(each.data["n"], value(1));
}

TEST_F(link_test, events_of_the_time_without_a_server_come_in_order_each_once) {
  pair_and_link();
  take_events();
  links.present()->cut();
  settle();
  for (int n = 1; n <= 3000; ++n)
    publish("device.status", "counter", value::object{{"n", n}});
  advance(500ms);
  const auto waiting = state_of_link();
  EXPECT_EQ(waiting.state, link_state::waiting);
  EXPECT_GE(waiting.buffered_events, 3000u);
  EXPECT_TRUE(waiting.next_try_at);
  wait_for_call();
  link_up();
  int next = 1;
  for (const auto& each : take_events())
    if (each.type == "device.status") {
      EXPECT_EQ(each.data["n"], value(next++));
    }
  EXPECT_EQ(next, 3001);
  advance(1s);
  take_events();
  EXPECT_EQ(state_of_link().buffered_events, 0u);
  EXPECT_TRUE(state_of_link().last_ack);
}

TEST_F(link_test, at_most_four_batches_are_under_way) {
  pair_and_link();
  take_events();
  links.present()->cut();
  for (int n = 1; n <= 5000; ++n)
    publish("device.status", "counter", value::object{{"n", n}});
  wait_for_call();
  link_up();
  std::size_t batches = 0;
  while (links.present()->take<link::event_batch>())
    ++batches;
  EXPECT_EQ(batches, 4u);
  advance(59s);
  EXPECT_FALSE(links.present()->take<link::event_batch>());
  EXPECT_EQ(state_of_link().state, link_state::linked);
  advance(2s);
  EXPECT_EQ(state_of_link().state, link_state::waiting) << "a server that confirms nothing";
}

/// A thousand cuts at random moments, frames lost with each, 100,000 events: on the server's disk
/// each is once and in order.
TEST_F(link_test, a_thousand_cuts_lose_and_repeat_nothing) {
  std::mt19937 chance(20261125);
  const auto pick = [&](unsigned below) { return chance() % below; };
  pair();
  int published = 0, received = 0, cuts = 0;
  const auto take_some = [&](std::size_t most) {
    auto* wire = links.present();
    for (std::size_t i = 0; i < most && wire != nullptr; ++i) {
      const auto batch = wire->take<link::event_batch>();
      if (!batch) return;
      for (const auto& each : batch->events) {
        ASSERT_GT(each.sequence, last_of[hello->epoch]);
        last_of[hello->epoch] = each.sequence;
        if (each.type != "test.tick") continue;
        ASSERT_EQ(each.data, value(received + 1));
        ++received;
      }
      if (pick(4) != 0) wire->give(link::event_ack{last_of[hello->epoch]});
      settle();
    }
  };
  while (cuts < 1000) {
    ASSERT_NO_FATAL_FAILURE(link_up());
    for (unsigned turn = 1 + pick(4); turn > 0; --turn) {
      for (unsigned n = pick(80); n > 0 && published < 100'000; --n) {
        publish_event message;
        message.content.type = "test.tick";
        message.content.data = value(++published);
        caf::anon_send(events, std::move(message));
      }
      settle();
      ASSERT_NO_FATAL_FAILURE(take_some(pick(6)));
    }
    cut(); // what the box sent and we did not take is lost
    ++cuts;
  }
  for (; published < 100'000;) {
    publish_event message;
    message.content.type = "test.tick";
    message.content.data = value(++published);
    caf::anon_send(events, std::move(message));
    if (published % 500 == 0) advance(50ms); // as fast as the disk takes them
  }
  advance(1s);
  wait_for_call();
  ASSERT_NO_FATAL_FAILURE(link_up());
  for (int i = 0; i < 10'000 && received < published; ++i) {
    ASSERT_NO_FATAL_FAILURE(take_some(1));
    links.present()->give(link::event_ack{last_of[hello->epoch]});
    settle();
  }
  EXPECT_EQ(published, 100'000);
  EXPECT_EQ(received, published);
}

TEST_F(link_test, events_survive_a_crash_of_the_box) {
  pair_and_link();
  take_events();
  links.present()->cut();
  for (int n = 1; n <= 100; ++n)
    publish("device.status", "counter", value::object{{"n", n}});
  advance(1s);
  homepage = nullptr;
  tracer = nullptr;
  pairing = nullptr;
  uplink = nullptr;
  crash_and_restart();
  open_homepage();
  ASSERT_NO_FATAL_FAILURE(link_up());
  int next = 1;
  for (const auto& each : take_events())
    if (each.type == "device.status" && !each.data["n"].is_null()) {
      EXPECT_EQ(each.data["n"], value(next++));
    }
  EXPECT_EQ(next, 101);
}

TEST_F(link_test, a_server_that_knows_more_gets_a_new_numbering) {
  pair_and_link();
  take_events();
  const auto old = hello->epoch;
  last_of[old] += 1'000'000;
  cut();
  challenge();
  welcome(last_of[old]);
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_NE(hello->epoch, old);
  publish("device.status", "counter", value::object{{"n", 7}});
  advance(1s);
  std::size_t found = 0;
  for (const auto& each : take_events())
    found += each.data["n"] == value(7) ? 1 : 0;
  EXPECT_EQ(found, 1u);
}

TEST_F(link_test, live_values_come_twenty_times_a_second_and_the_newest_wins) {
  pair_and_link();
  for (int n = 1; n <= 100; ++n) {
    publish("device.value", "scale", value(n), true);
    advance(1ms);
  }
  advance(50ms);
  std::vector<value> seen;
  while (auto frame = links.present()->take<link::live_values>()) {
    ASSERT_EQ(frame->events.size(), 1u);
    seen.push_back(frame->events[0].data);
  }
  EXPECT_GE(seen.size(), 2u);
  EXPECT_LE(seen.size(), 4u);
  EXPECT_EQ(seen.back(), value(100));
  links.present()->queued = 1024 * 1024;
  publish("device.value", "scale", value(101), true);
  advance(1s);
  EXPECT_FALSE(links.present()->take<link::live_values>()) << "they do not queue up";
}

TEST_F(link_test, a_command_prints_and_each_step_is_told) {
  add("Counter", "tcp://p1");
  pair_and_link();
  command("c1", "counter", "print");
  advance(1s);
  const auto told = results();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].state, action_state::accepted);
  EXPECT_EQ(told[1].state, action_state::sent);
  EXPECT_EQ(told[2].state, action_state::confirmed);
  EXPECT_FALSE(told[2].action.empty());
  EXPECT_EQ(record(told[2].action).origin, "server: Ada");
}

TEST_F(link_test, the_same_command_again_prints_once_and_gets_the_same_end) {
  add("Counter", "tcp://p1");
  pair_and_link();
  command("c1", "counter", "print");
  advance(1s);
  results();
  const auto bytes = wire_to("tcp://p1")->bytes();
  for (int i = 0; i < 3; ++i) {
    links.present()->give(sent_commands[0]);
    settle();
    const auto told = results();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].state, action_state::confirmed);
  }
  cut();
  ASSERT_NO_FATAL_FAILURE(link_up());
  links.present()->give(sent_commands[0]);
  settle();
  EXPECT_EQ(results().at(0).state, action_state::confirmed);
  homepage = nullptr;
  tracer = nullptr;
  pairing = nullptr;
  uplink = nullptr;
  crash_and_restart();
  open_homepage();
  ASSERT_NO_FATAL_FAILURE(link_up());
  links.present()->give(sent_commands[0]);
  advance(1s);
  EXPECT_EQ(results().at(0).state, action_state::confirmed);
  std::size_t prints = 0;
  const auto page = ask<action_page>(ledger, list_actions{});
  for (const auto& each : page->actions)
    prints += each.key == "command:c1" ? 1 : 0;
  EXPECT_EQ(prints, 1u);
  EXPECT_LT(wire_to("tcp://p1")->bytes(), bytes + 100) << "questions, no second receipt";
}

TEST_F(link_test, a_failed_command_is_not_tried_again_with_the_next_welcome) {
  wire_to("tcp://p1")->status = {0x1A, 0x32, 0x12, 0x72};
  add("Counter", "tcp://p1");
  pair_and_link();
  command("c1", "counter", "print");
  advance(1s);
  const auto action = results().at(0).action;
  ASSERT_TRUE(ask<action_record>(ledger, finish_action{action, action_state::failed, "x", "No."}));
  wire_to("tcp://p1")->status = {0x12, 0x12, 0x12, 0x12};
  links.present()->give(sent_commands[0]);
  settle();
  EXPECT_EQ(results().at(0).state, action_state::failed);
}

TEST_F(link_test, what_cannot_be_done_is_told_in_words) {
  pair_and_link();
  command("c1", "nowhere", "print");
  auto told = results();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].state, action_state::failed);
  EXPECT_EQ(told[0].code, "device.unknown");
  command("c2", "", "dance");
  told = results();
  EXPECT_EQ(told.back().state, action_state::failed);
  EXPECT_EQ(told.back().code, "command.unknown_action");
}

TEST_F(link_test, a_command_that_came_too_late_is_not_begun) {
  add("Counter", "tcp://p1");
  pair_and_link();
  advance(10s);
  const auto bytes = wire_to("tcp://p1")->bytes();
  command("c1", "counter", "print", {}, wall_now() - 1s);
  EXPECT_EQ(results().at(0).code, "command.expired");
  EXPECT_EQ(wire_to("tcp://p1")->bytes(), bytes);
  command("c2", "counter", "print", {}, wall_now() + 1s);
  EXPECT_EQ(results().back().state, action_state::confirmed);
}

/// By the server's clock, whatever the box's own says.
TEST_F(link_test, clocks_that_are_years_apart_expire_no_command_and_all_the_late_ones) {
  add("Counter", "tcp://p1");
  pair();
  const auto pass = [this](std::chrono::seconds time) {
    advance(time);
    ASSERT_NE(links.present(), nullptr);
    take_events(); // who confirms nothing for a minute is left
  };
  const auto end_of = [&](time_point expires) {
    const auto id = "c" + std::to_string(commands);
    command(id.c_str(), "counter", "print", {}, expires);
    advance(1s);
    const auto told = results();
    return told.empty() ? std::string("nothing")
                        : std::string(name_of(told.back().state)) + " " + told.back().code;
  };
  for (const auto apart : {24h * 365 * 30, -24h * 365 * 30}) {
    server_ahead = apart;
    ASSERT_NO_FATAL_FAILURE(link_up());
    const auto there = wall_now() + apart;
    EXPECT_EQ(end_of(there + 1min), "confirmed ");
    turn_wall_clock(-24h * 365 * 40); // the box's own clock is set in between
    ASSERT_NO_FATAL_FAILURE(pass(30s));
    EXPECT_EQ(end_of(there + 1min), "confirmed ");
    ASSERT_NO_FATAL_FAILURE(pass(30s));
    ASSERT_NO_FATAL_FAILURE(pass(30s));
    EXPECT_EQ(end_of(there + 1min), "failed command.expired");
    turn_wall_clock(24h * 365 * 40);
    ASSERT_NE(links.present(), nullptr);
    cut();
  }
}

TEST_F(link_test, the_box_itself_is_renamed_and_told_so) {
  pair_and_link();
  command("c1", "", "rename", value::object{{"name", "Bakery"}});
  const auto told = results();
  EXPECT_EQ(told.front().state, action_state::accepted);
  EXPECT_EQ(told.back().state, action_state::confirmed);
  EXPECT_EQ(ask<identity_info>(identity, get_identity{})->name, "Bakery");
  int number = 1;
  for (const std::string& odd : {std::string(), std::string("a\0b", 3), std::string("\xff"),
                                 std::string("till\u202egnp.exe"), std::string(65, 'x')}) {
    command(("c" + std::to_string(++number)).c_str(), "", "rename", value::object{{"name", odd}});
    EXPECT_EQ(results().back().code, "box.bad_name") << odd;
  }
  const std::string longest = [] {
    std::string text;
    for (int i = 0; i < 64; ++i)
      text += "\U0001f9fe";
    return text;
  }();
  command("c9", "", "rename", value::object{{"name", longest}});
  EXPECT_EQ(results().back().state, action_state::confirmed);
  EXPECT_EQ(ask<identity_info>(identity, get_identity{})->name, longest);
}

TEST_F(link_test, devices_are_renamed_added_and_removed) {
  pair_and_link();
  command("c1", "", "add_device", value::object{{"name", "Counter"}, {"address", "tcp://p1"}});
  EXPECT_EQ(results().back().state, action_state::confirmed);
  command("c2", "", "rename_device", value::object{{"device", "counter"}, {"name", "Bar"}});
  EXPECT_EQ(results().back().state, action_state::confirmed);
  EXPECT_EQ(device(device_id("counter")).description.name, "Bar");
  command("c3", "", "remove_device", value::object{{"device", "counter"}});
  EXPECT_EQ(results().back().state, action_state::confirmed);
  links.present()->give(sent_commands[0]);
  settle();
  EXPECT_EQ(results().back().state, action_state::confirmed) << "remembered, not done again";
  EXPECT_TRUE(device(device_id("counter")).description.id.empty());
}

TEST_F(link_test, a_restart_does_not_loop) {
  pair_and_link();
  command("c1", "", "restart");
  EXPECT_EQ(results().back().state, action_state::accepted);
  advance(1s);
  EXPECT_EQ(restarts, 1);
  homepage = nullptr;
  tracer = nullptr;
  pairing = nullptr;
  uplink = nullptr;
  crash_and_restart();
  open_homepage();
  ASSERT_NO_FATAL_FAILURE(link_up());
  links.present()->give(sent_commands[0]);
  advance(1s);
  EXPECT_EQ(results().back().state, action_state::confirmed);
  EXPECT_EQ(restarts, 1);
}

TEST_F(link_test, removed_from_the_fleet_it_forgets_and_shows_a_code_again) {
  pair_and_link();
  links.present()->give(link::forget{proof("forget")});
  settle();
  EXPECT_EQ(state_of_link().state, link_state::unpaired);
  EXPECT_EQ(ask<pairing_info>(pairing, get_pairing{})->state, pairing_state::connecting);
  challenge();
  EXPECT_EQ(hello->wish, link::link_wish::pairing);
}

TEST_F(link_test, a_copied_box_says_so_on_its_homepage) {
  pair();
  challenge();
  links.present()->give(link::refuse{"link.copied", "Another machine speaks with this box's key.",
                                     "Decide on the server which one is the box.", 60s,
                                     proof("refuselink.copied")});
  settle();
  const auto body = send("GET", "/api/v1/link", signed_in())->json();
  EXPECT_EQ(body["state"], "refused");
  EXPECT_EQ(body["code"], "link.copied");
  EXPECT_EQ(body["text"], "Another machine speaks with this box's key.");
  advance(60s);
  EXPECT_NE(links.present(), nullptr);
}

TEST_F(link_test, the_trace_of_a_command_goes_up) {
  add("Counter", "tcp://p1");
  pair_and_link();
  command("c1", "counter", "print");
  const runtime::logger log("test.trace");
  {
    const trace_scope scope(sent_commands[0].trace);
    runtime::open_span work("test work", "box");
    work.end();
    log.info("in the trace");
  }
  advance(2s);
  std::vector<std::string> names, lines;
  while (auto part = links.present()->take<link::trace_part>()) {
    for (const auto& each : part->spans) {
      EXPECT_EQ(each.context.trace, sent_commands[0].trace.trace);
      names.push_back(each.name);
    }
    for (const auto& each : part->lines)
      lines.push_back(each.text);
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "test work"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "in the trace"), 1);
}

TEST_F(link_test, warnings_go_up_also_those_of_the_time_before) {
  pair();
  const runtime::logger log("test.warning");
  log.warning("It smells of smoke");
  advance(1s);
  link_up();
  advance(1s);
  bool found = false;
  while (auto part = links.present()->take<link::trace_part>())
    for (const auto& each : part->lines)
      found = found || (each.text == "It smells of smoke" && each.level == "warning");
  EXPECT_TRUE(found);
}

TEST_F(link_test, what_was_dropped_is_told) {
  pair();
  ASSERT_TRUE(ask<bool>(ledger, put_setting{"link.lost.scale", "{\"lost\":5,\"after\":1}"}));
  link_up();
  advance(1s);
  std::size_t gaps = 0;
  for (const auto& each : take_events())
    if (each.type == "gap") {
      ++gaps;
      EXPECT_EQ(each.device, device_id("scale"));
      EXPECT_EQ(each.data["lost"], value(5));
    }
  EXPECT_EQ(gaps, 1u);
}

TEST_F(link_test, it_says_goodbye_when_it_ends) {
  pair_and_link();
  auto* wire = links.present();
  caf::anon_send_exit(uplink, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_TRUE(wire->take<link::bye>());
  EXPECT_FALSE(wire->open);
}

} // namespace
} // namespace troupe::box
