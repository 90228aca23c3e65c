#include "actors/box/rights.hpp"
#include "actors/box/rights_request.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "security/digest.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const time_point noon{1'760'000'000s};

TEST(origin_book, configured_origins_are_allowed_and_cannot_be_refused) {
  origin_book book;
  const auto odd =
      book.configure({"https://Shop.example:443", "nonsense", "http://10.0.0.2:8169"}, noon);
  EXPECT_EQ(odd, std::vector<std::string>{"nonsense"});
  EXPECT_TRUE(book.allowed("https://shop.example"));
  EXPECT_TRUE(book.allowed("http://10.0.0.2:8169"));
  EXPECT_FALSE(book.allowed("http://10.0.0.2"));
  EXPECT_FALSE(book.allowed(""));
  EXPECT_FALSE(book.allowed("null"));
  const auto refused = book.decide("https://shop.example", origin_decision::refuse, noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "origin.configured");
  EXPECT_FALSE(book.forget("https://shop.example"));
}

TEST(origin_book, the_owner_allows_refuses_and_forgets) {
  origin_book book;
  EXPECT_TRUE(book.note_asking("https://a.example", "POST /x", "192.168.1.5", noon));
  EXPECT_FALSE(book.note_asking("https://a.example", "POST /y", "192.168.1.6", noon + 1s));
  ASSERT_EQ(book.asking_origins().size(), 1u);
  EXPECT_EQ(book.asking_origins()[0].count, 2u);
  EXPECT_EQ(book.asking_origins()[0].route, "POST /y");
  EXPECT_EQ(book.asking_origins()[0].first, noon);
  EXPECT_EQ(book.asking_origins()[0].last, noon + 1s);

  ASSERT_TRUE(book.decide("https://a.example", origin_decision::refuse, noon));
  EXPECT_TRUE(book.asking_origins().empty());
  EXPECT_TRUE(book.refused("https://a.example"));
  EXPECT_FALSE(book.note_asking("https://a.example", "POST /x", "", noon)) << "it was answered";
  ASSERT_TRUE(book.decide("https://a.example", origin_decision::allow, noon));
  EXPECT_TRUE(book.allowed("https://a.example"));
  EXPECT_FALSE(book.refused("https://a.example"));
  EXPECT_TRUE(*book.forget("https://a.example"));
  EXPECT_FALSE(*book.forget("https://a.example"));
  EXPECT_FALSE(book.allowed("https://a.example"));
  EXPECT_EQ(book.decide("not an origin", origin_decision::allow, noon).error().code,
            "origin.invalid");
}

TEST(origin_book, is_bounded) {
  origin_book book;
  for (std::size_t i = 0; i < origin_book::asking_bound + 5; ++i)
    book.note_asking("https://h" + std::to_string(i) + ".example", "", "",
                     noon + std::chrono::seconds(i));
  EXPECT_EQ(book.asking_origins().size(), origin_book::asking_bound);
  EXPECT_EQ(book.asking_origins().front().origin, "https://h5.example") << "the oldest made room";
  for (std::size_t i = 0; i < origin_book::decided_bound; ++i)
    ASSERT_TRUE(
        book.decide("https://d" + std::to_string(i) + ".example", origin_decision::allow, noon));
  EXPECT_EQ(book.decide("https://more.example", origin_decision::allow, noon).error().code,
            "origin.too_many");
}

TEST(origin_book, decisions_survive_and_what_cannot_be_read_stays_closed) {
  origin_book book;
  ASSERT_TRUE(book.decide("https://a.example", origin_decision::allow, noon));
  ASSERT_TRUE(book.decide("https://b.example", origin_decision::refuse, noon));
  origin_book again;
  again.restore(book.kept());
  EXPECT_TRUE(again.allowed("https://a.example"));
  EXPECT_TRUE(again.refused("https://b.example"));
  ASSERT_EQ(again.allowed_origins().size(), 1u);
  EXPECT_EQ(again.allowed_origins()[0].by, "owner");
  EXPECT_EQ(again.allowed_origins()[0].since, noon);
  origin_book odd;
  odd.restore(value::object{{"decided", value::list{value::object{{"origin", "https://c.example"}},
                                                    value::object{{"origin", 5}}, value("x")}}});
  EXPECT_FALSE(odd.allowed("https://c.example"));
  odd.restore(nullptr);
}

