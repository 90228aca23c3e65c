#include "tests/actors/homepage_fixture.hpp"

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using transport::json_value;

/// The homepage's box with a server that is the test.
class pairing_test : public homepage_test {
protected:
  void set_server() {
    const auto sent =
        send("PUT", "/api/v1/pairing/server", signed_in(), "{\"url\":\"server.example:8080\"}");
    ASSERT_EQ(sent->status(), 200) << sent->text();
  }
  void give_code(const char* code = "BCDFGHJK") {
    ASSERT_NE(links.present(), nullptr);
    links.present()->give(link::challenge{"s0", shared_bytes::copy_of("nonce")});
    settle();
    asked = links.present()->take<link::hello>();
    ASSERT_TRUE(asked);
    links.present()->give(
        link::pairing_code{code, 2h, "http://server.example:8080/#connect=" + std::string(code)});
    settle();
    advance(1s);
  }
  void give_word() {
    link::paired word;
    word.server = "s0";
    word.server_name = "The fleet";
    word.server_key = server_key.public_key();
    word.person = "Ada";
    word.proof =
        server_key.sign(link::server_statement("paired", "s0", box_id("b0"), asked->nonce));
    links.present()->give(word);
    settle();
  }
  json_value shown(header_pairs headers = {}) {
    const auto sent = send("GET", "/api/v1/pairing", std::move(headers));
    EXPECT_EQ(sent->status(), 200) << sent->text();
    return sent->json();
  }
  static std::string text_of_wire(const wire& printer) {
    std::string all;
    for (const auto& each : printer.written)
      all += each.text();
    return all;
  }

  security::signing_key server_key = security::signing_key::make();
  std::optional<link::hello> asked;
};

TEST_F(pairing_test, the_homepage_shows_the_code_with_its_qr_code) {
  EXPECT_EQ(shown()["state"], "off");
  set_server();
  EXPECT_EQ(links.present()->url, "http://server.example:8080");
  give_code();
  EXPECT_EQ(asked->box, box_id("b0"));
  EXPECT_EQ(asked->instance.empty(), false);
  const auto body = shown();
  EXPECT_EQ(body["state"], "waiting");
  EXPECT_EQ(body["code"], "BCDFGHJK");
  EXPECT_EQ(body["shown"], "BCDF-GHJK");
  EXPECT_EQ(body["server"]["url"], "http://server.example:8080");
  ASSERT_GT(body["qr"].size(), 20u);
  EXPECT_EQ(body["qr"][0].get<std::string>().size(), body["qr"].size());
  EXPECT_TRUE(from_rfc3339(body["expires_at"].get<std::string>()));
}

TEST_F(pairing_test, the_hello_is_signed_with_the_boxs_key) {
  set_server();
  give_code();
  EXPECT_TRUE(security::verify(
      asked->public_key.view(),
      link::box_statement(link::challenge{"s0", shared_bytes::copy_of("nonce")}, *asked),
      asked->signature.view()));
}

TEST_F(pairing_test, pages_of_other_origins_do_not_see_the_code) {
  set_server();
  give_code();
  EXPECT_TRUE(shown({{"Origin", "http://localhost:8069"}}).contains("code"));
  EXPECT_TRUE(shown({{"Sec-Fetch-Site", "same-origin"}}).contains("code"));
  EXPECT_FALSE(shown({{"Origin", shop}}).contains("code"));
  EXPECT_FALSE(shown({{"Origin", "https://evil.example"}}).contains("code"));
  EXPECT_FALSE(shown({{"Sec-Fetch-Site", "cross-site"}}).contains("code"));
  const auto last = send("GET", "/api/v1/events/last", signed_in())->json();
  EXPECT_EQ(last.dump().find("BCDFGHJK"), std::string::npos);
}

TEST_F(pairing_test, connected_it_forgets_the_code_and_remembers_the_server) {
  set_server();
  give_code();
  give_word();
  auto body = shown();
  EXPECT_EQ(body["state"], "paired");
  EXPECT_FALSE(body.contains("code"));
  EXPECT_EQ(body["server"]["name"], "The fleet");
  EXPECT_EQ(body["server"]["person"], "Ada");
  EXPECT_EQ(send("POST", "/api/v1/pairing/code", signed_in())->code(), "pairing.paired");

  const auto kept = ask<setting_list>(ledger, get_settings{"link.server"});
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->settings.size(), 1u);
  links.wires.clear();
  link_options again;
  again.key = security::signing_key::make();
  again.open = [this](const std::string& url, link_callbacks callbacks) {
    return links.open(url, std::move(callbacks));
  };
  const auto after = spawn_pairing(system(), shared, std::move(again),
                                   {box_id("b0"), ledger, events, identity, directory});
  settle();
  const auto info = ask<pairing_info>(after, get_pairing{});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state, pairing_state::paired);
  ASSERT_TRUE(info->server);
  EXPECT_EQ(info->server->key, server_key.public_key());
  EXPECT_TRUE(links.wires.empty()) << "a connected box asks for no code";
}

