#include "actors/server/bus_limits.hpp"
#include "tests/actors/server/link_fixture.hpp"

#include <filesystem>
#include <random>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

class bus_test : public link_test, public ::testing::WithParamInterface<bool> {
protected:
  bus_test() : link_test(GetParam()) {}
  result<std::uint64_t> publish(const char* box, std::uint64_t first, std::uint64_t last,
                                const char* epoch = "e", const char* type = "device.status",
                                const char* device = "p1") {
    publish_batch batch{box_id(box), epoch, {}};
    for (auto at = first; at <= last; ++at)
      batch.events.push_back(event_number(at, type, device));
    return ask<std::uint64_t>(bus, std::move(batch));
  }
  /// Reads as a page does: subscribes again for the rest, until it is told what is new.
  void follow(const caf::actor& page, const std::vector<events_arrived>& got, std::uint64_t after) {
    ASSERT_TRUE(ask<std::uint64_t>(bus, subscribe_events{page, after}));
    settle();
    for (auto seen = got.size(); seen > 0 && got.back().more; seen = got.size()) {
      ASSERT_TRUE(ask<std::uint64_t>(bus, subscribe_events{page, got.back().last}));
      settle();
      ASSERT_GT(got.size(), seen);
    }
  }
  /// What a reader at `after` has to see; each part must begin where it may.
  static std::vector<std::uint64_t> behind(std::uint64_t after,
                                           const std::vector<events_arrived>& got) {
    std::vector<std::uint64_t> out;
    auto have = after;
    for (const auto& each : got) {
      EXPECT_LE(each.after, have);
      for (const auto& one : *each.events)
        if (one->content.sequence > have) out.push_back(one->content.sequence);
      have = each.last;
    }
    return out;
  }
  static std::vector<std::uint64_t> numbers(const std::vector<events_arrived>& got) {
    std::vector<std::uint64_t> out;
    for (const auto& each : got)
      for (const auto& one : *each.events)
        out.push_back(one->content.sequence);
    return out;
  }
  std::vector<std::uint64_t> found(find_events wanted) {
    auto page = ask<event_list_ptr>(bus, std::move(wanted));
    EXPECT_TRUE(page) << page.error().text;
    std::vector<std::uint64_t> out;
    for (const auto& each : **page)
      out.push_back(each->content.sequence);
    return out;
  }
};

TEST_P(bus_test, numbers_rise_by_one_over_restarts) {
  EXPECT_EQ(*publish("b1", 10, 12), 12u);
  EXPECT_EQ(*publish("b2", 1, 1), 1u);
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_last_sequence{}), 4u);
  crash_and_restart();
  EXPECT_EQ(*publish("b1", 10, 13), 13u) << "three of them again";
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_last_sequence{}), 5u);
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_box_position{box_id("b1"), "e"}), 13u);
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_box_position{box_id("b1"), "other"}), 0u);
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_box_position{box_id("b9"), "e"}), 0u);
}

TEST_P(bus_test, all_readers_share_one_list_and_one_text) {
  auto [one, got_one] = collector<events_arrived>();
  auto [two, got_two] = collector<events_arrived>();
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{one, {}}));
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{two, {}}));
  EXPECT_TRUE(publish("b1", 1, 3));
  ASSERT_EQ(got_one->size(), 1u);
  EXPECT_EQ(got_one->at(0).events, got_two->at(0).events);
  const auto& first = *got_one->at(0).events->at(0);
  const auto read = from_json<value>(*first.json);
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["source"], value("/boxes/b1/devices/p1"));
  EXPECT_EQ((*read)["sequence"], value(1));
  EXPECT_EQ(first.content.content.sequence, 1u);
}

TEST_P(bus_test, the_servers_own_events_say_so) {
  auto [page, got] = collector<events_arrived>();
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{page, {}}));
  publish_batch own;
  own.events = {event_number(0, "settings.changed", "")};
  ASSERT_TRUE(ask<std::uint64_t>(bus, own));
  ASSERT_TRUE(ask<std::uint64_t>(bus, own)) << "never taken for a repetition";
  EXPECT_EQ(numbers(*got), from_to(1, 2));
  EXPECT_NE(got->at(0).events->at(0)->json->find("\"/server\""), std::string::npos);
}

