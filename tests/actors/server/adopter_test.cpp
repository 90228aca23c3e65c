#include "actors/server/adopter.hpp"
#include "messages/codec.hpp"
#include "security/connection_token.hpp"
#include "tests/actors/server/link_fixture.hpp"

namespace troupe::server {
namespace {

using namespace std::chrono_literals;
using transport::client_response;

/// Boxes that were found are let in.
class adopter_test : public link_test {
protected:
  void SetUp() override {
    link_test::SetUp();
    tokens = spawn_token_desk(system(), store, {"server-1", "Shop", server_key});
    adopter = track(spawn_adopter(system(), tokens,
                                  [this](const std::string& url, std::string json,
                                         std::function<void(result<client_response>)> answered) {
                                    told.emplace_back(url, std::move(json));
                                    answered(says);
                                  }));
  }
  void TearDown() override {
    adopter = nullptr;
    tokens = nullptr;
    link_test::TearDown();
  }
  static client_response answer(std::uint16_t status, std::string body) {
    client_response out;
    out.status = status;
    out.body = std::move(body);
    return out;
  }
  found_box found(const scripted_box& box) {
    found_box out;
    out.url = "http://192.168.1.9:8069/";
    out.said.id = box_id("b1");
    out.said.name = "Till";
    out.said.key = box.key.public_key();
    return out;
  }
  result<bool> adopt(const found_box& box) {
    return ask<bool>(adopter, adopt_box{box, "http://server.example:8080", {"p1", "Anna", ""}});
  }
  security::connection_token given() {
    const auto said = from_json<value>(told.back().second);
    auto read = security::read_connection_token(said->text_or("token"));
    EXPECT_TRUE(read);
    return *read;
  }
  void come_with(scripted_box& box, const security::connection_token& token) {
    open(box);
    auto asked = box.next<link::challenge>();
    ASSERT_TRUE(asked);
    box.greet(link::link_wish::pairing);
    box.hello.token = token.id;
    box.hello.public_key = box.key.public_key();
    box.hello.token_proof =
        security::prove_token(token.secret.view(), link::token_statement(*asked, box.hello));
    box.answer(*asked);
    settle();
  }

  token_desk_actor tokens;
  adopter_actor adopter;
  std::vector<std::pair<std::string, std::string>> told;
  result<client_response> says = answer(202, "{\"taken\":true}");
};

TEST_F(adopter_test, the_box_is_given_a_token_that_only_it_can_use) {
  scripted_box box("b1"), thief("b2");
  ASSERT_TRUE(adopt(found(box)));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].first, "http://192.168.1.9:8069/api/v1/pairing/adoption");
  const auto token = given();
  EXPECT_EQ(token.url, "http://server.example:8080");
  EXPECT_LE(token.expires, wall_now() + adoption_life);
  const auto listed = ask<connection_tokens>(tokens, get_connection_tokens{});
  EXPECT_TRUE(listed->all.empty()) << "people made none";
  come_with(thief, token);
  const auto refused = thief.next<link::refuse>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "token.other_box");
  come_with(box, token);
  const auto paired = box.next<link::paired>();
  ASSERT_TRUE(paired);
  EXPECT_EQ(paired->person, "Anna");
}

TEST_F(adopter_test, why_a_box_cannot_be_let_in_is_said_in_words) {
  scripted_box box("b1");
  auto taken = found(box);
  taken.said.paired = true;
  EXPECT_EQ(adopt(taken).error().code, "adoption.paired");
  EXPECT_TRUE(told.empty());
  says = answer(401, "{\"code\":\"rights.sign_in\"}");
  EXPECT_EQ(adopt(found(box)).error().code, "adoption.closed");
  says = answer(409, "{\"title\":\"It has a server.\",\"remedy\":\"Disconnect it.\"}");
  EXPECT_EQ(adopt(found(box)).error().text, "Till says: It has a server.");
  says = fault{"transport.timeout", "No answer.", "", 504};
  EXPECT_EQ(adopt(found(box)).error().code, "adoption.unreachable");
  says = answer(200, "<html>");
  EXPECT_EQ(adopt(found(box)).error().code, "adoption.unreachable");
}

TEST_F(adopter_test, a_found_box_blinks) {
  scripted_box box("b1");
  says = answer(202, "{\"printed\":true}");
  const auto printed = ask<bool>(adopter, blink_found{found(box)});
  ASSERT_TRUE(printed);
  EXPECT_TRUE(*printed);
  EXPECT_EQ(told.back().first, "http://192.168.1.9:8069/api/v1/blink");
  says = answer(429, "{}");
  EXPECT_EQ(ask<bool>(adopter, blink_found{found(box)}).error().code, "blink.too_soon");
}

TEST(adopter, the_server_is_named_as_the_box_reaches_it) {
  EXPECT_EQ(server_url_for("http://shop.example:8080", "http://192.168.1.9:8069/"),
            "http://shop.example:8080");
  EXPECT_EQ(server_url_for("http://localhost:8080", "http://127.0.0.1:8069/"),
            "http://localhost:8080");
  const auto own = server_url_for("http://localhost:8080", "http://127.1.2.3:8069/");
  EXPECT_EQ(own, "http://localhost:8080") << "all of 127/8 is this machine";
}

} // namespace
} // namespace troupe::server