TEST_F(pairing_test, disconnected_by_a_person_it_erases_its_note_and_asks_again) {
  set_server();
  give_code();
  give_word();
  EXPECT_EQ(send("DELETE", "/api/v1/pairing", json())->status(), 401);
  EXPECT_EQ(shown()["state"], "paired");
  const auto opened = links.wires.size();
  EXPECT_EQ(send("DELETE", "/api/v1/pairing", signed_in())->status(), 200);
  EXPECT_EQ(shown()["state"], "connecting");
  EXPECT_EQ(links.wires.size(), opened + 1);
  const auto kept = ask<setting_list>(ledger, get_settings{"link.server"});
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->settings.empty());
}

TEST_F(pairing_test, wrong_addresses_are_refused_in_words) {
  for (const char* url :
       {"ftp://server", "http://", "http://server/path", "http://a:b@server", "two words"}) {
    const auto sent = send("PUT", "/api/v1/pairing/server", signed_in(),
                           "{\"url\":\"" + std::string(url) + "\"}");
    EXPECT_EQ(sent->status(), 422) << url;
    EXPECT_EQ(sent->code(), "server.bad_url") << url;
  }
  EXPECT_EQ(send("PUT", "/api/v1/pairing/server", signed_in(), "{}")->status(), 422);
  EXPECT_EQ(send("PUT", "/api/v1/pairing/server", signed_in(), "{\"url\":5}")->status(), 422);
  EXPECT_EQ(send("POST", "/api/v1/pairing/code", signed_in())->code(), "pairing.no_server");
}

TEST_F(pairing_test, each_ready_receipt_printer_prints_the_code_once) {
  add("Counter", "tcp://p1");
  wire_to("tcp://p2")->status = {0x1A, 0x32, 0x12, 0x72};
  add("Kitchen", "tcp://p2");
  set_server();
  give_code();
  EXPECT_NE(text_of_wire(*wire_to("tcp://p1")).find("BCDF-GHJK"), std::string::npos);
  EXPECT_EQ(text_of_wire(*wire_to("tcp://p2")).find("BCDF-GHJK"), std::string::npos)
      << "without paper it would come out when the code counts no more";
  const auto bytes = text_of_wire(*wire_to("tcp://p1"));
  links.present()->cut();
  advance(2s);
  give_code();
  EXPECT_EQ(text_of_wire(*wire_to("tcp://p1")).find("BCDF-GHJK", bytes.size()), std::string::npos);
  links.present()->cut();
  advance(2s);
  give_code("MNPQRSTV");
  EXPECT_NE(text_of_wire(*wire_to("tcp://p1")).find("MNPQ-RSTV"), std::string::npos);
  const auto page = ask<action_page>(ledger, list_actions{});
  ASSERT_TRUE(page);
  for (const auto& each : page->actions)
    EXPECT_EQ(to_json(each).find("MNPQ"), std::string::npos) << "the history does not hold codes";
}

TEST_F(pairing_test, a_connected_box_prints_no_code) {
  set_server();
  give_code();
  give_word();
  add("Counter", "tcp://p1");
  advance(1min);
  EXPECT_EQ(text_of_wire(*wire_to("tcp://p1")).find("BCDF"), std::string::npos);
}

TEST_F(pairing_test, odoo_clients_see_code_and_server) {
  set_server();
  give_code();
  auto data = send("GET", "/iot_drivers/data", signed_in())->json();
  EXPECT_EQ(data["pairing_code"], "BCDFGHJK");
  EXPECT_EQ(data["server_status"], "");
  EXPECT_EQ(data["pairing_code_expired"], false);
  give_word();
  data = send("GET", "/iot_drivers/data", signed_in())->json();
  EXPECT_EQ(data["pairing_code"], false);
  EXPECT_EQ(data["server_status"], "http://server.example:8080");
  EXPECT_EQ(send("GET", "/iot_drivers/data")->json()["server_status"], "connected");
}

TEST_F(pairing_test, a_code_that_ran_out_is_told_to_odoo_clients_too) {
  set_server();
  give_code();
  advance(2h);
  EXPECT_EQ(shown()["state"], "expired");
  EXPECT_EQ(send("GET", "/iot_drivers/data", signed_in())->json()["pairing_code_expired"], true);
  EXPECT_EQ(send("POST", "/api/v1/pairing/code", signed_in())->status(), 200);
  EXPECT_EQ(shown()["state"], "connecting");
}

} // namespace
} // namespace troupe::box