TEST_P(bus_test, a_reader_resumes_from_memory_and_from_disk_without_a_gap) {
  EXPECT_TRUE(publish("b1", 1, 1200));
  for (const std::uint64_t after : {0u, 1u, 599u, 1000u, 1199u, 1200u}) {
    auto [page, got] = collector<events_arrived>();
    follow(page, *got, after);
    EXPECT_EQ(behind(after, *got), from_to(after + 1, 1200)) << after;
  }
  crash_and_restart(); // now nothing is in memory
  auto [page, got] = collector<events_arrived>();
  auto answer = request<std::uint64_t>(bus, 9s, subscribe_events{page, 100});
  for (std::uint64_t at = 1201; at <= 1300; ++at) { // while it catches up
    publish_batch batch{box_id("b1"), "e", {event_number(at)}};
    caf::anon_send(bus, std::move(batch));
  }
  settle();
  ASSERT_FALSE(got->empty());
  follow(page, *got, got->back().last);
  EXPECT_EQ(behind(100, *got), from_to(101, 1300));
  EXPECT_TRUE(publish("b1", 1301, 1301));
  EXPECT_EQ(got->back().last, 1301u) << "from here on it is told what is new";
}

TEST_P(bus_test, readers_of_the_past_share_what_was_read) {
  EXPECT_TRUE(publish("b1", 1, 1200));
  crash_and_restart();
  std::vector<std::pair<caf::actor, std::shared_ptr<std::vector<events_arrived>>>> pages;
  for (int at = 0; at < 5; ++at) {
    auto [page, got] = collector<events_arrived>();
    pages.emplace_back(page, got);
    caf::anon_send(bus, subscribe_events{page, static_cast<std::uint64_t>(at)});
  }
  settle();
  for (auto& [page, got] : pages) {
    ASSERT_EQ(got->size(), 1u);
    EXPECT_EQ(got->at(0).events, pages[0].second->at(0).events);
    EXPECT_TRUE(got->at(0).more);
  }
  for (auto& [page, got] : pages)
    follow(page, *got, got->back().last);
  EXPECT_EQ(pages[0].second->at(1).events, pages[4].second->at(1).events);
  EXPECT_EQ(behind(4, *pages[4].second), from_to(5, 1200));
}

TEST_P(bus_test, what_is_no_longer_kept_is_told_as_a_gap) {
  EXPECT_TRUE(publish("b1", 1, 100));
  crash_and_restart();
  ASSERT_TRUE(in_store<bool>([](store::sql_connection& connection) -> result<bool> {
    if (auto problem = connection.run("DELETE FROM events WHERE sequence <= 40")) return *problem;
    return true;
  }));
  auto [page, got] = collector<events_arrived>();
  follow(page, *got, 10);
  ASSERT_FALSE(got->empty());
  const auto& first = *got->at(0).events->at(0);
  EXPECT_EQ(first.content.content.type, "gap");
  EXPECT_EQ(first.content.content.data, (value::object{{"after", 10}, {"before", 41}}));
  EXPECT_EQ(numbers(*got), from_to(40, 100)) << "the gap has the number before what follows";
  auto [future, nothing] = collector<events_arrived>();
  EXPECT_EQ(*ask<std::uint64_t>(bus, subscribe_events{future, 4711}), 100u);
  EXPECT_TRUE(nothing->empty()) << "numbers that were never given count as now";
}

TEST_P(bus_test, a_slow_reader_gets_only_live_values_until_it_subscribes_again) {
  auto [slow, got] = collector<events_arrived>();
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{slow, {}}));
  EXPECT_TRUE(publish("b1", 1, 2));
  caf::anon_send(bus, hold_events{slow});
  settle();
  EXPECT_TRUE(publish("b1", 3, 5));
  EXPECT_EQ(numbers(*got), from_to(1, 2));
  caf::anon_send(bus, publish_live{box_id("b1"), {event_number(0, "device.value", "s1")}});
  settle();
  EXPECT_EQ(numbers(*got), (std::vector<std::uint64_t>{1, 2, 0}));
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{slow, 2}));
  settle();
  EXPECT_TRUE(publish("b1", 6, 6));
  EXPECT_EQ(numbers(*got), (std::vector<std::uint64_t>{1, 2, 0, 3, 4, 5, 6}));
}

