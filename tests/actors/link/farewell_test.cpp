#include "tests/actors/link/both_ends.hpp"

namespace troupe::link {
namespace {

using namespace std::chrono_literals;

/// A person disconnects the box at its homepage.
class farewell_both_ends : public both_ends {
protected:
  void disconnect() {
    const auto answer = send("DELETE", "/api/v1/pairing", signed_in());
    ASSERT_EQ(answer->status(), 200) << answer->text();
  }
  server::fleet_box_ptr card() {
    const auto box = ask<server::fleet_box_ptr>(fleet, server::get_box{box_id("b0")});
    EXPECT_TRUE(box) << box.error().text;
    return box ? *box : std::make_shared<const fleet_box>();
  }
  bool is_disconnected() { return card()->disconnected != time_point{}; }
  void wait_for_code() {
    for (int i = 0; i < 60 && code().empty(); ++i) {
      carry_all();
      advance(2s);
    }
    ASSERT_FALSE(code().empty());
  }
  bool owes_farewell() {
    const auto kept = ask<box::setting_list>(ledger, box::get_settings{"link.left"});
    EXPECT_TRUE(kept);
    return kept && !kept->settings.empty();
  }
};

TEST_F(farewell_both_ends, the_server_hears_of_it_over_the_link_and_the_box_shows_a_code) {
  ASSERT_NO_FATAL_FAILURE(pair());
  ASSERT_TRUE(ask<server::fleet_box_ptr>(
      fleet, server::change_box{.id = box_id("b0"), .note = "By the window", .person = "Anna"}));
  ASSERT_NO_FATAL_FAILURE(disconnect());
  ASSERT_NO_FATAL_FAILURE(wait_for_code());
  EXPECT_TRUE(is_disconnected());
  EXPECT_FALSE(card()->online);
  EXPECT_EQ(history("box.disconnected").size(), 1u);
  EXPECT_FALSE(owes_farewell());
  const auto refused = order("", "restart");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "box.disconnected");

  restart_server();
  EXPECT_TRUE(is_disconnected()) << "it stands on the disk";
  restart_box();
  ASSERT_NO_FATAL_FAILURE(wait_for_code());
  const auto claimed = claim(code(), "Bert");
  ASSERT_TRUE(claimed) << claimed.error().text;
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_FALSE(is_disconnected());
  EXPECT_EQ(card()->note, "By the window") << "the same card lives on";
  EXPECT_EQ(card()->connected_by, "Bert");
}

TEST_F(farewell_both_ends, what_waited_for_the_box_is_called_off) {
  ASSERT_NO_FATAL_FAILURE(pair());
  wire()->cut();
  carry_all();
  const auto waits = order("", "rename", value::object{{"name", "Kitchen"}});
  ASSERT_TRUE(waits) << waits.error().text;
  ASSERT_NO_FATAL_FAILURE(disconnect());
  ASSERT_NO_FATAL_FAILURE(wait_for_code());
  const auto ended = stands(waits->id);
  EXPECT_EQ(ended.state, action_state::canceled);
  EXPECT_EQ(ended.code, "box.disconnected");
}

TEST_F(farewell_both_ends, a_server_that_was_away_hears_of_it_when_the_box_asks_for_a_code) {
  ASSERT_NO_FATAL_FAILURE(pair());
  kill_server();
  ASSERT_NO_FATAL_FAILURE(disconnect());
  carry_all();
  EXPECT_EQ(link_now(), box::link_state::unpaired) << "the box forgets at once";
  restart_box();
  EXPECT_TRUE(owes_farewell());
  start_server();
  EXPECT_FALSE(is_disconnected());
  ASSERT_NO_FATAL_FAILURE(wait_for_code());
  EXPECT_TRUE(is_disconnected()) << "and it was not taken back without a code";
  EXPECT_FALSE(owes_farewell());
}

TEST_F(farewell_both_ends, a_box_that_its_server_lost_says_so_and_shows_a_code) {
  ASSERT_NO_FATAL_FAILURE(pair());
  kill_server();
  for (const auto& each : std::filesystem::directory_iterator(database.file().parent_path()))
    std::filesystem::remove(each);
  start_server();
  ASSERT_NO_FATAL_FAILURE(wait_for_code());
  const auto shown = send("GET", "/api/v1/pairing", signed_in())->json();
  EXPECT_EQ(shown["why"], "The server does not have this box any more.");
  EXPECT_FALSE(owes_farewell());
  ASSERT_TRUE(claim(code()));
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_FALSE(send("GET", "/api/v1/pairing", signed_in())->json().contains("why"));
}

TEST_F(farewell_both_ends,
       a_box_with_an_older_disk_comes_back_and_is_no_longer_called_disconnected) {
  ASSERT_NO_FATAL_FAILURE(pair());
  const auto older = folder_.parent_path() / (folder_.filename().string() + "-older");
  std::filesystem::copy(folder_, older, std::filesystem::copy_options::recursive);
  ASSERT_NO_FATAL_FAILURE(disconnect());
  ASSERT_NO_FATAL_FAILURE(wait_for_code());
  ASSERT_TRUE(is_disconnected());
  restart_box(older);
  std::filesystem::remove_all(older);
  ASSERT_NO_FATAL_FAILURE(link_up());
  EXPECT_FALSE(is_disconnected());
}

} // namespace
} // namespace troupe::link
