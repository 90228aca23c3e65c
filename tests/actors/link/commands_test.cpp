#include "tests/actors/link/both_ends.hpp"

#include <map>
#include <random>

namespace troupe::link {
namespace {

using namespace std::chrono_literals;

class commands_over_restarts : public both_ends {
protected:
  command_id print(int number) {
    printing::document ticket;
    ticket.operations = {printing::text{words(number)}, printing::cut{}};
    const auto record = order("counter", "print", {}, std::move(ticket));
    EXPECT_TRUE(record) << record.error().text;
    return record ? record->id : command_id();
  }
  static std::string words(int number) { return "Ticket " + std::to_string(number) + "\n"; }
  std::size_t printed(int number) {
    const auto wanted = words(number);
    std::size_t count = 0;
    for (const auto& each : wire_to("tcp://p1")->written) {
      const auto text = as_text(each.view());
      for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1))
        ++count;
    }
    return count;
  }
  void carry_some(unsigned frames) {
    for (; frames > 0 && wire() != nullptr; --frames) {
      pick(2) == 0 ? wire()->carry_up() : wire()->carry_down();
      if (pick(3) != 0) settle();
    }
  }
  unsigned pick(unsigned below) { return static_cast<unsigned>(chance() % below); }
  /// How often the history says that a command has ended.
  std::map<std::string, int> ends() {
    std::map<std::string, int> found;
    for (const auto& each : history("command.")) {
      const auto& content = each->content.content;
      if (content.type != "command.accepted" && content.type != "command.sent")
        ++found[content.data.text_or("id")];
    }
    return found;
  }

  std::minstd_rand chance{4};
};

/// Cut and killed at any moment, each command has one end, and no ticket comes out twice.
TEST_F(commands_over_restarts, each_command_has_one_end_and_no_ticket_is_printed_twice) {
  pair();
  add("Counter", "tcp://p1");
  advance(1s);
  carry_all();
  std::vector<command_id> tickets;
  std::vector<command_id> names;
  for (int round = 0; round < 120; ++round) {
    for (auto n = pick(3); n > 0; --n)
      tickets.push_back(print(static_cast<int>(tickets.size())));
    if (pick(3) == 0) {
      const auto renamed =
          order("", "rename", value::object{{"name", "Till " + std::to_string(round)}});
      ASSERT_TRUE(renamed) << renamed.error().text;
      names.push_back(renamed->id);
    }
    carry_some(pick(14));
    switch (pick(4)) {
    case 0:
      restart_box();
      break;
    case 1:
      restart_server();
      break;
    default:
      if (wire() != nullptr) pick(3) == 0 ? wire()->cut_silently() : wire()->cut();
    }
    if (pick(3) != 0) {
      ASSERT_NO_FATAL_FAILURE(link_up());
    }
  }
  ASSERT_NO_FATAL_FAILURE(link_up());
  for (int i = 0; i < 20; ++i) {
    carry_all();
    advance(1s);
  }
  const auto ended = ends();
  int confirmed = 0;
  for (std::size_t at = 0; at < tickets.size(); ++at) {
    const auto record = stands(tickets[at]);
    const auto times = printed(static_cast<int>(at));
    EXPECT_TRUE(is_final(record.state)) << at;
    EXPECT_EQ(ended.count(record.id.text), 1u) << at;
    if (ended.count(record.id.text) == 1u) {
      EXPECT_EQ(ended.at(record.id.text), 1) << at;
    }
    EXPECT_LE(times, 1u) << at;
    if (record.state == action_state::confirmed) {
      EXPECT_EQ(times, 1u) << at;
      ++confirmed;
    }
    if (record.state == action_state::failed) {
      EXPECT_EQ(times, 0u) << at << record.code;
    }
  }
  EXPECT_GT(confirmed, static_cast<int>(tickets.size()) / 2);
  for (const auto& id : names) {
    EXPECT_EQ(stands(id).state, action_state::confirmed) << stands(id).code;
    EXPECT_EQ(ended.count(id.text), 1u);
  }
}

TEST_F(commands_over_restarts, a_server_that_ends_says_when_to_come_back) {
  pair();
  caf::anon_send(gate, server::end_links{});
  carry_all();
  EXPECT_EQ(link_now(), box::link_state::waiting);
  const auto info = ask<box::link_info>(uplink, box::get_link{});
  ASSERT_TRUE(info && info->next_try_at);
  EXPECT_GT(*info->next_try_at, wall_now());
  restart_server();
  ASSERT_NO_FATAL_FAILURE(link_up());
}

/// The box's disk is put back to yesterday's: what happened since is the server's alone, what
/// happens from now on arrives, under a new numbering.
TEST_F(commands_over_restarts, a_box_set_back_to_an_older_disk_is_numbered_anew) {
  pair();
  const auto tick = [this](int number) {
    box::publish_event message;
    message.content.type = "test.tick";
    message.content.data = value(number);
    caf::anon_send(events, std::move(message));
    advance(100ms);
    carry_all();
  };
  tick(1);
  advance(2min); // what is confirmed is noted
  carry_all();
  const auto copy = new_folder();
  std::filesystem::copy(folder_, copy,
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::overwrite_existing);
  // More than a block of numbers, so that the copy cannot reach what the server knows.
  for (int number = 2; number <= 2500; ++number) {
    box::publish_event message;
    message.content.type = "test.tick";
    message.content.data = value(number);
    caf::anon_send(events, std::move(message));
    if (number % 250 == 0) advance(100ms);
  }
  advance(1s);
  carry_all();
  ASSERT_EQ(history("test.tick").size(), 2500u);
  restart_box(copy);
  std::filesystem::remove_all(copy);
  advance(1s);
  ASSERT_NO_FATAL_FAILURE(link_up());
  tick(2501);
  tick(2502);
  int next = 1;
  for (const auto& each : history("test.tick"))
    EXPECT_EQ(each->content.content.data, value(next++));
  EXPECT_EQ(next, 2503);
}

} // namespace
} // namespace troupe::link
