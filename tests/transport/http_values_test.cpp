#include "transport/http.hpp"
#include "transport/http_exchange.hpp"
#include "transport/json_text.hpp"
#include "transport/negotiation.hpp"
#include "transport/query.hpp"
#include "transport/response_writer.hpp"
#include "transport/utf8.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::transport {
namespace {

std::string written(http_response response, response_writer::mode mode = {}) {
  output_queue out;
  response_writer writer("");
  writer.write(out, std::move(response), mode);
  std::string text;
  while (!out.empty()) {
    const auto pieces = out.pieces();
    std::size_t bytes = 0;
    for (const auto& piece : pieces)
      text += as_text(piece), bytes += piece.size();
    out.consume(bytes);
  }
  return text;
}

TEST(percent, decodes_and_refuses) {
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("%C3%a9"), "\xc3\xa9");
  for (const char* broken : {"%", "%2", "%zz", "%00", "a%"})
    EXPECT_FALSE(percent_decode(broken)) << broken;
  EXPECT_EQ(percent_encode("a b/\xc3\xa9~"), "a%20b%2F%C3%A9~");
}

TEST(query, gives_pairs_in_order) {
  const query_list expected = {{"a", "1"}, {"b", "x y"}, {"a", ""}, {"c", ""}};
  EXPECT_EQ(parse_query("a=1&b=x%20y&&a=&c&d=%zz"), expected);
  EXPECT_EQ(query_value("after=12&x=1", "after"), "12");
  EXPECT_EQ(query_value("x=1", "after"), std::nullopt);
  EXPECT_EQ(parse_query("a&b&c", 2).size(), 2u);
}

TEST(cookies, are_found_by_name) {
  EXPECT_EQ(cookie_value("a=1; session=\"x y\"; b=", "session"), "x y");
  EXPECT_EQ(cookie_value("a=1; b=", "b"), "");
  EXPECT_EQ(cookie_value("xa=1", "a"), std::nullopt);
}

TEST(headers, compare_without_case_and_find_tokens) {
  http_headers headers;
  headers.add("Connection", "keep-alive, Upgrade");
  headers.add("X-A", "1");
  headers.add("x-a", "2");
  EXPECT_EQ(headers.find("x-A"), "1");
  EXPECT_EQ(headers.count("X-a"), 2u);
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_FALSE(headers.has_token("connection", "up"));
  EXPECT_EQ(headers.find("absent"), "");
}

TEST(accept_encoding, weighs_codings) {
  struct row {
    const char* field;
    bool taken;
  };
  for (const auto& [field, taken] :
       {row{"gzip, deflate, br, zstd", true}, row{"", false}, row{"gzip;q=0", false},
        row{"*", true}, row{"*;q=0.5", true}, row{"*, gzip;q=0.000", false},
        row{"GZIP;q=0.1", true}, row{"identity", false}, row{"br;q=1.0, gzip;q=0.8", true}})
    EXPECT_EQ(accepts_encoding(field, "gzip"), taken) << field;
}

TEST(etags, compare_weakly) {
  EXPECT_TRUE(etag_matches("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(etag_matches("*", "\"b\""));
  EXPECT_FALSE(etag_matches("\"ab\"", "\"b\""));
  EXPECT_FALSE(etag_matches("", "\"b\""));
}

