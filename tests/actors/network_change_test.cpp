#include "actors/box/pairing_core.hpp"
#include "actors/box/uplink_core.hpp"
#include "security/signing_key.hpp"
#include "tests/actors/core_effects.hpp"
#include "tests/actors/link_fixture.hpp"

#include <gtest/gtest.h>

/// What a change of the network, of the proxy or of the clock does to a box's way to its server.
namespace troupe::box {
namespace {

using namespace std::chrono_literals;

class uplink_way : public core_effects<uplink_core> {
protected:
  uplink_way() {
    uplink_core::options how;
    how.box = box_id("b0");
    how.chance = [] { return 1.0; };
    how.nonce = [this] { return nonce; };
    box.emplace(std::move(how));
    keep(box->set_server(
        uplink_core::known_server{"s0", "The fleet", key.public_key(), "http://server:8080"}, now));
    take<uplink_core::open_link>();
  }
  void link_up() {
    keep(box->received(link::challenge{"s0", shared_bytes::copy_of("n")}, now));
    box->hello_sent(0);
    link::welcome frame;
    frame.proof = key.sign(link::server_statement("welcome", "s0", box_id("b0"), nonce));
    keep(box->received(frame, now));
    ASSERT_TRUE(box->linked());
  }
  std::size_t calls_after_change() {
    keep(box->network_changed(now));
    return take<uplink_core::open_link>().size();
  }
  security::signing_key key = security::signing_key::make();
  shared_bytes nonce = shared_bytes::copy_of("0123456789abcdef0123456789abcdef");
  std::optional<uplink_core> box;
};

TEST_F(uplink_way, a_box_that_waits_calls_at_once_when_the_network_changes) {
  for (int i = 0; i < 8; ++i) { // the back-off is at its longest
    keep(box->ended({"transport.unreachable", "Network is unreachable.", "", 502}, now));
    now = *box->next_wake();
    keep(box->woke(now));
  }
  keep(box->ended({"transport.unreachable", "Network is unreachable.", "", 502}, now));
  take<uplink_core::open_link>();
  EXPECT_EQ(calls_after_change(), 1u);
  keep(box->ended({"transport.unreachable", "Still.", "", 502}, now));
  EXPECT_LE(*box->next_wake() - now, 1s) << "and the waits begin at their shortest again";
}

TEST_F(uplink_way, a_young_attempt_is_not_begun_anew) {
  EXPECT_EQ(calls_after_change(), 0u);
  now += 4s;
  EXPECT_EQ(calls_after_change(), 1u) << "it may go nowhere";
  EXPECT_EQ(calls_after_change(), 0u);
}

TEST_F(uplink_way, who_was_asked_to_wait_waits) {
  link_up();
  keep(box->received(link::bye{20s, ""}, now));
  EXPECT_EQ(calls_after_change(), 0u);
  now = *box->next_wake();
  keep(box->woke(now));
  EXPECT_EQ(take<uplink_core::open_link>().size(), 1u);
}

TEST_F(uplink_way, a_link_that_lost_its_address_comes_back_within_a_second) {
  for (int i = 0; i < 6; ++i) {
    keep(box->ended({"link.cut", "It was cut.", "", 503}, now));
    now = *box->next_wake();
    keep(box->woke(now));
  }
  link_up();
  take<uplink_core::open_link>();
  EXPECT_EQ(calls_after_change(), 0u) << "the link itself tells whether it is cut";
  keep(box->ended({"link.address_gone", "The box's address changed.", "", 503}, now));
  EXPECT_LE(*box->next_wake() - now, 1s);
}

TEST_F(uplink_way, another_proxy_makes_the_link_anew) {
  link_up();
  keep(box->way_changed(now));
  EXPECT_EQ(take<uplink_core::close_link>().size(), 1u);
  EXPECT_EQ(take<uplink_core::open_link>().size(), 1u);
  EXPECT_EQ(box->state(), link_state::connecting);
  keep(box->set_server(std::nullopt, now));
  done.clear();
  keep(box->way_changed(now));
  EXPECT_TRUE(done.empty()) << "without a server there is no way";
}

TEST_F(uplink_way, what_a_person_can_do_is_said) {
  keep(box->ended(
      {"link.captive_portal", "This network wants a log-in page first.", "Log in.", 502}, now));
  EXPECT_EQ(box->code(), "link.captive_portal");
  EXPECT_EQ(box->text(), "The server cannot be reached. This network wants a log-in page first.");
  EXPECT_EQ(box->remedy(), "Log in.");
}

TEST_F(uplink_way, a_clock_that_is_off_is_told_while_linked) {
  box->clock_is(fault{"link.clock", "The box's clock says 1970.", "Set it.", 502});
  EXPECT_EQ(box->code(), "") << "not linked";
  link_up();
  box->clock_is(fault{"link.clock", "The box's clock says 1970.", "Set it.", 502});
  EXPECT_EQ(box->state(), link_state::linked);
  EXPECT_EQ(box->code(), "link.clock");
  EXPECT_EQ(box->remedy(), "Set it.");
  box->clock_is(std::nullopt);
  EXPECT_EQ(box->code(), "");
  box->clock_is(fault{"link.clock", "The box's clock says 1970.", "Set it.", 502});
  keep(box->ended({"link.cut", "It was cut.", "", 503}, now));
  keep(box->woke(*box->next_wake()));
  link_up();
  EXPECT_EQ(box->code(), "") << "each welcome says the time anew";
}

class pairing_way : public core_effects<pairing_core> {
protected:
  void begin() {
    pairing_core::options how;
    how.box = box_id("b0");
    how.url = "http://server:8080";
    how.power_on = now;
    how.instance = "i1";
    how.chance = [] { return 1.0; };
    how.nonce = [] { return shared_bytes::copy_of("0123456789abcdef0123456789abcdef"); };
    how.new_instance = [] { return std::string("i2"); };
    box.emplace(std::move(how));
    keep(box->start(now, false));
    take<pairing_core::open_link>();
  }
  void code() {
    keep(box->received(link::challenge{"s0", shared_bytes::copy_of("n")}, now));
    keep(box->received(link::pairing_code{"BCDFGHJK", 7200s, "http://server:8080/#"}, now));
    ASSERT_EQ(box->code(), "BCDFGHJK");
  }
  std::optional<pairing_core> box;
};

TEST_F(pairing_way, it_asks_at_once_when_the_network_changes) {
  begin();
  keep(box->ended({"transport.unreachable", "Network is unreachable.", "", 502}, now));
  keep(box->network_changed(now));
  EXPECT_EQ(take<pairing_core::open_link>().size(), 1u);
  keep(box->network_changed(now));
  EXPECT_EQ(take<pairing_core::open_link>().size(), 0u) << "it is being tried";
  now += 4s;
  keep(box->network_changed(now));
  EXPECT_EQ(take<pairing_core::open_link>().size(), 1u);
}

TEST_F(pairing_way, a_code_stays_when_the_proxy_changes) {
  begin();
  code();
  keep(box->way_changed(now));
  EXPECT_EQ(box->code(), "BCDFGHJK");
  EXPECT_EQ(take<pairing_core::open_link>().size(), 1u);
  EXPECT_TRUE(take<pairing_core::code_gone>().empty());
  const auto again = take<pairing_core::send_hello>();
  now += 3h;
  keep(box->woke(now));
  EXPECT_EQ(box->state(), pairing_state::expired);
  keep(box->way_changed(now));
  keep(box->network_changed(now));
  EXPECT_TRUE(take<pairing_core::open_link>().empty()) << "the two hours are over";
}

TEST_F(pairing_way, a_log_in_page_is_said_with_its_remedy) {
  begin();
  keep(box->ended(
      {"link.captive_portal", "This network wants a log-in page first.", "Log in.", 502}, now));
  EXPECT_EQ(box->remedy(), "Log in.");
  keep(box->woke(*box->next_wake()));
  keep(box->ended({"transport.refused", "It refuses.", "Check.", 502}, now));
  EXPECT_EQ(box->remedy(),
            "Look at the address and at the network; the box tries again by itself.");
}

// The actors

TEST_F(link_test, the_clock_of_the_welcome_is_held_against_the_boxs) {
  server_ahead = 56 * 365 * 24h;
  pair_and_link();
  const auto link = state_of_link();
  EXPECT_EQ(link.state, link_state::linked);
  EXPECT_EQ(link.code, "link.clock");
  EXPECT_NE(link.text.find("The box's clock says"), std::string::npos) << link.text;
  EXPECT_EQ(send("GET", "/api/v1/link", signed_in())->json()["code"], "link.clock");
  server_ahead = 1s;
  cut();
  link_up();
  EXPECT_EQ(state_of_link().code, "");
}

TEST_F(link_test, a_network_that_changes_brings_the_link_back_at_once) {
  pair_and_link();
  links.present()->cut();
  settle();
  ASSERT_EQ(links.present(), nullptr) << "it waits";
  caf::anon_send(caf::actor_cast<caf::actor>(uplink),
                 network_changed{std::make_shared<const network_info>()});
  settle();
  EXPECT_NE(links.present(), nullptr);
}

TEST_F(link_test, a_proxy_is_set_kept_and_never_shown_with_its_password) {
  pair_and_link();
  const auto put = [&](const std::string& body) {
    return send("PUT", "/api/v1/network/proxy", signed_in(), body);
  };
  EXPECT_EQ(send("GET", "/api/v1/network/proxy", signed_in())->json()["use"], "automatic");
  EXPECT_EQ(put("{}")->status(), 422);
  EXPECT_EQ(put("{\"use\":\"own\",\"address\":\"ftp://x\"}")->code(), "proxy.bad_address");
  const auto with_login = put("{\"use\":\"own\",\"address\":\"http://me:word@proxy:3128\"}");
  EXPECT_EQ(with_login->code(), "proxy.bad_address");
  EXPECT_EQ(with_login->text().find("word"), std::string::npos);
  EXPECT_EQ(put("{\"use\":\"own\",\"address\":\"proxy:3128\",\"user\":\"a:b\"}")->code(),
            "proxy.bad_login");
  EXPECT_EQ(put("{\"use\":\"own\",\"address\":\"proxy:3128\",\"direct\":[\"a b\"]}")->code(),
            "proxy.bad_direct");
  const auto before = links.wires.size();
  const auto set = put("{\"use\":\"own\",\"address\":\"Proxy:3128\",\"user\":\"me\","
                       "\"password\":\"word/\\u00e4\",\"direct\":[\" till.example \",\"\"]}");
  ASSERT_EQ(set->status(), 200) << set->text();
  EXPECT_EQ(set->json()["address"], "http://proxy:3128");
  EXPECT_EQ(set->json()["password_set"], true);
  EXPECT_EQ(set->json()["in_force"], "http://proxy:3128");
  EXPECT_EQ(set->text().find("word/"), std::string::npos);
  EXPECT_EQ(proxy_settings->settings.https, "http://me:word%2F%C3%A4@proxy:3128");
  EXPECT_EQ(proxy_settings->settings.proxy_for(true, "till.example", 443), "");
  settle();
  EXPECT_GT(links.wires.size(), before) << "the link is made anew";
  // The password stays for the same user at the same proxy, and goes to no other.
  EXPECT_EQ(
      put("{\"use\":\"own\",\"address\":\"proxy:3128\",\"user\":\"me\"}")->json()["password_set"],
      true);
  // Kept over a restart.
  auto present = std::make_shared<present_proxy>();
  present->settings = {};
  const auto after = spawn_proxy(system(), {{}, present, {}}, ledger);
  settle();
  EXPECT_EQ(present->settings.http, "http://me:word%2F%C3%A4@proxy:3128");
  EXPECT_EQ(
      put("{\"use\":\"own\",\"address\":\"other:3128\",\"user\":\"me\"}")->json()["password_set"],
      false);
  EXPECT_EQ(put("{\"use\":\"off\"}")->json()["in_force"], "");
  const auto configured = spawn_proxy(
      system(), {{proxy_use::own, "http://p:1"}, std::make_shared<present_proxy>(), {}}, ledger);
  settle();
  set_proxy wanted;
  EXPECT_EQ(ask<proxy_info>(configured, wanted).error().code, "proxy.configured");
}

TEST_F(link_test, the_status_page_is_for_this_machine_and_for_people) {
  pair_and_link();
  EXPECT_EQ(send("GET", "/api/v1/status")->status(), 401);
  EXPECT_EQ(send("GET", "/api/v1/status", {{"Origin", shop}}, "", "127.0.0.1")->status(), 403)
      << "a page of another origin on this machine";
  for (const auto& headers : {header_pairs{}, {{"Origin", "http://localhost:8069"}}}) {
    const auto own = send("GET", "/api/v1/status", headers, "", "127.0.0.1");
    ASSERT_EQ(own->status(), 200) << own->text();
    EXPECT_EQ(own->json()["link"]["state"], "linked");
    EXPECT_EQ(own->json()["link"]["server"], "The fleet");
    EXPECT_EQ(own->json()["pairing"]["state"], "paired");
    EXPECT_EQ(own->json()["clock_never_set"], false);
  }
  EXPECT_EQ(send("GET", "/api/v1/status", signed_in())->status(), 200);
  EXPECT_EQ(send("GET", "/status")->status(), 200);
}

TEST_F(homepage_test, a_test_without_a_server_is_refused_in_words) {
  const auto refused = send("POST", "/api/v1/connection-test", signed_in(), "{}");
  EXPECT_EQ(refused->status(), 409);
  EXPECT_EQ(refused->code(), "connection_test.no_server");
  const auto none = send("GET", "/api/v1/connection-test", signed_in());
  EXPECT_EQ(none->json()["steps"].size(), 0u);
  EXPECT_EQ(none->json()["running"], false);
}

} // namespace
} // namespace troupe::box
