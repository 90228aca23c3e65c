#include "actors/box/way_words.hpp"
#include "messages/codec.hpp"
#include "security/announcement.hpp"

#include <gtest/gtest.h>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

transport::client_response answer(std::uint16_t status, transport::header_list headers,
                                  std::string body = {}) {
  transport::client_response out;
  out.status = status;
  out.headers = std::move(headers);
  out.body = std::move(body);
  return out;
}
transport::url asked(const char* url = "http://server.example:8080") {
  return *transport::parse_url(url);
}
time_point at(const char* text) {
  return *from_rfc3339(text);
}

TEST(way_words, an_answer_tells_a_log_in_page_from_another_program) {
  struct row {
    const char* what;
    std::uint16_t status;
    transport::header_list headers;
    const char* code; ///< empty: it may be a server's
  };
  const row rows[] = {
      {"a server's refusal", 403, {{"Content-Type", "application/problem+json"}}, ""},
      {"JSON", 200, {{"content-type", "application/json; charset=utf-8"}}, ""},
      {"sent elsewhere",
       302,
       {{"Location", "http://login.hotel.example/?to=x"}},
       "link.captive_portal"},
      {"sent elsewhere by address",
       307,
       {{"Location", "https://10.0.0.1/"}},
       "link.captive_portal"},
      {"sent nowhere", 302, {}, "link.no_server"},
      {"sent where nobody can go", 302, {{"Location", "gopher://x"}}, "link.captive_portal"},
      {"the word for it", 511, {{"Content-Type", "text/html"}}, "link.captive_portal"},
      {"a page in its place", 200, {{"Content-Type", "text/html"}}, "link.captive_portal"},
      {"https only", 301, {{"Location", "https://server.example/api/v1/link"}}, "link.moved"},
      {"a log-in of its own", 302, {{"Location", "/login"}}, "link.no_server"},
      {"a web server", 404, {{"Content-Type", "text/html"}}, "link.no_server"},
      {"something", 200, {{"Content-Type", "text/plain"}}, "link.no_server"},
      {"no word of it", 200, {}, "link.no_server"},
  };
  for (const auto& each : rows) {
    const auto found = fault_of_answer(answer(each.status, each.headers), asked());
    EXPECT_EQ(found ? found->code : "", each.code) << each.what;
    if (found) {
      EXPECT_FALSE(found->remedy.empty()) << each.what;
    }
  }
  const auto portal =
      fault_of_answer(answer(302, {{"Location", "http://login.hotel.example/a?b"}}), asked());
  EXPECT_NE(portal->text.find("captive portal"), std::string::npos);
  EXPECT_NE(portal->text.find("http://login.hotel.example"), std::string::npos) << portal->text;
}

TEST(way_words, dates_of_answers_are_read) {
  EXPECT_EQ(date_of("Sun, 06 Nov 1994 08:49:37 GMT"), at("1994-11-06T08:49:37Z"));
  EXPECT_EQ(date_of("Thu, 26 Nov 2026 20:00:00 GMT"), at("2026-11-26T20:00:00Z"));
  for (const char* wrong : {"", "yesterday", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Abc 1994 08:49:37 GMT"})
    EXPECT_FALSE(date_of(wrong)) << wrong;
}

TEST(way_words, a_clock_that_is_off_is_said_with_both_times) {
  const auto servers = at("2026-11-26T20:00:00Z");
  EXPECT_FALSE(clock_fault(servers, servers));
  EXPECT_FALSE(clock_fault(servers + 4min, servers));
  EXPECT_FALSE(clock_fault(servers - 5min, servers));
  EXPECT_FALSE(clock_fault(servers, {})) << "a server that tells no time";
  const auto old = clock_fault(at("1970-01-01T00:02:00Z"), servers);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->text, "The box's clock says 1970-01-01 00:02 (UTC); the server's says 2026-11-26 "
                       "20:00 (UTC).");
  EXPECT_TRUE(clock_fault(servers + 6min, servers));
  EXPECT_TRUE(clock_fault(at("2035-01-01T00:00:00Z"), servers));
  EXPECT_TRUE(clock_was_never_set(at("1970-01-01T00:02:00Z")));
  EXPECT_FALSE(clock_was_never_set(servers));
}

TEST(way_words, a_certificate_that_is_not_valid_now_may_be_the_clocks_fault) {
  const fault tls{"transport.tls_date", "server has a certificate that is not valid yet.", "", 502};
  const auto now = at("2026-11-26T20:00:00Z");
  EXPECT_EQ(date_fault(tls, at("1970-01-01T00:00:00Z"), now).code, "link.clock");
  EXPECT_EQ(date_fault(tls, at("2046-01-01T00:00:00Z"), now).code, "link.clock");
  EXPECT_EQ(date_fault(tls, now, now + 1min).code, "transport.tls_date") << "the certificate's";
  EXPECT_EQ(date_fault(tls, now, std::nullopt).code, "transport.tls_date");
  EXPECT_EQ(date_fault(tls, at("1970-01-01T00:00:00Z"), std::nullopt).code, "link.clock");
}

TEST(way_words, a_server_proves_who_it_is) {
  const auto key = security::signing_key::make();
  server_announcement told;
  told.id = "s0";
  told.name = "The fleet";
  told.version = "1";
  told.time = at("2026-11-26T20:00:00Z");
  told.nonce = "0123456789abcdef";
  security::sign(told, key);
  const transport::header_list json{{"Content-Type", "application/json"}};
  const auto read = [&](const server_announcement& what, std::string_view nonce) {
    return read_announcement(answer(200, json, to_json(what)), asked(), nonce);
  };
  const auto good = read(told, told.nonce);
  ASSERT_TRUE(good) << good.error().text;
  EXPECT_EQ(good->name, "The fleet");
  EXPECT_EQ(good->time, told.time);
  EXPECT_EQ(read(told, "another0123456789").error().code, "link.wrong_server") << "an old one";
  auto later = told;
  later.time += 1h;
  EXPECT_EQ(read(later, told.nonce).error().code, "link.wrong_server") << "changed on its way";
  EXPECT_EQ(read_announcement(answer(200, json, "{}"), asked(), told.nonce).error().code,
            "link.no_server");
  EXPECT_EQ(read_announcement(answer(404, {{"Content-Type", "application/problem+json"}}), asked(),
                              told.nonce)
                .error()
                .code,
            "link.unproven");
}

} // namespace
} // namespace troupe::box
