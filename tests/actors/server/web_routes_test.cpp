#include "actors/server/web_documents.hpp"
#include "actors/server/web_routes.hpp"
#include "transport/json.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

namespace troupe::server {
namespace {

using transport::http_method;
using transport::json_value;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view needs_word(const route& which) {
  switch (which.needs) {
  case permission::open:
    return "open";
  case permission::viewer_or_loopback:
    return "metrics";
  case permission::viewer:
    return "viewer";
  case permission::operator_:
    return "operator";
  case permission::owner:
    return "owner";
  }
  return "";
}

TEST(web_routes, the_openapi_document_and_the_table_are_one) {
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
  for (const auto& each : routes()) {
    const auto method = lower(web::text_of(each.method));
    const auto name = method + " " + std::string(each.pattern);
    ASSERT_EQ(documented.erase(name), 1u) << name << " is not documented, or stands twice";
    EXPECT_EQ(document["paths"][std::string(each.pattern)][method]["x-needs"], needs_word(each))
        << name;
  }
  EXPECT_TRUE(documented.empty()) << *documented.begin() << " is documented but not served";
}

TEST(web_routes, every_reference_of_the_documents_leads_somewhere) {
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

TEST(web_routes, what_is_open_is_listed_here) {
  std::set<std::string> open;
  for (const auto& each : routes())
    if (each.needs == permission::open)
      open.insert(std::string(web::text_of(each.method)) + " " + std::string(each.pattern));
  EXPECT_EQ(open, (std::set<std::string>{"GET /healthz", "GET /readyz", "GET /version",
                                         "GET /openapi.json", "GET /asyncapi.json",
                                         "GET /api/v1/announcement", "GET /api/v1/link",
                                         "GET /api/v1/setup", "POST /api/v1/setup",
                                         "GET /api/v1/session", "POST /api/v1/session"}));
}

TEST(web_routes, viewers_change_nothing_but_their_own_session) {
  for (const auto& each : routes()) {
    if (!each.changes() || role_for(each.needs) != role::viewer) continue;
    EXPECT_TRUE(each.pattern.starts_with("/api/v1/session")) << each.pattern;
  }
}

TEST(web_routes, encoded_slashes_do_not_part_a_path) {
  const auto match = find_route(http_method::get, "/api/v1/boxes/a%2Fb/devices/c?x=1");
  ASSERT_NE(match.found, nullptr);
  EXPECT_EQ(match.parameters, (std::vector<std::string>{"a/b", "c"}));
  EXPECT_EQ(find_route(http_method::get, "/api/v1/boxes/a%00").found, nullptr);
  EXPECT_EQ(find_route(http_method::delete_, "/api/v1/boxes").allow, "GET, HEAD, OPTIONS");
}

} // namespace
} // namespace troupe::server
