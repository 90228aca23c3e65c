#include "security/announcement.hpp"
#include "security/connection_token.hpp"
#include "tests/actors/homepage_fixture.hpp"

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// How a box announces itself, blinks, and lets a server of its network take it in.
class adoption_test : public homepage_test {
protected:
  /// Remembers what it should say.
  struct heard {
    std::vector<mdns::advertisement> offered;
    std::function<void(const mdns::advertised&)> told;
  };
  class voice_of_test final : public announcer {
  public:
    explicit voice_of_test(std::shared_ptr<heard> to) : to_(std::move(to)) {}
    void advertise(mdns::advertisement what,
                   std::function<void(const mdns::advertised&)> told) override {
      to_->offered.push_back(std::move(what));
      to_->told = std::move(told);
    }

  private:
    std::shared_ptr<heard> to_;
  };

  /// A box in a network, with its homepage on a port.
  void open_in_network() {
    voice = [ears = ears] { return std::make_unique<voice_of_test>(ears); };
    adoption = true;
    open_homepage();
    caf::anon_send(discovery, homepage_listens{8069});
    settle();
  }
  std::string token() const {
    return security::connection_token_text(
        {"0011223344556677", "s0", "Shop", "http://server.example:8080", server.public_key(),
         security::make_token_secret(), time_point(24h * 365 * 60)},
        server);
  }
  std::string body() const { return "{\"token\":\"" + token() + "\"}"; }
  std::uint16_t adopt(header_pairs headers = json(), std::string address = "192.168.1.5") {
    return send("POST", "/api/v1/pairing/adoption", std::move(headers), body(), std::move(address))
        ->status();
  }
  announcement last_said() const {
    EXPECT_FALSE(ears->offered.empty());
    const auto said = from_txt(ears->offered.back().services.front().txt);
    EXPECT_TRUE(said);
    return said.value_or(announcement{});
  }

  std::shared_ptr<heard> ears = std::make_shared<heard>();
  const security::signing_key server = security::signing_key::make();
};

TEST_F(adoption_test, the_box_announces_itself_signed_and_again_when_something_changed) {
  open_in_network();
  ASSERT_EQ(ears->offered.size(), 1u);
  const auto& first = ears->offered.front();
  ASSERT_EQ(first.services.size(), 2u);
  EXPECT_EQ(first.services[0].type, "_troupe._tcp");
  EXPECT_EQ(first.services[1].type, "_http._tcp");
  EXPECT_EQ(first.services[0].port, 8069);
  EXPECT_TRUE(security::is_genuine(last_said(), {}));
  EXPECT_FALSE(last_said().paired);
  ASSERT_EQ(send("PATCH", "/api/v1/box", signed_in(), "{\"name\":\"Bakery\"}")->status(), 200);
  settle();
  EXPECT_EQ(ears->offered.back().name, "Bakery");
  EXPECT_TRUE(security::is_genuine(last_said(), {}));
}

TEST_F(adoption_test, how_the_announcement_stands_is_told_to_who_is_signed_in) {
  open_in_network();
  const auto announced = [this] {
    return send("GET", "/api/v1/box", signed_in())->json()["announced"];
  };
  EXPECT_EQ(announced()["name"], "");
  ears->told({true, false, "Box #2", ""});
  settle();
  EXPECT_EQ(announced()["name"], "Box #2");
  EXPECT_EQ(announced()["records"][0], "txtvers=1");
  ears->told({false, true, "", "The daemon is gone."});
  settle();
  EXPECT_EQ(announced()["name"], "");
  EXPECT_EQ(announced()["problem"], "The daemon is gone.");
  EXPECT_FALSE(send("GET", "/api/v1/box")->json().contains("announced"));
}

TEST_F(adoption_test, a_server_of_the_network_takes_in_a_box_without_one) {
  open_in_network();
  EXPECT_EQ(adopt(), 202);
  ASSERT_NE(links.present(), nullptr) << "it goes to that server";
  EXPECT_EQ(links.present()->url, "http://server.example:8080");
  EXPECT_EQ(adopt(), 401) << "it has a server to go to";
}

TEST_F(adoption_test, nobody_else_takes_it_in) {
  open_in_network();
  EXPECT_EQ(adopt({{"Content-Type", "application/json"}, {"Origin", "http://evil.example"}}), 401);
  EXPECT_EQ(adopt({{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "cross-site"}}), 401);
  EXPECT_EQ(adopt({{"Content-Type", "application/json"}, {"Referer", "http://evil.example/"}}),
            401);
  EXPECT_EQ(adopt(from(shop)), 403) << "a till may not";
  EXPECT_EQ(adopt({{"Content-Type", "text/plain"}}), 415);
  EXPECT_EQ(adopt(json(), "203.0.113.5"), 401) << "from another network";
  EXPECT_EQ(adopt(json(), "2001:db8::5"), 401);
  EXPECT_EQ(
      send("POST", "/api/v1/pairing/adoption", json(), "{\"token\":\"http://odoo.example|t|u|c\"}")
          ->code(),
      "token.malformed")
      << "an Odoo token names no key by which its server could prove itself";
  EXPECT_EQ(send("POST", "/api/v1/pairing/adoption", json(), "{}")->code(), "request.shape");
  EXPECT_EQ(links.wires.size(), 0u);
  EXPECT_EQ(adopt(json(), "fe80::1"), 202);
}

TEST_F(adoption_test, two_hours_after_the_start_it_is_over) {
  open_in_network();
  advance(1h + 59min);
  EXPECT_EQ(send("POST", "/api/v1/blink", json(), "{}")->status(), 202);
  advance(2min);
  EXPECT_EQ(send("POST", "/api/v1/blink", json(), "{}")->status(), 401);
  EXPECT_EQ(adopt(), 401);
  EXPECT_EQ(adopt(signed_in()), 202) << "a person may always";
}

TEST_F(adoption_test, by_configuration_it_is_closed) {
  open_homepage();
  EXPECT_EQ(adopt(), 401);
  EXPECT_EQ(send("POST", "/api/v1/blink", json(), "{}")->status(), 401);
}

TEST_F(adoption_test, a_box_that_was_told_of_a_server_waits_for_that_one) {
  open_in_network();
  ASSERT_EQ(send("PUT", "/api/v1/pairing/server", signed_in(), "{\"url\":\"http://mine.example\"}")
                ->status(),
            200);
  EXPECT_EQ(adopt(), 401);
}

TEST_F(adoption_test, it_blinks_for_who_listens_and_not_too_often) {
  open_in_network();
  std::vector<std::string> seen;
  auto listener = system().spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](const event_arrived& arrived) { seen.push_back(arrived.content->content.type); }};
  });
  ASSERT_TRUE(ask<std::uint64_t>(events, subscribe_events{listener, {}, {}}));
  EXPECT_EQ(send("POST", "/api/v1/blink", json(), "{}")->json()["printed"], false);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "box.blinked"), 1);
  EXPECT_EQ(send("POST", "/api/v1/blink", json(), "{}")->code(), "blink.too_soon");
  advance(blink_rest);
  EXPECT_EQ(send("POST", "/api/v1/blink", signed_in(), "{}")->status(), 202);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "box.blinked"), 2);
  caf::anon_send_exit(listener, caf::exit_reason::kill);
  settle();
}

} // namespace
} // namespace troupe::box
