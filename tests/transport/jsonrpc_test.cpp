#include "messages/base64.hpp"
#include "transport/jsonrpc.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace troupe::transport {
namespace {

std::string recorded_body(const std::string& name) {
  std::ifstream file(std::string(TROUPE_TEST_DATA) + "/odoo-pos/" + name);
  return nlohmann::json::parse(file)["body"].get<std::string>();
}

json_value parsed(std::string_view text) {
  auto value = parse_json(as_bytes(text));
  EXPECT_TRUE(value) << text << ": " << value.error().text;
  return value ? *value : json_value();
}

TEST(json, reads_all_values_in_order) {
  const auto value = parsed(
      R"( {"z": [1, -2.5, 1e3, true, false, null], "a": {"x": ""}, "z2": 18446744073709551615} )");
  EXPECT_EQ(
      python_json(value),
      R"({"z": [1, -2.5, 1000.0, true, false, null], "a": {"x": ""}, "z2": 18446744073709551615})");
}

TEST(json, reads_escapes) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800x")"),
            "\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbdx");
}

TEST(json, the_last_of_doubled_members_counts) {
  EXPECT_EQ(python_json(parsed(R"({"a": 1, "b": 2, "a": 3})")), R"({"a": 3, "b": 2})");
}

TEST(json, refuses_what_is_no_json) {
  for (const std::string text :
       {"",         " ",       "{",         "[",      "[1,]",     "{\"a\":1,}", "{a:1}", "{'a':1}",
        "01",       "-",       "1.",        ".5",     "1e",       "+1",         "tru",   "nul",
        "\"",       "\"\\x\"", "\"\\u12\"", "\"\n\"", "\"\xff\"", "1 2",        "[1] x", "NaN",
        "Infinity", "{\"a\"}", "{\"a\":}",  "[1 2]",  "//x\n1"}) {
    const auto value = parse_json(as_bytes(text));
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, "json.syntax") << text;
    EXPECT_FALSE(nlohmann::json::accept(text)) << "the test's own view: " << text;
  }
}

TEST(json, keeps_its_limits) {
  const std::string deep(65, '[');
  EXPECT_EQ(parse_json(as_bytes(deep + std::string(65, ']'))).error().code, "json.limits");
  EXPECT_TRUE(parse_json(as_bytes(deep.substr(1) + std::string(64, ']'))));
  std::string wide = "{";
  for (int i = 0; i < 1025; ++i)
    wide += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
  EXPECT_EQ(parse_json(as_bytes(wide + "}")).error().code, "json.limits");
  EXPECT_EQ(parse_json(as_bytes("[1,2,3]"), {.depth = 4, .members = 4, .values = 3}).error().code,
            "json.limits");
  EXPECT_EQ(parse_json(as_bytes("1e999")).error().code, "json.limits");
  EXPECT_EQ(parsed("1e-999"), 0.0);
}

TEST(python_json, writes_floats_as_repr) {
  const std::pair<double, const char*> rows[] = {{0.0, "0.0"},
                                                 {-0.0, "-0.0"},
                                                 {1.0, "1.0"},
                                                 {0.1, "0.1"},
                                                 {1e15, "1000000000000000.0"},
                                                 {1e16, "1e+16"},
                                                 {123456789012345680.0, "1.2345678901234568e+17"},
                                                 {0.0001, "0.0001"},
                                                 {0.00001, "1e-05"},
                                                 {1.5e-7, "1.5e-07"},
                                                 {1e100, "1e+100"},
                                                 {1700000000.123456, "1700000000.123456"}};
  for (const auto& [number, text] : rows)
    EXPECT_EQ(python_json(number), text);
}

TEST(jsonrpc, reads_the_recorded_requests) {
  const auto handshake = parse_jsonrpc(as_bytes(recorded_body("03-handshake.json")));
  ASSERT_TRUE(handshake);
  EXPECT_EQ(handshake->id, 8);
  EXPECT_EQ(handshake->method, "call");
  EXPECT_TRUE(handshake->params.empty());
  const auto receipt = parse_jsonrpc(as_bytes(recorded_body("08-print-receipt.json")));
  ASSERT_TRUE(receipt);
  const auto& data = receipt->params["data"];
  EXPECT_EQ(data["action"], "print_receipt");
  const auto picture = from_base64(data["receipt"].get_ref<const std::string&>());
  ASSERT_TRUE(picture);
  EXPECT_EQ((*picture)[0], 0xff);
  EXPECT_EQ((*picture)[1], 0xd8);
}

TEST(jsonrpc, is_tolerant_about_what_is_absent) {
  for (const char* text : {"{}", R"({"params": null})", R"({"params": {}, "more": [1]})"}) {
    const auto request = parse_jsonrpc(as_bytes(text));
    ASSERT_TRUE(request) << text;
    EXPECT_TRUE(request->id.is_null());
    EXPECT_TRUE(request->params.is_object());
  }
}

TEST(jsonrpc, says_what_is_wrong) {
  EXPECT_EQ(parse_jsonrpc(as_bytes("{\"params\": {")).error().code, "jsonrpc.syntax");
  EXPECT_EQ(parse_jsonrpc(as_bytes("{")).error().status, 400);
  for (const char* text : {"[]", "1", "null", R"({"params": []})", R"({"params": "x"})",
                           R"({"method": 1})", R"({"id": {}})", R"({"id": true})"}) {
    const auto request = parse_jsonrpc(as_bytes(text));
    ASSERT_FALSE(request) << text;
    EXPECT_EQ(request.error().code, "jsonrpc.shape");
  }
}

TEST(jsonrpc, answers_byte_for_byte) {
  EXPECT_EQ(jsonrpc_answer(8, true), R"({"jsonrpc": "2.0", "id": 8, "result": true})");
  EXPECT_EQ(jsonrpc_answer(8, false), R"({"jsonrpc": "2.0", "id": 8, "result": false})");
  EXPECT_EQ(jsonrpc_answer(nullptr, nullptr), R"({"jsonrpc": "2.0", "id": null})");
  EXPECT_EQ(
      jsonrpc_answer("a", json_value{{"printer", {{"status", "connected"}, {"messages", ""}}}}),
      R"({"jsonrpc": "2.0", "id": "a", "result": {"printer": {"status": "connected", "messages": ""}}})");
  EXPECT_EQ(jsonrpc_answer_serialized(1, "[1, 2]"),
            R"({"jsonrpc": "2.0", "id": 1, "result": [1, 2]})");
  EXPECT_EQ(jsonrpc_answer_serialized(1, ""), R"({"jsonrpc": "2.0", "id": 1})");
}

TEST(jsonrpc, answers_errors_without_a_traceback) {
  const auto error =
      jsonrpc_error_from({"printer.no_paper", "The paper is out.", "Put in a roll.", 409}, "4bf9");
  EXPECT_EQ(
      jsonrpc_answer(3, error),
      R"({"jsonrpc": "2.0", "id": 3, "error": {"code": 200, "message": "Odoo Server Error", )"
      R"("data": {"name": "printer.no_paper", "message": "The paper is out. Put in a roll.", )"
      R"("arguments": ["The paper is out. Put in a roll."], "context": {}, "debug": "trace 4bf9"}}})");
  EXPECT_EQ(jsonrpc_error_from({"x", "y", "", 403}, "").code, 403);
  const auto response = jsonrpc_response(3, error);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
}

} // namespace
} // namespace troupe::transport
