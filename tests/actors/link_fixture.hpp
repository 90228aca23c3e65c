#pragma once

#include "tests/actors/homepage_fixture.hpp"

namespace troupe::box {

/// A whole box whose server is the test, over a link in memory.
class link_test : public homepage_test {
protected:
  void pair() {
    const auto set = send("PUT", "/api/v1/pairing/server", signed_in(),
                          "{\"url\":\"http://server.example:8080\"}");
    ASSERT_EQ(set->status(), 200) << set->text();
    challenge();
    ASSERT_TRUE(hello);
    ASSERT_EQ(hello->wish, link::link_wish::pairing);
    link::paired word;
    word.server = "s0";
    word.server_name = "The fleet";
    word.server_key = server_key.public_key();
    word.person = "Ada";
    word.proof = proof("paired");
    links.present()->give(word);
    settle();
  }
  void challenge() {
    ASSERT_NE(links.present(), nullptr);
    links.present()->give(link::challenge{"s0", shared_bytes::copy_of("nonce")});
    settle();
    hello = links.present()->take<link::hello>();
  }
  shared_bytes proof(std::string_view kind) const {
    return server_key.sign(link::server_statement(kind, "s0", box_id("b0"), hello->nonce));
  }
  void welcome(std::uint64_t last) {
    link::welcome frame;
    frame.last_event = last;
    frame.now = wall_now() + server_ahead;
    frame.server_name = "The fleet";
    frame.proof = proof("welcome");
    links.present()->give(frame);
    settle();
  }
  /// The box calls, and is let in with what `last_of` its numbering the server has.
  void link_up() {
    challenge();
    ASSERT_TRUE(hello);
    ASSERT_EQ(hello->wish, link::link_wish::link);
    welcome(last_of[hello->epoch]);
  }
  void pair_and_link() {
    pair();
    link_up();
  }
  /// Cuts the link and waits until the box has called again.
  void cut() {
    links.present()->cut();
    settle();
    wait_for_call();
  }
  void wait_for_call() {
    for (int i = 0; i < 62 && links.present() == nullptr; ++i)
      advance(std::chrono::seconds(1));
  }
  link_info state_of_link() {
    auto info = ask<link_info>(uplink, get_link{});
    EXPECT_TRUE(info) << info.error().text;
    return info ? *info : link_info{};
  }
  void publish(const char* type, const char* device, value data, bool transient = false) {
    publish_event message;
    message.content.type = type;
    message.content.device = device_id(device);
    message.content.data = std::move(data);
    message.transient = transient;
    caf::anon_send(events, std::move(message));
    settle();
  }
  /// All events that the box sent, as the server takes them: in order, each once.
  std::vector<event> take_events(bool confirm = true) {
    std::vector<event> found;
    for (bool more = true; more;) {
      more = false;
      while (auto batch = links.present()->take<link::event_batch>()) {
        EXPECT_LE(batch->events.size(), 500u);
        for (auto& each : batch->events) {
          EXPECT_GT(each.sequence, last_of[hello->epoch]);
          last_of[hello->epoch] = each.sequence;
          found.push_back(std::move(each));
        }
        more = confirm;
      }
      if (more) {
        links.present()->give(link::event_ack{last_of[hello->epoch]});
        settle();
      }
    }
    return found;
  }
  void command(const char* id, const char* device, const char* action, value arguments = {},
               time_point expires = {}) {
    link::command wanted;
    wanted.id = command_id(id);
    wanted.number = ++commands;
    wanted.trace = new_trace();
    wanted.device = device_id(device);
    wanted.action = action;
    wanted.arguments = std::move(arguments);
    if (wanted.action == "print")
      wanted.document.operations = {printing::text{"From the server\n"}, printing::cut{}};
    wanted.person = "Ada";
    wanted.expires = expires;
    sent_commands.push_back(wanted);
    links.present()->give(wanted);
    settle();
  }
  std::vector<link::command_result> results() {
    std::vector<link::command_result> found;
    while (auto each = links.present()->take<link::command_result>())
      found.push_back(std::move(*each));
    return found;
  }

  security::signing_key server_key = security::signing_key::make();
  std::optional<link::hello> hello;
  std::map<std::string, std::uint64_t> last_of; ///< by epoch: what is on the server's disk
  std::chrono::seconds server_ahead{0};         ///< its clock before the box's
  std::uint64_t commands = 0;
  std::vector<link::command> sent_commands;
};

} // namespace troupe::box