TEST(ranges, follow_rfc_9110) {
  struct row {
    const char* field;
    range_kind kind;
    std::uint64_t first, last;
  };
  for (const auto& row :
       {row{"bytes=0-0", range_kind::part, 0, 0}, row{"bytes=5-", range_kind::part, 5, 9},
        row{"bytes=-3", range_kind::part, 7, 9}, row{"bytes=-30", range_kind::part, 0, 9},
        row{"bytes=3-100", range_kind::part, 3, 9},
        row{"bytes=10-", range_kind::unsatisfiable, 0, 0},
        row{"bytes=-0", range_kind::unsatisfiable, 0, 0}, row{"bytes=5-3", range_kind::whole, 0, 0},
        row{"bytes=0-1,3-4", range_kind::whole, 0, 0}, row{"items=0-1", range_kind::whole, 0, 0},
        row{"bytes=a-b", range_kind::whole, 0, 0}, row{"bytes=-", range_kind::whole, 0, 0},
        row{"bytes=99999999999999999999-", range_kind::whole, 0, 0}}) {
    const auto got = parse_range(row.field, 10);
    EXPECT_EQ(got.kind, row.kind) << row.field;
    if (got.kind != range_kind::part) continue;
    EXPECT_EQ(got.range.first, row.first) << row.field;
    EXPECT_EQ(got.range.last, row.last) << row.field;
  }
  EXPECT_EQ(parse_range("bytes=-5", 0).kind, range_kind::unsatisfiable);
}

TEST(utf8, is_checked_byte_by_byte_as_in_one_piece) {
  const std::pair<std::string, bool> rows[] = {
      {"plain and long enough for the quick way", true},
      {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true},
      {"\xf0\x90\x80\x80", true},
      {"\xf4\x8f\xbf\xbf", true},
      {"\xef\xbf\xbf", true},
      {"\xc0\x80", false},
      {"\xc1\xbf", false},
      {"\xe0\x9f\xbf", false},
      {"\xed\xa0\x80", false},
      {"\xf0\x8f\xbf\xbf", false},
      {"\xf4\x90\x80\x80", false},
      {"\xf5\x80\x80\x80", false},
      {"\x80", false},
      {"\xe1\x80", false},
      {"12345678\xff", false},
  };
  for (const auto& [text, valid] : rows) {
    EXPECT_EQ(is_utf8(text), valid) << text;
    utf8_check check;
    bool fine = true;
    for (const char& c : text)
      fine = fine && check.feed(as_bytes({&c, 1}));
    EXPECT_EQ(fine && check.complete(), valid) << text;
  }
  EXPECT_EQ(utf8_prefix("a\xc3\xa9", 2), "a");
  EXPECT_EQ(utf8_prefix("a\xc3\xa9", 3), "a\xc3\xa9");
}

TEST(utf8, names_stay_on_their_line_and_leave_their_neighbours_alone) {
  EXPECT_EQ(characters_on_one_line(""), 0u);
  EXPECT_EQ(characters_on_one_line("Kasse S\u00fcd \u2615 \U0001f9fe"), 13u);
  EXPECT_EQ(characters_on_one_line("\u0645\u0637\u0628\u062e\u200f"), 5u);
  for (const std::string& odd :
       {std::string("a\0b", 3), std::string("a\nb"), std::string("\x7f"), std::string("\xff"),
        std::string("\xe2\x80"), std::string("\u0085"), std::string("\u2028"),
        std::string("\u202a"), std::string("\u202e"), std::string("\u2066"), std::string("\u2069")})
    EXPECT_FALSE(characters_on_one_line(odd)) << odd;
}

TEST(utf8, names_have_something_to_be_seen) {
  EXPECT_EQ(read_name(" Kasse 1\t", 7), "Kasse 1");
  EXPECT_EQ(read_name("\u3000\u53a8\u623f\u00a0", 2), "\u53a8\u623f");
  EXPECT_EQ(read_name("\U0001f468\u200d\U0001f373", 3), "\U0001f468\u200d\U0001f373");
  EXPECT_EQ(read_name("\u200e\u0645", 9), "\u200e\u0645") << "a mark of direction is part of it";
  EXPECT_FALSE(read_name("Kasse 12", 7)) << "too long";
  EXPECT_FALSE(read_name("one\ntwo", 64));
  EXPECT_FALSE(read_name("\xff", 64));
  for (const std::string& blank :
       {std::string(), std::string(" \t\r\n"), std::string("\u3000"), std::string("\u2003"),
        std::string("\u00a0"), std::string("\u200b"), std::string("\u200d\u200d"),
        std::string("\u3164"), std::string("\u2800"), std::string("\ufeff"), std::string("\u00ad"),
        std::string("\U000e0041")})
    EXPECT_FALSE(read_name(blank, 64)) << blank;
}

