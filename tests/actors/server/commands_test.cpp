#include "actors/runtime/spans.hpp"
#include "tests/actors/server/link_fixture.hpp"

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

class commands_test : public link_test, public ::testing::WithParamInterface<bool> {
protected:
  commands_test() : link_test(GetParam()) {}
  void SetUp() override {
    link_test::SetUp();
    pair(box);
    link_box(box);
    say(box, with_printer());
  }
  send_command order(std::string key = {}, std::chrono::seconds valid_for = 1h) {
    send_command out;
    out.box = box.hello.box;
    out.device = device_id("p1");
    out.action = "print";
    out.arguments = value::object{{"copies", 2}};
    out.document.operations = {printing::text{"Hello\n"}};
    out.key = std::move(key);
    out.person = "Anna";
    out.valid_for = valid_for;
    return out;
  }
  command_record sent(send_command wanted) {
    auto record = ask<command_record>(fleet, std::move(wanted));
    EXPECT_TRUE(record) << record.error().text;
    return record ? *record : command_record{};
  }
  void answer(const command_id& id, action_state state, std::string code = {}) {
    link::command_result told;
    told.id = id;
    told.state = state;
    told.code = std::move(code);
    say(box, told);
  }
  command_record stands(const command_id& id) {
    auto found = ask<command_record>(fleet, get_command{id});
    EXPECT_TRUE(found) << found.error().text;
    return found ? *found : command_record{};
  }
  /// Until the next start what happens comes to disk, but not its event.
  runtime::limit& take_no_events() {
    return limits.declare("bus.waiting", "events", 0, runtime::limit_policy::refuse);
  }
  std::vector<std::string> steps() {
    std::vector<std::string> out;
    for (const auto& each : history("command."))
      out.push_back(each->content.content.type);
    return out;
  }

  scripted_box box{"b1"};
};

TEST_P(commands_test,
       its_way_to_the_box_and_back_is_a_span_of_its_trace_over_a_death_of_the_server) {
  auto wanted = order();
  wanted.trace = new_trace();
  const auto record = sent(wanted);
  EXPECT_EQ(record.trace, wanted.trace);
  const auto carried = box.next<link::command>();
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->trace.trace, wanted.trace.trace);
  EXPECT_NE(carried->trace.span, wanted.trace.span);
  crash_and_restart();
  link_box(box);
  advance(2s);
  answer(record.id, action_state::confirmed);
  advance(1s);
  for (int look = 0; look < 2; ++look) { // from memory, and from disk
    const auto found = ask<trace_report>(logs, get_trace{wanted.trace});
    ASSERT_TRUE(found) << found.error().text;
    ASSERT_EQ(found->spans.size(), 1u);
    const auto& way = found->spans[0].content;
    EXPECT_EQ(way.place, "link");
    EXPECT_EQ(way.context, carried->trace);
    EXPECT_EQ(way.parent, wanted.trace.span);
    EXPECT_EQ(way.duration, 2s);
    for (std::size_t other = 0; other <= runtime::span_ring::default_capacity; ++other)
      runtime::open_span("turns the ring", "server", new_trace());
  }
}

TEST_P(commands_test, a_command_goes_to_the_box_and_its_end_is_kept) {
  const auto record = sent(order());
  EXPECT_EQ(record.state, action_state::accepted);
  const auto carried = box.next<link::command>();
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->id, record.id);
  EXPECT_EQ(carried->number, record.number);
  EXPECT_EQ(carried->action, "print");
  EXPECT_EQ(carried->arguments, (value::object{{"copies", 2}}));
  EXPECT_EQ(carried->document.operations.size(), 1u);
  EXPECT_EQ(carried->person, "Anna");
  EXPECT_EQ(carried->trace, record.trace);
  answer(record.id, action_state::sent);
  answer(record.id, action_state::sent); // said twice
  answer(record.id, action_state::confirmed);
  answer(record.id, action_state::failed, "late"); // an end is the end
  EXPECT_EQ(stands(record.id).state, action_state::confirmed);
  EXPECT_EQ(steps(),
            (std::vector<std::string>{"command.accepted", "command.sent", "command.confirmed"}));
  crash_and_restart();
  EXPECT_EQ(stands(record.id).state, action_state::confirmed);
  link_box(box);
  EXPECT_TRUE(box.socket->sent.empty()) << "nothing is sent again";
}

