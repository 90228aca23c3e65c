#include "actors/server/token_desk.hpp"
#include "security/connection_token.hpp"
#include "store/people.hpp"
#include "tests/actors/server/link_fixture.hpp"

#include <array>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

/// Boxes that come with tokens, on each database.
class token_test : public link_test, public ::testing::WithParamInterface<bool> {
protected:
  token_test() : link_test(GetParam()) {}
  void SetUp() override {
    link_test::SetUp();
    open_desk();
  }
  void TearDown() override {
    tokens = nullptr;
    link_test::TearDown();
  }
  void open_desk() {
    tokens = spawn_token_desk(system(), store, {"server-1", "Shop", server_key});
    settle();
  }
  void crash() {
    tokens = nullptr;
    crash_and_restart();
    open_desk();
  }
  make_connection_token wish(std::uint32_t boxes = 1) {
    make_connection_token wanted;
    wanted.note = "Kitchen";
    wanted.boxes = boxes;
    wanted.expires = wall_now() + 24h;
    wanted.url = "http://server.example:8080";
    wanted.by = {"p1", "Anna", "10.0.0.1"};
    return wanted;
  }
  security::connection_token make(std::uint32_t boxes = 1) {
    const auto made = ask<made_connection_token>(tokens, wish(boxes));
    EXPECT_TRUE(made) << made.error().text;
    auto read = security::read_connection_token(made->text);
    EXPECT_TRUE(read) << read.error().text;
    return *read;
  }
  store::connection_token_row row(const std::string& id) {
    const auto known = ask<connection_tokens>(tokens, get_connection_tokens{});
    EXPECT_TRUE(known) << known.error().text;
    for (const auto& each : known->all)
      if (each.id == id) return each;
    ADD_FAILURE() << "no token " << id;
    return {};
  }
  /// The box says hello with the token; `secret` may be another than the token's.
  void come_with(scripted_box& box, const security::connection_token& token,
                 const shared_bytes& secret) {
    open(box);
    auto asked = box.next<link::challenge>();
    ASSERT_TRUE(asked);
    box.greet(link::link_wish::pairing);
    box.hello.token = token.id;
    box.hello.public_key = box.key.public_key();
    box.hello.token_proof =
        security::prove_token(secret.view(), link::token_statement(*asked, box.hello));
    box.answer(*asked);
    settle();
  }
  void come_with(scripted_box& box, const security::connection_token& token) {
    come_with(box, token, token.secret);
  }
  std::string refusal(scripted_box& box) {
    const auto refused = box.next<link::refuse>();
    if (!refused) return "none";
    EXPECT_TRUE(security::verify(server_key.public_key().view(),
                                 link::server_statement("refuse" + refused->code, "server-1",
                                                        box.hello.box, box.hello.nonce),
                                 refused->proof.view()));
    EXPECT_FALSE(refused->text.empty());
    EXPECT_FALSE(refused->remedy.empty());
    return refused->code;
  }

  token_desk_actor tokens;
};

TEST_P(token_test, a_box_comes_with_a_token_and_without_an_owner) {
  const auto token = make();
  EXPECT_EQ(token.server, "server-1");
  EXPECT_EQ(token.server_name, "Shop");
  EXPECT_EQ(token.url, "http://server.example:8080");
  EXPECT_TRUE(token.server_key == server_key.public_key());
  scripted_box box("b1");
  come_with(box, token);
  const auto paired = box.next<link::paired>();
  ASSERT_TRUE(paired);
  EXPECT_EQ(paired->person, "Anna");
  EXPECT_EQ(shown(box).connected_by, "Anna");
  EXPECT_EQ(row(token.id).uses_left, 0u);
  ASSERT_TRUE(link_box(box));
  EXPECT_TRUE(shown(box).online);
  const auto audit = in_store<std::vector<store::audit_entry>>(
      [](store::sql_connection& connection) { return store::read_audit(connection, 0, 10); });
  ASSERT_TRUE(audit);
  ASSERT_EQ(audit->size(), 2u);
  EXPECT_EQ((*audit)[0].action, "box.connected_by_token");
  EXPECT_EQ((*audit)[0].text, "Till came into the fleet with the token Kitchen.");
  EXPECT_EQ((*audit)[1].action, "connection_tokens.added");
}

TEST_P(token_test, neither_text_nor_secret_is_in_the_database) {
  const auto token = make();
  EXPECT_EQ(row(token.id).secret_half, security::token_public_key(token.secret.view()));
  EXPECT_NE(row(token.id).secret_half, token.secret);
}

TEST_P(token_test, as_many_boxes_come_as_may) {
  const auto token = make(2);
  scripted_box first("b1"), second("b2"), third("b3");
  come_with(first, token);
  EXPECT_TRUE(first.next<link::paired>());
  come_with(second, token);
  EXPECT_TRUE(second.next<link::paired>());
  come_with(third, token);
  EXPECT_EQ(refusal(third), "token.used_up");
  EXPECT_EQ(row(token.id).uses_left, 0u);
}

TEST_P(token_test, boxes_that_come_at_once_are_counted_exactly) {
  const auto token = make(3);
  std::vector<std::unique_ptr<scripted_box>> boxes;
  for (int i = 0; i < 8; ++i) {
    auto& box = *boxes.emplace_back(std::make_unique<scripted_box>("b" + std::to_string(i)));
    box.socket = std::make_shared<memory_websocket>();
    open_link(door, box.socket, "http://server:8080");
  }
  settle();
  for (auto& each : boxes) {
    const auto asked = each->next<link::challenge>();
    ASSERT_TRUE(asked);
    each->greet(link::link_wish::pairing);
    each->hello.token = token.id;
    each->hello.public_key = each->key.public_key();
    each->hello.token_proof =
        security::prove_token(token.secret.view(), link::token_statement(*asked, each->hello));
    each->answer(*asked);
  }
  settle();
  int paired = 0, refused = 0;
  for (auto& each : boxes)
    if (each->next<link::paired>())
      ++paired;
    else if (refusal(*each) == "token.used_up")
      ++refused;
  EXPECT_EQ(paired, 3);
  EXPECT_EQ(refused, 5);
}