TEST(json_text, is_as_python_writes_it) {
  std::string out;
  append_json_text(out, "a\"\\\n\x01\x7f/\xc3\xa9\xf0\x9f\x98\x80\xff");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\x7f/\\u00e9\\ud83d\\ude00\\ufffd\"");
}

TEST(answers, have_their_wire_form) {
  const auto text = written(static_text_response("ping").header("X-A", "b\r\nc"));
  EXPECT_NE(text.find("\r\nX-A: b  c\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("Content-Length: 4\r\nX-A: b  c\r\n\r\nping")) << text;
  EXPECT_EQ(written(no_content()).find("Content-Length"), std::string::npos);
  EXPECT_TRUE(
      written(text_response("abc"), {.head_only = true}).ends_with("Content-Length: 3\r\n\r\n"));
  EXPECT_TRUE(written(http_response(777)).starts_with("HTTP/1.1 777 Unknown\r\n"));
  EXPECT_EQ(http_response().header("ETag", "\"a\"").find_header("etag"), "\"a\"");
}

TEST(answers, share_large_bodies) {
  const auto large = std::make_shared<const std::string>(100'000, 'x');
  http_response response;
  response.body = http_body(large);
  EXPECT_EQ(response.body.view().data(), large->data());
  EXPECT_TRUE(written(std::move(response)).ends_with("\r\n\r\n" + *large));
}

TEST(answers, carry_faults_as_problem_documents) {
  const auto response =
      problem({"printer.no_paper", "The paper is out.", "Put in a roll.", 409}, "4bf9");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto json = nlohmann::json::parse(response.body.view());
  EXPECT_EQ(json["type"], "urn:troupe:fault:printer.no_paper");
  EXPECT_EQ(json["title"], "Conflict");
  EXPECT_EQ(json["status"], 409);
  EXPECT_EQ(json["detail"], "The paper is out.");
  EXPECT_EQ(json["remedy"], "Put in a roll.");
  EXPECT_EQ(json["trace"], "4bf9");
  EXPECT_EQ(problem({"x", "y", "", 200}).status, 500);
}

TEST(dates, are_those_of_the_standard) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(output_queue, survives_any_pace_of_writing) {
  for (const std::size_t step : {1u, 7u, 4096u, 1'000'000u}) {
    output_queue out;
    std::string expected, got;
    for (int i = 0; i < 40; ++i) {
      const std::string small = "head " + std::to_string(i) + ' ';
      const std::string body(static_cast<std::size_t>(i) * 300, static_cast<char>('a' + i % 26));
      out.text() += small;
      out.append(http_body(body));
      expected += small + body;
      if (i % 5 != 4) continue;
      const auto pieces = out.pieces(); // written in part while more is added
      const auto part = pieces[0].first(std::min(step, pieces[0].size()));
      got += as_text(part);
      out.consume(part.size());
    }
    EXPECT_EQ(out.size() + got.size(), expected.size());
    while (!out.empty()) {
      const auto pieces = out.pieces();
      const auto part = pieces[0].first(std::min(step, pieces[0].size()));
      got += as_text(part);
      out.consume(part.size());
    }
    EXPECT_EQ(got, expected);
  }
}

TEST(captured_exchanges, give_their_answer_once) {
  int status = 0;
  {
    auto exchange =
        captured_exchange({}, [&](http_response response) { status = response.status; });
  }
  EXPECT_EQ(status, 500);
  auto exchange = captured_exchange({}, [&](http_response response) { status = response.status; });
  exchange.respond(no_content());
  exchange.respond(http_response(404));
  EXPECT_EQ(status, 204);
}

} // namespace
} // namespace troupe::transport