TEST_P(commands_test, the_same_key_gets_the_first_answer) {
  const auto first = sent(order("k1"));
  EXPECT_EQ(sent(order("k1")).id, first.id);
  answer(first.id, action_state::confirmed);
  const auto again = sent(order("k1"));
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.state, action_state::confirmed);
  EXPECT_NE(sent(order("k2")).id, first.id);
  EXPECT_NE(sent(order()).id, sent(order()).id);
  auto together = request<command_record>(fleet, 9s, order("k3"));
  auto other = request<command_record>(fleet, 9s, order("k3"));
  settle();
  EXPECT_EQ((**together)->id, (**other)->id);
}

TEST_P(commands_test, what_waits_is_sent_after_each_welcome_in_order_until_it_ends) {
  cut(box);
  std::vector<command_record> records;
  for (int at = 0; at < 5; ++at)
    records.push_back(sent(order()));
  crash_and_restart();
  for (int round = 0; round < 3; ++round) {
    link_box(box);
    for (const auto& each : records) {
      const auto carried = box.next<link::command>();
      ASSERT_TRUE(carried);
      EXPECT_EQ(carried->id, each.id);
      EXPECT_EQ(carried->number, each.number);
    }
    EXPECT_TRUE(box.socket->sent.empty());
    answer(records.front().id, action_state::confirmed);
    records.erase(records.begin());
    cut(box);
  }
}

TEST_P(commands_test, what_never_left_the_server_expires) {
  cut(box);
  const auto record = sent(order("k", 10min));
  advance(10min - 1s);
  EXPECT_EQ(stands(record.id).state, action_state::accepted);
  advance(2s);
  const auto ended = stands(record.id);
  EXPECT_EQ(ended.state, action_state::failed);
  EXPECT_EQ(ended.code, "command.expired");
  EXPECT_EQ(steps().back(), "command.failed");
  link_box(box);
  EXPECT_TRUE(box.socket->sent.empty());
}

TEST_P(commands_test, what_a_link_carried_stays_open_until_the_box_tells) {
  const auto record = sent(order("k", 10min));
  ASSERT_TRUE(box.next<link::command>());
  cut(box);
  advance(1h);
  EXPECT_EQ(stands(record.id).state, action_state::accepted) << "perhaps it was printed";
  link_box(box);
  ASSERT_TRUE(box.next<link::command>());
  answer(record.id, action_state::confirmed);
  EXPECT_EQ(stands(record.id).state, action_state::confirmed);
}

TEST_P(commands_test, what_nobody_can_know_any_more_is_unknown) {
  const auto record = sent(order("k", 10min));
  ASSERT_TRUE(box.next<link::command>());
  cut(box);
  crash_and_restart(); // the expiry is watched again
  advance(26h);
  EXPECT_EQ(stands(record.id).state, action_state::unknown);
  EXPECT_EQ(stands(record.id).code, "command.no_answer");
}

TEST_P(commands_test, wrong_orders_are_refused_in_words) {
  auto wanted = order();
  wanted.box = box_id("nobody");
  EXPECT_EQ(ask<command_record>(fleet, wanted).error().code, "box.unknown");
  wanted = order();
  wanted.device = device_id("nothing");
  EXPECT_EQ(ask<command_record>(fleet, wanted).error().code, "device.unknown");
  EXPECT_EQ(ask<command_record>(fleet, order(std::string(129, 'k'))).error().code,
            "command.bad_key");
  EXPECT_EQ(ask<command_record>(fleet, order("\xff")).error().code, "command.bad_key");
  wanted = order();
  wanted.device = {};
  wanted.action = "format_disk";
  EXPECT_EQ(ask<command_record>(fleet, wanted).error().code, "command.bad_action");
  EXPECT_EQ(ask<command_record>(fleet, get_command{command_id("x")}).error().code,
            "command.unknown");
  answer(command_id("never heard of"), action_state::confirmed); // by a confused box
  EXPECT_TRUE(box.socket->is_open());
}

