#include "transport/proxy.hpp"
#include "transport/url.hpp"

#include <gtest/gtest.h>

#include <map>

namespace troupe::transport {
namespace {

TEST(urls, come_apart) {
  const auto where = parse_url("HTTPS://us%65r:p%40ss@Shop.Example.org:8443/a/b?x=1#part");
  ASSERT_TRUE(where);
  EXPECT_EQ(where->scheme, "https");
  EXPECT_EQ(where->user, "user");
  EXPECT_EQ(where->password, "p@ss");
  EXPECT_EQ(where->host, "shop.example.org");
  EXPECT_EQ(where->port, 8443);
  EXPECT_EQ(where->target, "/a/b?x=1");
  EXPECT_EQ(where->text(), "https://shop.example.org:8443/a/b?x=1");
  EXPECT_EQ(parse_url("ws://[::1]?a")->text(), "ws://[::1]/?a");
  EXPECT_EQ(parse_url("http://a:80")->authority(), "a");
  for (const char* text :
       {"", "a", "//a", "ftp://a", "http://", "http://a b/", "http://a/\r\nX: y", "http://[::1",
        "http://a:0/", "http://a:x/", "http://a:70000/", "http://%zz@a/", "http://a\\b/"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(urls, resolve_references) {
  const auto base = *parse_url("http://a/b/c?d");
  const std::pair<const char*, const char*> rows[] = {{"http://x/y", "http://x/y"},
                                                      {"//x/y", "http://x/y"},
                                                      {"/y", "http://a/y"},
                                                      {"y", "http://a/b/y"},
                                                      {"?e", "http://a/b/c?e"},
                                                      {"../y?z", "http://a/y?z"},
                                                      {"../../y", "http://a/y"},
                                                      {"./y/", "http://a/b/y/"},
                                                      {"/y?u=http://z/", "http://a/y?u=http://z/"},
                                                      {"", "http://a/b/c?d"},
                                                      {"..", "http://a/"}};
  for (const auto& [reference, expected] : rows) {
    const auto resolved = resolve_url(base, reference);
    ASSERT_TRUE(resolved) << reference;
    EXPECT_EQ(resolved->text(), expected) << reference;
  }
  EXPECT_FALSE(resolve_url(base, "ftp://x/"));
  EXPECT_FALSE(resolve_url(base, "/a b"));
}

proxy_settings from(std::map<std::string, std::string> variables) {
  return proxy_from([variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(proxies, are_read_from_the_environment) {
  const auto settings = from(
      {{"http_proxy", "http://p:1"}, {"HTTP_PROXY", "http://q:1"}, {"HTTPS_PROXY", "http://s:2"}});
  EXPECT_EQ(settings.proxy_for(false, "x", 80), "http://p:1");
  EXPECT_EQ(settings.proxy_for(true, "x", 443), "http://s:2");
  EXPECT_EQ(from({{"ALL_PROXY", "http://p:1"}}).proxy_for(true, "x", 443), "http://p:1");
  EXPECT_EQ(from({{"HTTP_PROXY", "http://q:1"}, {"REQUEST_METHOD", "GET"}}).http, "");
  EXPECT_EQ(from({}).proxy_for(false, "x", 80), "");
}

TEST(proxies, are_left_out_for_named_hosts) {
  const auto settings = from(
      {{"http_proxy", "http://p:1"},
       {"no_proxy", "example.org, .local,10.0.0.0/8,*.lan,host:8080,[::1],192.168.1.5 fd00::/8"}});
  for (const auto& [host, port] :
       std::initializer_list<std::pair<const char*, int>>{{"example.org", 80},
                                                          {"a.Example.ORG", 80},
                                                          {"box.local", 80},
                                                          {"local", 80},
                                                          {"10.1.2.3", 80},
                                                          {"x.lan", 80},
                                                          {"host", 8080},
                                                          {"::1", 80},
                                                          {"192.168.1.5", 80},
                                                          {"fd00::12", 80}})
    EXPECT_EQ(settings.proxy_for(false, host, static_cast<std::uint16_t>(port)), "") << host;
  for (const auto& [host, port] :
       std::initializer_list<std::pair<const char*, int>>{{"notexample.org", 80},
                                                          {"11.1.2.3", 80},
                                                          {"host", 80},
                                                          {"192.168.1.50", 80},
                                                          {"fe80::1", 80}})
    EXPECT_NE(settings.proxy_for(false, host, static_cast<std::uint16_t>(port)), "") << host;
  EXPECT_EQ(from({{"http_proxy", "http://p:1"}, {"NO_PROXY", "*"}}).proxy_for(false, "x", 80), "");
}

TEST(proxy, addresses_are_taken_as_people_type_them_and_shown_without_log_ins) {
  EXPECT_EQ(*checked_proxy_address(" proxy.example:3128 "), "http://proxy.example:3128");
  EXPECT_EQ(*checked_proxy_address("http://Proxy.example"), "http://proxy.example:80");
  EXPECT_EQ(*checked_proxy_address("http://[::1]:3128/"), "http://[::1]:3128");
  for (const char* wrong : {"", "https://proxy:443", "socks5://proxy", "http://me:word@proxy:1",
                            "http://proxy/path", "a b", "proxy:99999"}) {
    const auto refused = checked_proxy_address(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, "proxy.bad_address");
    EXPECT_EQ(refused.error().text.find("word"), std::string::npos);
  }
  const auto full = proxy_with_login("http://proxy:3128", "me@shop", "w:/rd ä");
  EXPECT_EQ(full, "http://me%40shop:w%3A%2Frd%20%C3%A4@proxy:3128");
  const auto read = parse_url(full);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "me@shop");
  EXPECT_EQ(read->password, "w:/rd ä");
  EXPECT_EQ(proxy_with_login("http://proxy:3128", "", "x"), "http://proxy:3128");
  EXPECT_EQ(proxy_without_login(full), "http://proxy:3128");
  EXPECT_EQ(proxy_without_login("http://proxy:3128"), "http://proxy:3128");
  EXPECT_EQ(proxy_without_login(""), "");
}

TEST(url, addresses_are_told_from_names) {
  for (const char* each : {"127.0.0.1", "::1", "fe80::1%eth0", "10.0.0.1"})
    EXPECT_TRUE(is_address(each)) << each;
  for (const char* each : {"localhost", "127.example", "", "1.2.3"})
    EXPECT_FALSE(is_address(each)) << each;
  EXPECT_TRUE(parse_url("http://localhost:1")->is_loopback());
  EXPECT_TRUE(parse_url("http://[::1]:1")->is_loopback());
  EXPECT_TRUE(parse_url("http://127.0.0.5")->is_loopback());
  EXPECT_FALSE(parse_url("http://127.example")->is_loopback());
}

} // namespace
} // namespace troupe::transport
