#include "transport/cors.hpp"

#include <gtest/gtest.h>

#include <array>

namespace troupe::transport {
namespace {

TEST(origins, are_normalized) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://Shop.Example.com", "https://shop.example.com"},
      {"https://shop.example.com:443", "https://shop.example.com"},
      {"http://shop:80", "http://shop"},
      {"http://shop:443", "http://shop:443"},
      {"http://192.168.1.5:8069", "http://192.168.1.5:8069"},
      {"http://[FE80::1]:8069", "http://[fe80::1]:8069"},
      {"https://shop.example.com.", "https://shop.example.com"},
      {"chrome-extension://abcdef", "chrome-extension://abcdef"}};
  for (const auto& [text, normal] : rows)
    EXPECT_EQ(normalized_origin(text), normal) << text;
  for (const char* text :
       {"null", "", "*", "shop", "https://", "https://shop/", "https://shop/x", "https://u@shop",
        "https://shop:0", "https://shop:x", "https://shop:99999", "ftp://shop", "file://",
        "https://a b", "https://a,https://b", "https://[::1"})
    EXPECT_FALSE(normalized_origin(text)) << text;
}

TEST(origins, are_allowed_exactly) {
  origin_policy policy;
  EXPECT_TRUE(policy.allow("https://Shop.example.com:443"));
  EXPECT_FALSE(policy.allow("null"));
  EXPECT_TRUE(policy.allowed("https://shop.example.com"));
  for (const char* other : {"http://shop.example.com", "https://shop.example.com:8443", "null", "",
                            "https://shop.example.com.evil.org", "https://evilshop.example.com"})
    EXPECT_FALSE(policy.allowed(other)) << other;
  policy.forbid("HTTPS://shop.example.com");
  EXPECT_FALSE(policy.allowed("https://shop.example.com"));
}

http_request preflight(bool private_network = false) {
  http_request request;
  request.method = http_method::options;
  request.headers.add("Origin", "https://shop.example.com");
  request.headers.add("Access-Control-Request-Method", "POST");
  request.headers.add("Access-Control-Request-Headers", "content-type");
  if (private_network) request.headers.add("Access-Control-Request-Private-Network", "true");
  return request;
}

TEST(preflights, get_exactly_what_they_need) {
  EXPECT_TRUE(is_preflight(preflight()));
  const auto response = preflight_response(preflight(), true);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.find_header("Access-Control-Allow-Origin"), "https://shop.example.com");
  EXPECT_TRUE(response.find_header("Vary").starts_with("Origin"));
  EXPECT_EQ(response.find_header("Access-Control-Allow-Methods"), "GET, POST, OPTIONS");
  EXPECT_EQ(response.find_header("Access-Control-Allow-Headers"),
            "content-type, authorization, idempotency-key, traceparent");
  EXPECT_EQ(response.find_header("Access-Control-Max-Age"), "600");
  EXPECT_EQ(response.find_header("Access-Control-Allow-Private-Network"), "");
  EXPECT_EQ(preflight_response(preflight(), true, {.max_age = std::chrono::seconds(86400)})
                .find_header("Access-Control-Max-Age"),
            "86400");
}

TEST(preflights, name_the_private_network_only_when_asked_and_allowed) {
  const auto name = "Access-Control-Allow-Private-Network";
  EXPECT_EQ(preflight_response(preflight(true), true).find_header(name), "true");
  EXPECT_EQ(preflight_response(preflight(true), false).find_header(name), "");
}

TEST(preflights, of_strangers_permit_nothing) {
  const auto response = preflight_response(preflight(), false);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.lines().find("Access-Control-Allow"), std::string::npos);
  EXPECT_NE(response.find_header("Vary"), "");
}

TEST(cors_headers, never_echo_odd_origins) {
  http_request request;
  EXPECT_EQ(cors_headers(request, true), "Vary: Origin\r\n");
  request.headers.add("Origin", "null");
  EXPECT_EQ(cors_headers(request, true), "Vary: Origin\r\n");
  EXPECT_NE(cors_headers(preflight(), true, {.exposed = "ETag"}).find("Expose-Headers: ETag\r\n"),
            std::string::npos);
}

TEST(hosts, are_our_own) {
  const std::array<std::string, 4> names = {"box.local", "192.168.1.5", "fe80::1", "localhost"};
  for (const char* host : {"box.local", "BOX.local:8069", "box.local.", "192.168.1.5:8069",
                           "[fe80::1]:80", "[FE80::1]", "localhost"})
    EXPECT_TRUE(host_check(host, names)) << host;
  for (const char* host : {"", "evil.org", "box.local.evil.org", "192.168.1.50", "box.local:x",
                           "box.local@evil", "[fe80::2]", "[", "box.local:8069:1"})
    EXPECT_FALSE(host_check(host, names)) << host;
}

} // namespace
} // namespace troupe::transport