TEST(session_book, tokens_open_last_and_close) {
  session_book book;
  const auto session = book.open(noon);
  EXPECT_EQ(session.token.size(), 64u);
  EXPECT_EQ(session.expires, noon + session_book::lifetime);
  EXPECT_TRUE(book.valid(session.token, noon));
  EXPECT_TRUE(book.valid(session.token, noon + session_book::lifetime - 1s));
  EXPECT_FALSE(book.valid(session.token, noon + session_book::lifetime));
  EXPECT_FALSE(book.valid("", noon));
  EXPECT_FALSE(book.valid(std::string(64, '0'), noon));
  EXPECT_NE(session.token, book.open(noon).token);
  EXPECT_TRUE(book.close(session.token));
  EXPECT_FALSE(book.close(session.token));
  EXPECT_FALSE(book.valid(session.token, noon));
}

TEST(session_book, is_bounded_and_keeps_no_token) {
  session_book book;
  const auto first = book.open(noon);
  for (std::size_t i = 0; i < session_book::sessions_bound; ++i)
    book.open(noon);
  EXPECT_EQ(book.size(), session_book::sessions_bound);
  EXPECT_FALSE(book.valid(first.token, noon)) << "the oldest made room";

  session_book one;
  const auto session = one.open(noon);
  const auto kept = one.kept();
  const auto& entry = kept["sessions"].as_list()->at(0);
  EXPECT_EQ(entry.text_or("digest"), security::sha256_hex(session.token));
  EXPECT_NE(entry.text_or("digest"), session.token);
  session_book again;
  again.restore(kept, noon);
  EXPECT_TRUE(again.valid(session.token, noon));
  session_book late;
  late.restore(kept, noon + session_book::lifetime);
  EXPECT_EQ(late.size(), 0u) << "what is over is not taken back";
}