TEST_P(commands_test, no_more_wait_than_are_allowed) {
  cut(box);
  for (std::size_t at = 0; at < open_commands_bound; ++at)
    sent(order());
  const auto one_more = ask<command_record>(fleet, order("late"));
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().code, "command.too_many");
  link_box(box);
  std::size_t carried = 0;
  while (box.next<link::command>())
    ++carried;
  EXPECT_EQ(carried, open_commands_bound);
}

TEST_P(commands_test, a_full_socket_gets_its_commands_when_it_has_room) {
  box.socket->queued = 5'000'000;
  const auto record = sent(order());
  EXPECT_FALSE(box.next<link::command>());
  advance(1s);
  EXPECT_FALSE(box.next<link::command>());
  box.socket->queued = 0;
  advance(1s);
  const auto carried = box.next<link::command>();
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->id, record.id);
}

TEST_P(commands_test, a_new_name_goes_to_the_box_too) {
  change_box change;
  change.id = box.hello.box;
  change.name = "  Kasse Süd ☕ ";
  change.note = "Behind the door.\nKey at Ben's.";
  change.person = "Anna";
  const auto changed = ask<fleet_box_ptr>(fleet, change);
  ASSERT_TRUE(changed) << changed.error().text;
  EXPECT_EQ((*changed)->name, "Kasse Süd ☕");
  const auto carried = box.next<link::command>();
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->action, "rename");
  EXPECT_EQ(carried->arguments.text_or("name"), "Kasse Süd ☕");
  for (const std::string& bad :
       {std::string(), std::string("  "), std::string("a\nb"), std::string("\xff"),
        std::string(65, 'x'), std::string("a\0b", 3), std::string("a\u202eb"),
        std::string("a\u2066b"), std::string("a\u0085b")}) {
    change.name = bad;
    EXPECT_EQ(ask<fleet_box_ptr>(fleet, change).error().code, "box.bad_name") << bad;
  }
  change.name.reset();
  change.note = std::string(2001, 'x');
  EXPECT_EQ(ask<fleet_box_ptr>(fleet, change).error().code, "box.bad_note");
  crash_and_restart();
  EXPECT_EQ(shown(box).name, "Kasse Süd ☕");
  EXPECT_EQ(shown(box).note, "Behind the door.\nKey at Ben's.");
}

TEST_P(commands_test, a_deleted_box_does_nothing_any_more) {
  cut(box);
  const auto record = sent(order());
  ASSERT_TRUE(*ask<bool>(fleet, delete_box{box.hello.box, "Anna"}));
  EXPECT_EQ(stands(record.id).state, action_state::canceled);
}

TEST_P(commands_test, the_history_is_walked_in_pages) {
  std::vector<command_id> ids;
  for (int at = 0; at < 25; ++at)
    ids.push_back(sent(order()).id);
  std::vector<command_id> walked;
  find_commands wanted;
  wanted.box = box.hello.box;
  wanted.limit = 10;
  for (;;) {
    const auto page = ask<std::vector<command_record>>(fleet, wanted);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    for (const auto& each : *page)
      walked.push_back(each.id);
    wanted.before = page->back().id.text;
  }
  std::reverse(walked.begin(), walked.end());
  EXPECT_EQ(walked, ids);
}