TEST_P(bus_test, who_ends_is_forgotten) {
  auto [one, got] = collector<events_arrived>();
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{one, {}}));
  EXPECT_TRUE(ask<std::uint64_t>(bus, subscribe_events{one, {}})) << "again: still one page";
  const auto& listeners =
      limits.declare("bus.listeners", "pages", bus_listeners, runtime::limit_policy::refuse);
  EXPECT_EQ(listeners.fill(), 1u);
  EXPECT_TRUE(publish("b1", 1, 1));
  EXPECT_EQ(numbers(*got), from_to(1, 1));
  caf::anon_send_exit(one, caf::exit_reason::kill);
  settle();
  EXPECT_EQ(listeners.fill(), 0u);
}

TEST_P(bus_test, the_past_is_found_by_box_device_and_type) {
  EXPECT_TRUE(publish("b1", 1, 3));
  EXPECT_TRUE(publish("b2", 1, 2, "e", "action.confirmed", "p2"));
  EXPECT_TRUE(publish("b1", 4, 4, "e", "action.failed", "p2"));
  find_events wanted;
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{6, 5, 4, 3, 2, 1}));
  wanted.box = box_id("b1");
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{6, 3, 2, 1}));
  wanted.limit = 2;
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{6, 3}));
  wanted.before = 3;
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{2, 1}));
  wanted = {};
  wanted.type_prefix = "action.";
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{6, 5, 4}));
  wanted.after = 4;
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{5, 6}));
  wanted.limit = 1;
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{5}));
  wanted = {};
  wanted.device = device_id("p2");
  wanted.box = box_id("b1");
  EXPECT_EQ(found(wanted), (std::vector<std::uint64_t>{6}));
  wanted.box = box_id("nobody");
  EXPECT_TRUE(found(wanted).empty());
}

TEST_P(bus_test, names_of_any_bytes_do_no_harm) {
  publish_batch batch{box_id("b1"), "e", {}};
  std::uint64_t number = 0;
  for (const std::string& odd : {std::string("\xff\xfe"), std::string("a\0b", 3),
                                 std::string(5000, 'x'), std::string("'; DROP TABLE events; --")})
    batch.events.push_back(event_number(++number, odd, odd));
  EXPECT_EQ(*ask<std::uint64_t>(bus, std::move(batch)), 4u);
  EXPECT_EQ(found({}).size(), 4u);
}

TEST_P(bus_test, old_events_go_in_small_steps) {
  EXPECT_TRUE(publish("b1", 1, 5000));
  // Age is by the wall clock: turned, not lived through, which is a look at the disk each minute.
  turn_wall_clock(bus_longest_age - 1h);
  EXPECT_TRUE(publish("b1", 5001, 5001));
  EXPECT_EQ(count("events"), 5001);
  turn_wall_clock(1h);
  advance(61s);
  EXPECT_LT(count("events"), 5001);
  advance(10s);
  EXPECT_EQ(count("events"), 1);
}

INSTANTIATE_TEST_SUITE_P(databases, bus_test, ::testing::ValuesIn(store::databases_at_hand()),
                         store::database_name);

TEST_P(bus_test, nothing_is_written_behind_what_could_not_be) {
  EXPECT_EQ(*publish("b1", 1, 3), 3u);
  publish_batch far{box_id("b1"), "e", {event_number(9)}};
  far.after = 8;
  EXPECT_EQ(ask<std::uint64_t>(bus, far).error().code, "bus.gap");
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_box_position{box_id("b1"), "e"}), 3u);
  far.after = 3; // a box may skip numbers
  EXPECT_EQ(*ask<std::uint64_t>(bus, far), 9u);
}