TEST(rights_test, sha256_is_the_known_one) {
  EXPECT_EQ(security::sha256_hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(setup_code_gate, slows_down_as_documented) {
  using outcome = setup_code_gate::outcome;
  setup_code_gate gate("123456");
  const setup_code_gate::time start{1h};
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(gate.try_code("000000", start).wait, 0s);
  EXPECT_EQ(gate.try_code("000000", start).wait, 30s) << "the fifth";
  EXPECT_EQ(gate.try_code("123456", start + 29s).what, outcome::wait) << "even the right one";
  EXPECT_EQ(gate.try_code("123456", start + 29s).wait, 1s);
  auto now = start;
  for (const auto expected : {30s, 60s, 120s, 240s, 480s, 900s, 900s}) {
    now += expected;
    EXPECT_EQ(gate.try_code("123456", now - 1ms).what, outcome::wait);
    EXPECT_EQ(gate.try_code("000000", now).what, outcome::wrong);
  }
  EXPECT_EQ(gate.try_code("123456", now + 900s).what, outcome::right);
  EXPECT_EQ(gate.try_code("000000", now + 900s).wait, 0s) << "counts from the start again";
}

TEST(setup_code_gate, without_a_code_nobody_comes_in) {
  setup_code_gate gate;
  EXPECT_EQ(gate.try_code("", {}).what, setup_code_gate::outcome::wrong);
}

// Who sends a request.

caller who(std::vector<std::pair<std::string, std::string>> headers, const session_book& sessions) {
  transport::http_request request;
  for (const auto& [name, value] : headers)
    request.headers.add(name, value);
  origin_book origins;
  origins.configure({"https://shop.example"}, noon);
  return who_is(request, {origins, sessions, page_session_book(), noon, {}});
}

TEST(rights_test, callers_are_told_apart) {
  session_book sessions;
  const auto token = sessions.open(noon).token;
  const auto cookie = "other=1; troupe_session=" + token;
  const auto bearer = "Bearer " + token;
  const std::string host = "box.local:8069";
  struct row {
    const char* what;
    std::vector<std::pair<std::string, std::string>> headers;
    caller_kind kind;
  };
  const row table[] = {
      {"nothing", {{"host", host}}, caller_kind::anybody},
      {"unknown origin",
       {{"host", host}, {"origin", "https://evil.example"}},
       caller_kind::anybody},
      {"null origin", {{"host", host}, {"origin", "null"}}, caller_kind::anybody},
      {"allowed origin", {{"host", host}, {"origin", "https://shop.example"}}, caller_kind::till},
      {"a name that begins alike",
       {{"host", host}, {"origin", "https://shop.example.evil.example"}},
       caller_kind::anybody},
      {"bearer", {{"host", host}, {"authorization", bearer}}, caller_kind::person},
      {"bearer in other letters",
       {{"host", host}, {"authorization", "bearer " + token}},
       caller_kind::person},
      {"wrong bearer", {{"host", host}, {"authorization", "Bearer x"}}, caller_kind::anybody},
      {"basic", {{"host", host}, {"authorization", "Basic " + token}}, caller_kind::anybody},
      {"cookie", {{"host", host}, {"cookie", cookie}}, caller_kind::person},
      {"cookie from the own page",
       {{"host", host},
        {"cookie", cookie},
        {"origin", "http://box.local:8069"},
        {"sec-fetch-site", "same-origin"}},
       caller_kind::person},
      {"cookie from another site",
       {{"host", host}, {"cookie", cookie}, {"origin", "https://evil.example"}},
       caller_kind::anybody},
      {"cookie from an allowed site is a till all the same",
       {{"host", host}, {"cookie", cookie}, {"origin", "https://shop.example"}},
       caller_kind::till},
      {"cookie from another port of this machine",
       {{"host", host}, {"cookie", cookie}, {"origin", "http://box.local:8090"}},
       caller_kind::anybody},
      {"cookie of a link elsewhere",
       {{"host", host}, {"cookie", cookie}, {"sec-fetch-site", "cross-site"}},
       caller_kind::anybody},
      {"cookie of a sibling name",
       {{"host", host}, {"cookie", cookie}, {"sec-fetch-site", "same-site"}},
       caller_kind::anybody},
      {"cookie typed into the address line",
       {{"host", host}, {"cookie", cookie}, {"sec-fetch-site", "none"}},
       caller_kind::person},
      {"wrong cookie", {{"host", host}, {"cookie", "troupe_session=x"}}, caller_kind::anybody},
  };
  for (const auto& row : table)
    EXPECT_EQ(who(row.headers, sessions).kind, row.kind) << row.what;
}

TEST(rights_test, callers_have_names_for_the_history) {
  const session_book none;
  EXPECT_EQ(who({{"origin", "https://shop.example"}}, none).name(), "https://shop.example");
  EXPECT_EQ(who({{"host", "b"}, {"origin", "http://b"}}, none).name(), "homepage");
  EXPECT_EQ(who({{"host", "b"}}, none).name(), "api");
}

TEST(rights_test, json_says_that_it_is_json) {
  for (const auto& [type, expected] : {std::pair{"application/json", true},
                                       {"application/JSON; charset=utf-8", true},
                                       {"text/plain", false},
                                       {"application/x-www-form-urlencoded", false},
                                       {"multipart/form-data; boundary=application/json", false},
                                       {"", false},
                                       {"application/jsonp", false}}) {
    transport::http_request request;
    request.headers.add("content-type", type);
    EXPECT_EQ(has_json_body(request), expected) << type;
  }
}

TEST(rights_test, the_setup_code_is_made_once_and_only_its_owner_reads_it) {
  std::string pattern = (std::filesystem::temp_directory_path() / "troupe-code-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path folder = pattern;
  const auto code = read_setup_code(folder);
  ASSERT_TRUE(code) << code.error().text;
  EXPECT_EQ(code->size(), 6u);
  EXPECT_EQ(code->find_first_not_of("0123456789"), std::string::npos);
  struct stat facts {};
  ASSERT_EQ(::stat((folder / setup_code_file).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(*read_setup_code(folder), *code);
  std::ofstream(folder / setup_code_file) << "12\n";
  const auto anew = read_setup_code(folder);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->size(), 6u) << "a damaged file is replaced";
  EXPECT_FALSE(read_setup_code(folder / "nowhere"));
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace troupe::box
