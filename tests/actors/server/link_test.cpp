#include "tests/actors/server/link_fixture.hpp"

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

bool proves(const security::signing_key& key, std::string_view kind, const scripted_box& box,
            const shared_bytes& proof) {
  return security::verify(key.public_key().view(),
                          link::server_statement(kind, "server-1", box.hello.box, box.hello.nonce),
                          proof.view());
}

TEST_F(link_test, a_box_is_paired_by_its_code_linked_and_shown) {
  scripted_box box("b1");
  come(box, link::link_wish::pairing);
  const auto code = box.next<link::pairing_code>();
  ASSERT_TRUE(code);
  EXPECT_EQ(code->expires_in, 2h);
  EXPECT_EQ(code->connect_url, "http://server:8080/#connect=" + code->code);
  std::string typed = code->code;
  for (auto& each : typed)
    each = static_cast<char>(std::tolower(each));
  typed.insert(4, "-");
  const auto claimed = claim(typed);
  ASSERT_TRUE(claimed) << claimed.error().text;
  EXPECT_EQ(claimed->box.text, "b1");
  EXPECT_EQ(claimed->name, "Till");
  const auto paired = box.next<link::paired>();
  ASSERT_TRUE(paired);
  EXPECT_EQ(paired->person, "Anna");
  EXPECT_EQ(paired->server_key, server_key.public_key());
  EXPECT_TRUE(proves(server_key, "paired", box, paired->proof));
  EXPECT_FALSE(box.socket->is_open());
  EXPECT_FALSE(shown(box).online);

  const auto welcome = link_box(box);
  ASSERT_TRUE(welcome);
  EXPECT_EQ(welcome->last_event, 0u);
  EXPECT_EQ(welcome->server_name, "Shop");
  EXPECT_TRUE(proves(server_key, "welcome", box, welcome->proof));
  say(box, with_printer());
  auto now = shown(box);
  EXPECT_TRUE(now.online);
  EXPECT_EQ(now.state, device_state::ready);
  ASSERT_EQ(now.devices.size(), 1u);
  cut(box);
  now = shown(box);
  EXPECT_FALSE(now.online);
  EXPECT_EQ(now.state, device_state::unknown);
  EXPECT_EQ(now.devices.size(), 1u);
}

TEST_F(link_test, strangers_and_forgers_are_refused) {
  scripted_box stranger("b9");
  come(stranger, link::link_wish::link);
  const auto unknown = stranger.next<link::refuse>();
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->code, "link.unknown_box");
  EXPECT_TRUE(proves(server_key, "refuselink.unknown_box", stranger, unknown->proof));

  scripted_box box("b1");
  pair(box);
  scripted_box forger("b1"); // the same identifier, a key of its own
  come(forger, link::link_wish::link);
  const auto refused = forger.next<link::refuse>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "link.bad_proof");
  EXPECT_NE(shown(box).alert, "");

  scripted_box liar("b1");
  open(liar);
  auto asked = liar.next<link::challenge>();
  liar.greet(link::link_wish::link);
  liar.hello.public_key = box.key.public_key(); // another's key, signed with its own
  liar.hello.nonce = secure_random(32);
  liar.hello.signature = liar.key.sign(link::box_statement(*asked, liar.hello));
  say(liar, liar.hello);
  EXPECT_EQ(liar.next<link::refuse>()->code, "link.bad_proof");

  scripted_box replayer("b1");
  replayer.key = box.key;
  open(replayer);
  asked = replayer.next<link::challenge>();
  asked->nonce = secure_random(32); // signed for another challenge
  replayer.greet(link::link_wish::link);
  replayer.answer(*asked);
  settle();
  EXPECT_EQ(replayer.next<link::refuse>()->code, "link.bad_proof");
}

TEST_F(link_test, frames_before_their_time_end_the_link) {
  scripted_box box("b1");
  pair(box);
  open(box);
  say(box, with_printer()); // no hello yet
  EXPECT_FALSE(box.socket->is_open());
  EXPECT_EQ(box.socket->close_code, 1002);
  link_box(box);
  say(box, box.hello); // a second one
  EXPECT_EQ(box.socket->close_code, 1002);
}

TEST_F(link_test, garbage_ends_the_link_and_nothing_else) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  for (const auto& bytes : {byte_vector{}, byte_vector{0xc1}, byte_vector(1000, 0xff),
                            to_msgpack(value(value::object{{"kind", "nonsense"}}))}) {
    scripted_box other("b1");
    open(other);
    other.socket->receive(bytes);
    settle();
    EXPECT_FALSE(other.socket->is_open());
    EXPECT_EQ(other.socket->close_code, 1003);
  }
  EXPECT_TRUE(shown(box).online);
}