TEST_P(token_test, a_box_that_comes_again_counts_once_also_after_a_crash) {
  const auto token = make(2);
  scripted_box box("b1");
  come_with(box, token);
  EXPECT_TRUE(box.next<link::paired>());
  crash(); // the box never got the word
  come_with(box, token);
  EXPECT_TRUE(box.next<link::paired>());
  EXPECT_EQ(row(token.id).uses_left, 1u);
  ASSERT_TRUE(*ask<bool>(fleet, delete_box{box.hello.box, "Anna"}));
  come_with(box, token); // taken out of the fleet, and given the token anew
  EXPECT_TRUE(box.next<link::paired>());
  EXPECT_EQ(row(token.id).uses_left, 1u);
}

TEST_P(token_test, revoked_expired_and_unknown_ones_are_refused_in_words) {
  const auto revoked = make();
  ASSERT_TRUE(ask<connection_token_ptr>(
      tokens, revoke_connection_token{revoked.id, {"p1", "Anna", "10.0.0.1"}}));
  scripted_box box("b1");
  come_with(box, revoked);
  EXPECT_EQ(refusal(box), "token.revoked");
  const auto old = make();
  turn_wall_clock(25h);
  come_with(box, old);
  EXPECT_EQ(refusal(box), "token.expired");
  turn_wall_clock(-25h);
  come_with(box, old, make().secret);
  EXPECT_EQ(refusal(box), "token.wrong");
  auto unknown = old;
  unknown.id = "0000000000000000";
  come_with(box, unknown);
  EXPECT_EQ(refusal(box), "token.wrong");
  EXPECT_EQ(row(old.id).uses_left, 1u);
  const auto missing = ask<connection_token_ptr>(tokens, revoke_connection_token{"none", {}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "token.unknown");
}

TEST_P(token_test, a_proof_that_was_overheard_is_worth_nothing) {
  const auto token = make(5);
  scripted_box box("b1");
  come_with(box, token);
  ASSERT_TRUE(box.next<link::paired>());
  scripted_box thief("b2");
  open(thief);
  const auto asked = thief.next<link::challenge>();
  ASSERT_TRUE(asked);
  thief.greet(link::link_wish::pairing);
  thief.hello.token = token.id;
  thief.hello.token_proof = box.hello.token_proof;
  thief.answer(*asked);
  settle();
  EXPECT_EQ(refusal(thief), "token.wrong");
  EXPECT_EQ(row(token.id).uses_left, 4u);
}

TEST_P(token_test, nobody_becomes_a_box_that_is_there_by_a_token) {
  scripted_box box("b1");
  pair(box);
  const auto token = make();
  scripted_box forger("b1"); // with a key of its own
  come_with(forger, token);
  EXPECT_EQ(refusal(forger), "token.box_known");
  EXPECT_EQ(row(token.id).uses_left, 1u);
  EXPECT_TRUE(link_box(box));
}

TEST_P(token_test, what_cannot_be_made_is_told) {
  const auto code_of = [this](make_connection_token wanted) {
    const auto made = ask<made_connection_token>(tokens, std::move(wanted));
    return made ? std::string() : made.error().code;
  };
  auto odd = wish();
  odd.boxes = 0;
  EXPECT_EQ(code_of(odd), "token.bad_boxes");
  odd.boxes = 10'001;
  EXPECT_EQ(code_of(odd), "token.bad_boxes");
  odd = wish();
  odd.expires = wall_now();
  EXPECT_EQ(code_of(odd), "token.bad_end");
  odd.expires = wall_now() + 24h * 400;
  EXPECT_EQ(code_of(odd), "token.bad_end");
  for (const char* url : {"", "server", "ftp://server", "http://", "http://a@b", "http://b/path"}) {
    odd = wish();
    odd.url = url;
    EXPECT_EQ(code_of(odd), "token.bad_url") << url;
  }
  odd = wish();
  odd.note = std::string(65, 'x');
  EXPECT_EQ(code_of(odd), "token.bad_note");
  EXPECT_EQ(code_of(wish()), "");
}

TEST_P(token_test, tokens_have_a_bound_and_ended_ones_make_room) {
  const auto add = [this](const std::string& id, time_point created, time_point expires) {
    return in_store<bool>([=](store::sql_connection& connection) -> result<bool> {
      store::connection_token_row made;
      made.id = id;
      made.created = created;
      made.expires = expires;
      if (auto problem = store::add_connection_token(connection, made)) return *problem;
      return true;
    });
  };
  const auto begun = wall_now();
  for (std::size_t i = 0; i < store::open_tokens_bound; ++i)
    ASSERT_TRUE(add("t" + std::to_string(i), begun + std::chrono::seconds(i), begun + 1h));
  const auto refused = add("more", begun + 20min, begun + 1h);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "token.too_many");
  EXPECT_TRUE(add("late", begun + 2h, begun + 3h));
  EXPECT_TRUE(add("later", begun + 4h, begun + 5h)); // 1001 have ended: the oldest goes
  EXPECT_EQ(count("connection_tokens"), static_cast<std::int64_t>(store::ended_tokens_bound) + 1);
  EXPECT_EQ(count("connection_tokens WHERE id = 't0'"), 0);
}

INSTANTIATE_TEST_SUITE_P(databases, token_test, ::testing::ValuesIn(store::databases_at_hand()),
                         store::database_name);

} // namespace
} // namespace troupe::server