TEST_P(commands_test, watchers_are_told_of_boxes_that_change) {
  auto [page, got] = collector<boxes_changed>();
  const auto list = ask<box_list_ptr>(fleet, watch_boxes{page});
  ASSERT_EQ((*list)->size(), 1u);
  for (std::uint64_t at = 1; at <= 100; ++at)
    send_events(box, at, at);
  EXPECT_TRUE(got->empty());
  advance(1s);
  ASSERT_EQ(got->size(), 1u) << "many changes are told once";
  EXPECT_EQ(got->at(0).changed.at(0)->last_event, "device.status");
  EXPECT_TRUE(ask<bool>(fleet, delete_box{box.hello.box, "Anna"}));
  advance(1s);
  EXPECT_EQ(got->back().gone.at(0), box.hello.box);
}

/// The server dies when the end of a command is on disk and its event is not.
TEST_P(commands_test, what_a_death_left_untold_is_told_once_at_the_next_start) {
  const auto record = sent(order());
  answer(record.id, action_state::sent);
  take_no_events();
  answer(record.id, action_state::confirmed, "printer.fine");
  const auto waiting = sent(order());
  ASSERT_EQ(stands(record.id).state, action_state::confirmed);
  for (int start = 0; start < 2; ++start) {
    crash_and_restart();
    EXPECT_EQ(steps(), (std::vector<std::string>{"command.accepted", "command.sent",
                                                 "command.confirmed", "command.accepted"}));
  }
  const auto told = history("command.");
  ASSERT_EQ(told.size(), 4u);
  EXPECT_EQ(told[2]->content.box, box.hello.box);
  EXPECT_EQ(told[2]->content.content.device.text, "p1");
  EXPECT_EQ(told[2]->content.content.trace, record.trace);
  EXPECT_EQ(told[2]->content.content.data.text_or("id"), record.id.text);
  EXPECT_EQ(told[2]->content.content.data.text_or("code"), "printer.fine");
  EXPECT_EQ(told[3]->content.content.data.text_or("id"), waiting.id.text);
  EXPECT_EQ(count("commands WHERE untold > 0"), 0);
}

TEST_P(commands_test, a_death_in_mid_command_leaves_each_of_its_states_to_be_told_in_order) {
  take_no_events();
  const auto record = sent(order());
  answer(record.id, action_state::sent);
  answer(record.id, action_state::failed, "printer.gone");
  crash_and_restart();
  EXPECT_EQ(steps(),
            (std::vector<std::string>{"command.accepted", "command.sent", "command.failed"}));
  const auto told = history("command.");
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0]->content.content.data.text_or("state"), "accepted");
  EXPECT_EQ(told[0]->content.content.data.text_or("code"), "");
  EXPECT_EQ(told[2]->content.content.data.text_or("code"), "printer.gone");
}

/// What the bus could not take is told as soon as it can.
TEST_P(commands_test, an_event_that_found_no_room_is_told_a_moment_later) {
  auto& room = take_no_events();
  const auto record = sent(order());
  advance(5s);
  EXPECT_TRUE(steps().empty());
  room.set_bound(100);
  advance(2s);
  answer(record.id, action_state::confirmed);
  EXPECT_EQ(steps(), (std::vector<std::string>{"command.accepted", "command.confirmed"}));
  EXPECT_EQ(count("commands WHERE untold > 0"), 0);
}

/// A fleet that starts anew beside a bus with a full queue must not tell twice what waits there.
TEST_P(commands_test, what_is_told_already_is_not_told_again) {
  const auto record = sent(order());
  const auto tell = [&](bool again) {
    publish_batch batch{box.hello.box, {}, {event_number(0, "command.accepted")}};
    batch.tells = told_command{record.id, action_state::accepted, again};
    EXPECT_TRUE(ask<std::uint64_t>(bus, std::move(batch)));
  };
  tell(true);
  EXPECT_EQ(steps().size(), 1u);
  tell(false); // the same state, with something new to say
  EXPECT_EQ(steps().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(databases, commands_test, ::testing::ValuesIn(store::databases_at_hand()),
                         store::database_name);

} // namespace
} // namespace troupe::server