class unwritable_test : public link_test {
protected:
  runtime::answer<std::uint64_t> publish(std::uint64_t number) {
    publish_batch batch{box_id("b1"), "e", {event_number(number)}};
    batch.after = number - 1;
    return request<std::uint64_t>(bus, neighbour_timeout, std::move(batch));
  }
  std::string away = database.file().string() + ".away";
};

TEST_F(unwritable_test, events_wait_in_order_while_the_store_takes_no_changes) {
  std::filesystem::rename(database.file(), away);
  const auto one = publish(1);
  settle();
  const auto two = publish(2);
  advance(5s);
  EXPECT_FALSE(*one);
  EXPECT_FALSE(*two);
  std::filesystem::rename(away, database.file());
  advance(2s);
  ASSERT_TRUE(*one && **one && *two && **two);
  EXPECT_EQ(***one, 1u);
  EXPECT_EQ(***two, 2u);
}

TEST_F(unwritable_test, nothing_waits_longer_than_who_sent_it) {
  const auto& queue = shared.limits.declare("bus.waiting", "events", bus_waiting_events,
                                            runtime::limit_policy::refuse);
  std::filesystem::rename(database.file(), away);
  const auto old = publish(1);
  advance(9s);
  const auto young = publish(2);
  advance(2s);
  ASSERT_TRUE(*old);
  EXPECT_FALSE(**old);
  EXPECT_EQ(queue.fill(), 1u);
  std::filesystem::rename(away, database.file());
  advance(2s);
  ASSERT_TRUE(*young);
  EXPECT_EQ((*young)->error().code, "bus.gap") << "what came before it is not there";
  EXPECT_EQ(queue.fill(), 0u);
  EXPECT_EQ(*ask<std::uint64_t>(bus, get_box_position{box_id("b1"), "e"}), 0u);
}

/// A box that keeps its events until they are acknowledged, as a real one does.
class cutting_test : public link_test {
protected:
  void take_answers() {
    while (!box.socket->sent.empty()) {
      if (auto ack = box.next<link::event_ack>()) {
        acked = std::max(acked, ack->sequence);
      } else if (!box.next<link::bye>())
        box.socket->sent.pop_front();
    }
  }
  scripted_box box{"b1"};
  std::uint64_t acked = 0;
};

TEST_F(cutting_test, a_thousand_cuts_lose_nothing_and_repeat_nothing) {
  constexpr std::uint64_t events = 100'000;
  constexpr int cuts = 1000;
  pair(box);
  std::minstd_rand random(4711);
  int cut_so_far = 0;
  for (int round = 0; acked < events || cut_so_far < cuts; ++round) {
    const auto welcome = link_box(box);
    ASSERT_TRUE(welcome);
    auto next = welcome->last_event + 1;
    const auto batches = 1 + random() % 6;
    for (unsigned at = 0; at < batches && next <= events; ++at) {
      const auto last = std::min<std::uint64_t>(events, next + random() % 60);
      link::event_batch batch;
      for (; next <= last; ++next)
        batch.events.push_back(event_number(next));
      box.say(std::move(batch));
      // Cut between any two turns of the server's actors: now, or after some of them.
      if (random() % 3 == 0) settle();
    }
    if (random() % 2 == 0) settle();
    box.socket->cut();
    ++cut_so_far;
    if (random() % 50 == 0) crash_and_restart(); // the server too, as by a kill
    settle();
    take_answers();
    acked = std::max(acked, welcome->last_event);
    ASSERT_LT(round, 20'000);
  }
  std::uint64_t expected = 0;
  std::uint64_t after = 0;
  for (;;) {
    find_events wanted;
    wanted.after = after;
    wanted.limit = 1000;
    wanted.type_prefix = "device.status";
    auto part = ask<event_list_ptr>(bus, wanted);
    ASSERT_TRUE(part);
    if ((*part)->empty()) break;
    for (const auto& each : **part)
      ASSERT_EQ(each->content.content.sequence, ++expected);
    after = (*part)->back()->content.sequence;
  }
  EXPECT_EQ(expected, events);
  EXPECT_GE(cut_so_far, cuts);
}

} // namespace
} // namespace troupe::server