TEST_F(link_test, what_only_a_newer_box_knows_is_left_out) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  box.socket->receive(to_msgpack(value(value::object{{"kind", "horoscope"}, {"text", "Good."}})));
  box.socket->receive(to_msgpack(value(value::object{
      {"kind", "events"},
      {"mood", "curious"},
      {"events",
       value::list{value::object{{"sequence", 1}, {"type", "test.new"}, {"more", "x"}}}}})));
  settle();
  EXPECT_TRUE(box.socket->is_open());
  EXPECT_EQ(history("test.new").size(), 1u);
}

TEST_F(link_test, a_newer_box_and_a_malformed_hello) {
  scripted_box box("b1");
  pair(box);
  open(box);
  const auto asked = box.next<link::challenge>();
  box.hello.protocol = 7;
  box.greet(link::link_wish::link);
  box.answer(*asked);
  settle();
  EXPECT_EQ(box.next<link::refuse>()->code, "link.too_old");
  EXPECT_EQ(box.socket->is_open(), false);
  open(box);
  const auto again = box.next<link::challenge>();
  box.hello.protocol = 0;
  box.answer(*again);
  settle();
  const auto older = box.next<link::refuse>();
  ASSERT_TRUE(older);
  EXPECT_EQ(older->code, "link.too_old");
  EXPECT_EQ(older->remedy, "Update the box.");
  box.hello.protocol = 1;
  for (const char* id : {"", "a b", "../../x", "\xff\xfe"}) {
    scripted_box odd(id);
    come(odd, link::link_wish::pairing);
    EXPECT_EQ(odd.socket->close_code, 1002) << id;
  }
}

TEST_F(link_test, who_says_nothing_is_cut) {
  scripted_box box("b1");
  open(box);
  advance(14s);
  EXPECT_TRUE(box.socket->is_open());
  advance(2s);
  EXPECT_FALSE(box.socket->is_open());
}

TEST_F(link_test, events_are_acknowledged_when_on_disk_and_resumed_after_a_cut) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  send_events(box, 1, 10);
  auto ack = box.next<link::event_ack>();
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->sequence, 10u);
  send_events(box, 5, 12); // the first six again
  EXPECT_EQ(box.next<link::event_ack>()->sequence, 12u);
  cut(box);
  EXPECT_EQ(link_box(box)->last_event, 12u);
  cut(box);
  crash_and_restart();
  EXPECT_EQ(link_box(box)->last_event, 12u);
  const auto kept = history("device.status");
  ASSERT_EQ(kept.size(), 12u);
  for (std::size_t at = 0; at < kept.size(); ++at)
    EXPECT_EQ(kept[at]->content.content.sequence, at + 1);
  cut(box);
  box.hello.epoch = "e2"; // numbered anew
  EXPECT_EQ(link_box(box)->last_event, 0u);
  send_events(box, 1, 2);
  EXPECT_EQ(box.next<link::event_ack>()->sequence, 2u);
  EXPECT_EQ(history("device.status").size(), 14u);
}

TEST_F(link_test, events_out_of_order_or_too_many_end_the_link) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  say(box, link::event_batch{{event_number(5), event_number(4)}});
  EXPECT_EQ(box.socket->close_code, 1002);
  link_box(box);
  say(box, link::event_batch{{event_number(0)}});
  EXPECT_EQ(box.socket->close_code, 1002);
  link_box(box);
  send_events(box, 1, 501);
  EXPECT_EQ(box.socket->close_code, 1002);
  EXPECT_TRUE(history("device.").empty());
}

TEST_F(link_test, events_with_dates_of_any_clock_are_kept_as_they_came) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  link::event_batch batch;
  std::uint64_t number = 0;
  for (const auto at :
       {time_point{}, time_point(-std::chrono::hours(24 * 365 * 70)),
        time_point(std::chrono::hours(24 * 365 * 230)), time_point::max(), time_point::min()}) {
    batch.events.push_back(event_number(++number));
    batch.events.back().time = at;
  }
  say(box, batch);
  const auto ack = box.next<link::event_ack>();
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->sequence, number);
  advance(10min); // the server looks for what is old by its own clock
  const auto kept = history("device.status");
  ASSERT_EQ(kept.size(), number);
  for (std::size_t at = 0; at < kept.size(); ++at)
    EXPECT_EQ(kept[at]->content.content.time, batch.events[at].time) << at;
}

