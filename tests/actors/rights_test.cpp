#include "actors/box/rights.hpp"
#include "actors/box/rights_request.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "messages/identifiers.hpp"
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

TEST(setup_code, weak_ones_are_refused_and_never_made) {
  const auto folder = std::filesystem::temp_directory_path() / ("troupe-" + random_hex(8));
  std::filesystem::create_directories(folder);
  for (const auto* weak : {"12345", "1234567", "12345a", "000000", "999999", "123456", "987654"})
    EXPECT_EQ(write_setup_code(folder, weak).error().code, "box.bad_setup_code") << weak;
  EXPECT_EQ(kept_setup_code(folder), "");
  EXPECT_EQ(expect_setup_code(folder).error().code, "box.no_setup_code");
  EXPECT_EQ(*write_setup_code(folder, "314159"), "314159");
  EXPECT_EQ(kept_setup_code(folder), "314159");
  EXPECT_EQ(*read_setup_code(folder), "314159");
  const auto chosen = write_setup_code(folder, "");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->size(), setup_code_digits);
  EXPECT_EQ(*read_setup_code(folder), *chosen);
  std::filesystem::remove_all(folder);
}

// Pages with a token of the server.

security::page_token token_of(std::string origin, std::vector<std::string> devices) {
  return {random_hex(8), "box", std::move(origin), {"print"}, std::move(devices), noon, noon + 60s};
}

TEST(page_session_book, a_page_is_known_by_its_secret_its_origin_and_its_time) {
  page_session_book book;
  const page_session_book::time start{1000s};
  const auto secret = book.open(token_of("https://shop.example", {"p1"}), start + 60s, start);
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->size(), 2 * page_session_book::secret_bytes);
  const auto rights = book.find(*secret, "https://shop.example", start + 59s);
  ASSERT_TRUE(rights);
  EXPECT_TRUE(page_sees(*rights, "p1"));
  EXPECT_FALSE(page_sees(*rights, "p2"));
  EXPECT_EQ(book.end_of(*secret), start + 60s);
  EXPECT_FALSE(book.find(*secret, "https://shop.example", start + 60s)) << "its time is over";
  EXPECT_FALSE(book.find(*secret, "https://evil.example", start));
  EXPECT_FALSE(book.find(*secret, "", start)) << "a program without an origin";
  EXPECT_FALSE(book.find(std::string(64, '0'), "https://shop.example", start));
  EXPECT_FALSE(book.find("", "https://shop.example", start));
  EXPECT_TRUE(book.knows("https://shop.example", start));
  EXPECT_FALSE(book.knows("", start));
  EXPECT_FALSE(book.knows("https://shop.example", start + 60s));
  EXPECT_EQ(book.origins(start).at("https://shop.example"), 1u);
  book.clear();
  EXPECT_FALSE(book.find(*secret, "https://shop.example", start)) << "another server's";
}

TEST(page_session_book, is_bounded_and_closes_nobody_early) {
  page_session_book book;
  const page_session_book::time start{1000s};
  for (std::size_t i = 0; i < page_session_book::bound; ++i)
    ASSERT_TRUE(book.open(token_of("https://shop.example", {"*"}), start + 60s, start));
  EXPECT_EQ(book.open(token_of("https://shop.example", {"*"}), start + 60s, start).error().code,
            "page_token.too_many");
  EXPECT_EQ(book.count(start), page_session_book::bound);
  EXPECT_TRUE(book.open(token_of("https://shop.example", {"*"}), start + 90s, start + 60s))
      << "those whose time is over make room";
  EXPECT_EQ(book.count(start + 60s), 1u);
}

TEST(origin_book, pages_of_the_box_s_server_may_come_unless_the_owner_refused_them) {
  origin_book book;
  EXPECT_FALSE(book.allowed("https://fleet.example"));
  book.note_asking("https://fleet.example", "GET /api/v1/devices", "192.0.2.1", noon);
  book.server_is("https://fleet.example", noon);
  EXPECT_TRUE(book.allowed("https://fleet.example"));
  EXPECT_TRUE(book.asking_origins().empty());
  ASSERT_EQ(book.allowed_origins().size(), 1u);
  EXPECT_EQ(book.allowed_origins()[0].by, "server");
  ASSERT_TRUE(book.decide("https://fleet.example", origin_decision::refuse, noon));
  EXPECT_FALSE(book.allowed("https://fleet.example"));
  ASSERT_TRUE(book.forget("https://fleet.example"));
  EXPECT_TRUE(book.allowed("https://fleet.example"));
  book.server_is("", {});
  EXPECT_FALSE(book.allowed("https://fleet.example"));
}

TEST(session_book, others_are_signed_out_together) {
  session_book book;
  const auto mine = book.open(noon).token;
  const auto other = book.open(noon).token;
  book.open(noon);
  EXPECT_EQ(book.close_others(mine), 2u);
  EXPECT_TRUE(book.valid(mine, noon));
  EXPECT_FALSE(book.valid(other, noon));
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

TEST(rights_test, a_page_shows_its_secret_by_header_or_as_a_subprotocol) {
  session_book sessions;
  page_session_book pages;
  origin_book origins;
  const auto secret =
      *pages.open(token_of("https://page.example", {"p1"}), page_session_book::time{60s}, {});
  const auto kind = [&](std::vector<std::pair<std::string, std::string>> headers) {
    transport::http_request request;
    for (const auto& [name, value] : headers)
      request.headers.add(name, value);
    return who_is(request, {origins, sessions, pages, noon, {}});
  };
  const std::string page = "https://page.example";
  const auto by_header = kind({{"origin", page}, {"authorization", "Bearer " + secret}});
  EXPECT_EQ(by_header.kind, caller_kind::page);
  EXPECT_TRUE(by_header.permitted);
  EXPECT_TRUE(may_act(by_header, "print", "p1"));
  EXPECT_FALSE(may_act(by_header, "cashbox", "p1"));
  EXPECT_FALSE(may_act(by_header, "print", "p2"));
  EXPECT_FALSE(may_see(by_header, "p2"));
  EXPECT_EQ(
      kind({{"origin", page}, {"sec-websocket-protocol", "troupe.json, troupe.bearer." + secret}})
          .kind,
      caller_kind::page);
  EXPECT_EQ(kind({{"origin", page}, {"sec-websocket-protocol", "troupe.json,,"}}).kind,
            caller_kind::anybody);
  EXPECT_EQ(kind({{"origin", page}}).kind, caller_kind::anybody);
  EXPECT_TRUE(kind({{"origin", page}}).permitted) << "it may read why it is refused";
  EXPECT_EQ(kind({{"origin", "https://evil.example"}, {"authorization", "Bearer " + secret}}).kind,
            caller_kind::anybody);
  EXPECT_EQ(kind({{"authorization", "Bearer " + secret}}).kind, caller_kind::anybody);
  EXPECT_EQ(kind({{"cookie", "troupe_session=" + secret}}).kind, caller_kind::anybody);
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
