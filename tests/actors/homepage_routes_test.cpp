#include "actors/box/homepage_documents.hpp"
#include "tests/actors/homepage_fixture.hpp"

#include <algorithm>
#include <set>

namespace troupe::box {
namespace {

using transport::json_value;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// A path that fits a pattern.
std::string example_of(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      out += pattern[i];
      continue;
    }
    out += "0af7651916cd43dd8448eb211c80319c";
    i = pattern.find('}', i);
  }
  return out;
}

bool is_socket(const route& which) {
  return which.handle == open_event_stream || which.handle == open_log_stream ||
         which.handle == open_status_stream || which.handle == open_test_echo;
}

std::string_view needs_word(const route& which) {
  switch (which.needs) {
  case permission::open:
    return "open";
  case permission::sign_in:
    return "sign_in";
  case permission::page:
    return "page";
  case permission::till:
    return "till";
  case permission::person:
    return "person";
  case permission::neighbour:
    return "neighbour";
  case permission::person_or_loopback:
    return "metrics";
  }
  return "";
}

TEST(homepage_routes, the_openapi_document_and_the_table_are_one) {
  const auto document = json_value::parse(openapi_document());
  EXPECT_EQ(document["openapi"], "3.1.0");
  std::set<std::string> documented;
  std::set<std::string> operation_ids;
  for (const auto& [path, methods] : document["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      documented.insert(method + " " + path);
      EXPECT_TRUE(operation_ids.insert(operation["operationId"]).second)
          << operation["operationId"];
    }
  std::set<std::string> served;
  for (const auto& each : routes()) {
    const auto method = lower(text_of(each.method));
    const auto name = method + " " + std::string(each.pattern);
    EXPECT_TRUE(served.insert(name).second) << name << " stands twice";
    ASSERT_TRUE(documented.contains(name)) << name << " is not documented";
    EXPECT_EQ(document["paths"][std::string(each.pattern)][method]["x-needs"], needs_word(each))
        << name;
  }
  for (const auto& each : documented)
    EXPECT_TRUE(served.contains(each)) << each << " is documented but not served";
}

TEST(homepage_routes, every_reference_of_the_documents_leads_somewhere) {
  for (const auto text : {openapi_document(), asyncapi_document()}) {
    const auto document = json_value::parse(text);
    std::vector<const json_value*> open{&document};
    while (!open.empty()) {
      const auto& node = *open.back();
      open.pop_back();
      if (node.is_object() && node.contains("$ref") && node["$ref"].is_string()) {
        const std::string target = node["$ref"];
        EXPECT_TRUE(document.contains(json_value::json_pointer(target.substr(1)))) << target;
      }
      if (node.is_structured())
        for (const auto& each : node)
          open.push_back(&each);
    }
  }
}

TEST(homepage_routes, paths_are_matched_as_sent) {
  using transport::http_method;
  const auto origin =
      find_route(http_method::put, "/api/v1/origins/https%3A%2F%2Fshop.example?x=1");
  ASSERT_NE(origin.found, nullptr);
  EXPECT_EQ(origin.parameters, std::vector<std::string>{"https://shop.example"});
  EXPECT_EQ(find_route(http_method::get, "/api/v1/events/last").found->handle, get_last_event);
  EXPECT_NE(find_route(http_method::head, "/healthz").found, nullptr);
  for (const char* target :
       {"", "*", "/", "/api/v1/devices/", "/api/v1/devices//actions", "/api/v1/devices/a/b",
        "/healthz/", "//healthz", "/HEALTHZ", "/api/v1/devices/%zz", "http://localhost/healthz"})
    EXPECT_EQ(find_route(http_method::get, target).found, nullptr) << target;
  const auto wrong = find_route(http_method::get, "/iot_drivers/restart_odoo_service");
  EXPECT_EQ(wrong.found, nullptr);
  EXPECT_EQ(wrong.allow, "POST, OPTIONS");
}

/// Every route as somebody without rights would try it: only what is open answers.
struct attempt {
  const char* what;
  header_pairs headers;
};

TEST_F(homepage_test, every_route_refuses_who_has_no_right) {
  const attempt attempts[] = {
      {"nothing at all", {{"Content-Type", "application/json"}}},
      {"another origin",
       {{"Origin", "https://evil.example"}, {"Content-Type", "application/json"}}},
      {"no origin to speak of", {{"Origin", "null"}, {"Content-Type", "application/json"}}},
      {"a forged token",
       {{"Authorization", "Bearer " + std::string(64, 'a')}, {"Content-Type", "application/json"}}},
      {"a form", {{"Content-Type", "application/x-www-form-urlencoded"}}},
      {"plain text of another page",
       {{"Origin", "https://evil.example"}, {"Content-Type", "text/plain"}}},
  };
  for (const auto& which : routes()) {
    if (is_socket(which) && which.needs == permission::open) continue;
    for (const auto& each : attempts) {
      const auto answer =
          send(std::string(text_of(which.method)), example_of(which.pattern), each.headers, "{}");
      const auto what = std::string(text_of(which.method)) + " " + std::string(which.pattern) +
                        " with " + each.what + ": " + answer->text().substr(0, 200);
      ASSERT_TRUE(answer->answered()) << what;
      const bool of_a_page = std::ranges::any_of(
          each.headers, [](const auto& header) { return header.first == "Origin"; });
      if (which.needs == permission::open || (which.needs == permission::sign_in && !of_a_page)) {
        EXPECT_LT(answer->status(), 500) << what;
        continue;
      }
      if (which.style == answer_style::jsonrpc) {
        EXPECT_EQ(answer->json()["error"]["code"], 403) << what;
        EXPECT_FALSE(answer->json().contains("result")) << what;
      } else {
        EXPECT_TRUE(answer->status() == 401 || answer->status() == 403) << what;
      }
      if (which.group != route_class::probe) {
        EXPECT_EQ(answer->header("Access-Control-Allow-Origin"), "") << what;
      }
    }
  }
}

TEST_F(homepage_test, a_till_may_only_do_what_tills_may) {
  for (const auto& which : routes()) {
    if (which.needs != permission::person && which.needs != permission::neighbour) continue;
    const auto answer = send(std::string(text_of(which.method)), example_of(which.pattern),
                             from(shop), "{\"params\":{}}");
    ASSERT_TRUE(answer->answered()) << which.pattern;
    if (which.style == answer_style::jsonrpc)
      EXPECT_EQ(answer->json()["error"]["code"], 403) << which.pattern;
    else
      EXPECT_EQ(answer->status(), 403) << which.pattern;
  }
}

TEST_F(homepage_test, every_route_keeps_to_the_boxs_own_names) {
  for (const auto& which : routes()) {
    const auto answer = send(std::string(text_of(which.method)), example_of(which.pattern),
                             with(signed_in(), {{"Host", "evil.example:8069"}}), "{}");
    EXPECT_EQ(answer->status(), 421) << which.pattern;
  }
  for (const char* host : {"localhost", "LOCALHOST:8069", "127.0.0.1:8069", "[::1]:8069"})
    EXPECT_EQ(send("GET", "/hw_proxy/hello", {{"Host", host}})->status(), 200) << host;
  for (const char* host : {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example"})
    EXPECT_EQ(send("GET", "/hw_proxy/hello", {{"Host", host}})->status(), 421) << host;
}

TEST_F(homepage_test, a_get_changes_nothing) {
  std::set<std::string_view> readable;
  for (const auto& which : routes())
    if (which.method == transport::http_method::get) readable.insert(which.pattern);
  for (const auto& which : routes()) {
    if (readable.contains(which.pattern)) continue;
    const auto answer = send("GET", example_of(which.pattern), signed_in());
    EXPECT_EQ(answer->status(), 405) << which.pattern;
    EXPECT_NE(answer->header("Allow").find(text_of(which.method)), std::string_view::npos)
        << which.pattern;
  }
  EXPECT_EQ(restarts, 0);
}

TEST_F(homepage_test, changes_take_no_simple_request) {
  for (const auto& which : routes()) {
    if (!which.json_body || which.needs == permission::open) continue;
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded",
                             "multipart/form-data; boundary=x", ""}) {
      auto headers = signed_in();
      headers.pop_back();
      headers.emplace_back("Content-Type", type);
      const auto answer =
          send(std::string(text_of(which.method)), example_of(which.pattern), headers, "{}");
      EXPECT_EQ(answer->status(), 415) << which.pattern << " " << type;
    }
  }
}

TEST_F(homepage_test, a_cookie_works_for_no_other_page) {
  const auto bearer = signed_in();
  const auto cookie = "troupe_session=" + bearer[0].second.substr(7);
  struct row {
    header_pairs headers;
    int status;
  };
  const row table[] = {
      {{{"Cookie", cookie}, {"Content-Type", "application/json"}}, 200},
      {{{"Cookie", cookie},
        {"Content-Type", "application/json"},
        {"Origin", "http://localhost:8069"},
        {"Sec-Fetch-Site", "same-origin"}},
       200},
      {{{"Cookie", cookie},
        {"Content-Type", "application/json"},
        {"Origin", "https://evil.example"},
        {"Sec-Fetch-Site", "cross-site"}},
       401},
      {{{"Cookie", cookie}, {"Content-Type", "application/json"}, {"Sec-Fetch-Site", "cross-site"}},
       401},
      {{{"Cookie", cookie},
        {"Content-Type", "application/json"},
        {"Origin", "http://localhost:8090"}},
       401},
      {{{"Cookie", cookie}, {"Content-Type", "application/json"}, {"Origin", shop}}, 403},
      {{{"Cookie", cookie}, {"Content-Type", "text/plain"}}, 415},
  };
  for (const auto& row : table) {
    const auto answer = send("PATCH", "/api/v1/box", row.headers, R"({"name":"Mine"})");
    EXPECT_EQ(answer->status(), row.status) << answer->text();
  }
}

TEST_F(homepage_test, every_documented_route_answers_who_may_use_it) {
  for (const auto& which : routes()) {
    if (is_socket(which)) continue;
    if (which.handle == post_session || which.handle == delete_session) continue;
    const auto answer = send(std::string(text_of(which.method)), example_of(which.pattern),
                             signed_in(), R"({"params":{}})");
    EXPECT_TRUE(answer->answered()) << which.pattern;
    EXPECT_TRUE(answer->status() < 500 || answer->status() == 503)
        << which.pattern << " " << answer->text();
    EXPECT_NE(answer->status(), 401) << which.pattern;
    EXPECT_NE(answer->status(), 403) << which.pattern;
    EXPECT_NE(answer->status(), 405) << which.pattern;
  }
  advance(std::chrono::seconds{1});
  EXPECT_EQ(restarts, 1) << "asked twice at once";
}

TEST_F(homepage_test, the_echo_is_there_only_when_asked_for) {
  EXPECT_EQ(send("GET", "/test/echo")->status(), 404);
}

} // namespace
} // namespace troupe::box