TEST_F(link_test, a_full_disk_is_waited_for_then_boxes_are_sent_away_and_nothing_is_lost) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  const auto pages_at_most = [this](int count) {
    return in_store<bool>(
        [count](store::sql_connection& connection) -> result<bool> {
          auto rows = connection.ask("PRAGMA max_page_count = " + std::to_string(count));
          if (!rows) return rows.error();
          return true;
        },
        true);
  };
  ASSERT_TRUE(pages_at_most(1)); // no more than there are
  link::event_batch batch;
  for (std::uint64_t number = 1; number <= 50; ++number) {
    batch.events.push_back(event_number(number));
    batch.events.back().data = std::string(10'000, 'x');
  }
  say(box, batch);
  advance(5s);
  EXPECT_FALSE(box.next<link::event_ack>());
  EXPECT_TRUE(box.socket->is_open()) << "a short trouble is not the box's";
  advance(6s);
  EXPECT_FALSE(box.next<link::event_ack>());
  const auto bye = box.next<link::bye>();
  ASSERT_TRUE(bye);
  EXPECT_GT(bye->come_back_in, 0s);
  EXPECT_FALSE(box.socket->is_open());
  ASSERT_TRUE(pages_at_most(1'000'000));
  EXPECT_EQ(link_box(box)->last_event, 0u);
  say(box, batch);
  EXPECT_EQ(box.next<link::event_ack>()->sequence, 50u);
  EXPECT_EQ(history("device.status").size(), 50u);
}

TEST_F(link_test, a_box_that_sends_too_fast_waits) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  for (std::uint64_t at = 0; at < 20; ++at) {
    link::event_batch batch{{event_number(at + 1)}};
    box.say(std::move(batch)); // without letting the server work
  }
  EXPECT_GE(box.socket->unread(), 19u);
  settle();
  EXPECT_EQ(box.socket->unread(), 0u);
  EXPECT_EQ(history("device.status").size(), 20u);
}

TEST_F(link_test, device_events_change_what_the_fleet_shows) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  say(box, with_printer());
  auto status = event_number(1);
  status.data = value::object{{"state", "trouble"}, {"text", "Out of paper."}};
  say(box, link::event_batch{{status}});
  EXPECT_EQ(shown(box).state, device_state::trouble);
  EXPECT_EQ(shown(box).devices.at(0).status.text, "Out of paper.");
  EXPECT_EQ(shown(box).last_event, "device.status");
  say(box, link::event_batch{{event_number(2, "device.removed")}});
  EXPECT_TRUE(shown(box).devices.empty());
  auto odd = event_number(3, "device.status", "p9"); // of no device we know
  odd.data = "nonsense";
  say(box, link::event_batch{{odd}});
  EXPECT_TRUE(box.socket->is_open());
  advance(10s);
  crash_and_restart();
  EXPECT_EQ(shown(box).last_event, "device.status");
  EXPECT_FALSE(shown(box).online);
}

TEST_F(link_test, live_values_pass_and_are_not_kept) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  auto [page, got] = collector<events_arrived>();
  ASSERT_TRUE(ask<std::uint64_t>(bus, subscribe_events{page, {}}));
  say(box, link::live_values{{event_number(0, "device.value", "scale")}});
  ASSERT_EQ(got->size(), 1u);
  EXPECT_EQ(got->at(0).events->at(0)->content.sequence, 0u);
  EXPECT_NE(got->at(0).events->at(0)->json->find("\"device.value\""), std::string::npos);
  EXPECT_TRUE(history("device.value").empty());
}

TEST_F(link_test, a_deleted_box_forgets_now_or_when_it_next_comes) {
  scripted_box near("b1");
  scripted_box far("b2");
  pair(near);
  pair(far);
  link_box(near);
  EXPECT_TRUE(*ask<bool>(fleet, delete_box{near.hello.box, "Anna"}));
  EXPECT_TRUE(*ask<bool>(fleet, delete_box{far.hello.box, "Anna"}));
  const auto forgotten = near.next<link::forget>();
  ASSERT_TRUE(forgotten);
  EXPECT_TRUE(proves(server_key, "forget", near, forgotten->proof));
  EXPECT_FALSE(near.socket->is_open());
  EXPECT_EQ(ask<fleet_box_ptr>(fleet, get_box{near.hello.box}).error().code, "box.unknown");
  EXPECT_TRUE((*ask<box_list_ptr>(fleet, get_boxes{}))->empty());
  crash_and_restart();
  come(far, link::link_wish::link);
  EXPECT_TRUE(far.next<link::forget>());
  pair(far); // and may come again
  EXPECT_TRUE(link_box(far));
}

TEST_F(link_test, a_box_that_lost_its_note_of_the_pairing_gets_it_again) {
  scripted_box box("b1");
  pair(box);
  come(box, link::link_wish::pairing);
  const auto again = box.next<link::paired>();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->person, "Anna");
}

TEST_F(link_test, a_reconnect_of_the_same_process_replaces_its_older_link) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  const auto older = box.socket;
  ASSERT_TRUE(link_box(box));
  EXPECT_FALSE(older->is_open());
  EXPECT_TRUE(shown(box).online);
  EXPECT_EQ(shown(box).alert, "");
}

TEST_F(link_test, a_dead_older_link_gives_way_to_the_restarted_box) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  const auto older = box.socket;
  box.hello.instance = "i2";
  come(box, link::link_wish::link);
  EXPECT_FALSE(box.next<link::welcome>()) << "the older one is asked first";
  advance(5s);
  EXPECT_TRUE(box.next<link::welcome>());
  EXPECT_FALSE(older->is_open());
  EXPECT_EQ(shown(box).alert, "");
  EXPECT_TRUE(shown(box).online);
}

TEST_F(link_test, a_copied_disk_is_turned_away_until_the_owner_decides) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  scripted_box copy("b1");
  copy.key = box.key;
  copy.hello.instance = "other";
  const auto try_copy = [&] {
    come(copy, link::link_wish::link);
    const auto probe = box.next<link::probe>();
    if (probe) say(box, link::alive{probe->number});
    return copy.next<link::refuse>();
  };
  EXPECT_EQ(ask<fleet_box_ptr>(fleet, decide_copy{box.hello.box, true, "Anna"}).error().code,
            "box.not_copied");
  const auto refused = try_copy();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "link.copied");
  EXPECT_EQ(refused->retry_after, 60s);
  EXPECT_NE(shown(box).alert, "");
  EXPECT_EQ(history("box.alert").size(), 1u);

  ASSERT_TRUE(ask<fleet_box_ptr>(fleet, decide_copy{box.hello.box, false, "Anna"}));
  EXPECT_EQ(shown(box).alert, "");
  EXPECT_EQ(try_copy()->code, "link.copied");
  EXPECT_EQ(shown(box).alert, "") << "decided: nobody is bothered again";

  ASSERT_TRUE(ask<fleet_box_ptr>(fleet, decide_copy{box.hello.box, true, "Anna"}));
  EXPECT_EQ(box.next<link::refuse>()->code, "link.copied");
  EXPECT_FALSE(box.socket->is_open());
  EXPECT_TRUE(link_box(copy));
  come(box, link::link_wish::link);
  EXPECT_EQ(box.next<link::refuse>()->code, "link.copied");
  for (const bool replace : {true, false}) // another owner decides a moment later
    EXPECT_EQ(ask<fleet_box_ptr>(fleet, decide_copy{box.hello.box, replace, "Bob"}).error().code,
              "box.not_copied");
  EXPECT_TRUE(shown(copy).online);
}

TEST_F(link_test, the_server_says_goodbye_when_it_ends) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  caf::anon_send_exit(gate, caf::exit_reason::user_shutdown);
  settle();
  const auto bye = box.next<link::bye>();
  ASSERT_TRUE(bye);
  EXPECT_GT(bye->come_back_in, 0s);
  EXPECT_FALSE(box.socket->is_open());
}

TEST_F(link_test, traces_of_boxes_are_found_by_their_id) {
  scripted_box box("b1");
  pair(box);
  link_box(box);
  link::trace_part part;
  span done;
  done.context = new_trace();
  done.name = "print";
  done.place = "device";
  part.spans = {done};
  log_record line;
  line.text = "Printed.";
  line.trace = done.context;
  part.lines = {line};
  say(box, part);
  advance(1s);
  crash_and_restart();
  const auto found = ask<trace_report>(logs, get_trace{done.context});
  ASSERT_TRUE(found) << found.error().text;
  ASSERT_EQ(found->spans.size(), 1u);
  EXPECT_EQ(found->spans[0].box.text, "b1");
  EXPECT_EQ(found->spans[0].content.name, "print");
  ASSERT_EQ(found->lines.size(), 1u);
  EXPECT_EQ(found->lines[0].content.text, "Printed.");
  EXPECT_TRUE(ask<trace_report>(logs, get_trace{new_trace()})->spans.empty());
}

} // namespace
} // namespace troupe::server
