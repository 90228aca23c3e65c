#include "actors/server/box_finder.hpp"
#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "tests/actors/server/server_fixture.hpp"
#include "transport/url.hpp"

#include <map>

namespace troupe::server {
namespace {

using transport::client_response;

/// A network whose addresses answer when the test says so.
class box_finder_test : public server_test {
protected:
  void SetUp() override {
    finder = track(spawn_box_finder(
        system(), shared,
        {.ask =
             [this](const std::string& url, std::function<void(result<client_response>)> answered) {
               asked.push_back(url);
               waiting.emplace_back(url, std::move(answered));
             },
         .own = [this] { return own; }}));
  }
  void TearDown() override {
    finder = nullptr;
    server_test::TearDown();
  }
  search_progress start(std::vector<std::string> ranges, std::vector<std::uint16_t> ports = {}) {
    return **ask<search_progress_ptr>(finder, start_search{std::move(ranges), std::move(ports)});
  }
  search_progress now() { return **ask<search_progress_ptr>(finder, get_search{}); }
  /// Answers everything under way: as `hosts` says, else as if nobody were there.
  void answer() {
    for (auto& [url, answered] : std::exchange(waiting, {})) {
      const auto at = url.find('/', 7);
      const auto host = hosts.find(url.substr(7, at - 7));
      if (host == hosts.end())
        answered(fault{"transport.timeout", "No answer.", {}, 504});
      else
        answered(host->second(url.substr(at)));
    }
    settle();
  }
  void answer_all() {
    while (!waiting.empty())
      answer();
  }
  static client_response page(std::uint16_t status, std::string body) {
    client_response out;
    out.status = status;
    out.body = std::move(body);
    return out;
  }
  /// A box of ours; `forged`: with a signature for another question.
  void put_box(const std::string& host, const std::string& id, bool forged = false) {
    auto key = std::make_shared<security::signing_key>(security::signing_key::make());
    hosts[host] = [=](const std::string& target) {
      announcement said;
      said.id = box_id(id);
      said.name = "Box " + id;
      said.nonce = target.substr(target.find('=') + 1);
      security::sign(said, *key);
      if (forged) said.name = "The till";
      return page(200, to_json(said));
    };
  }
  void put_odoo(const std::string& host) {
    hosts[host] = [](const std::string& target) {
      return target == "/hw_proxy/hello" ? page(200, "ping") : page(404, "<html>");
    };
  }

  box_finder_actor finder;
  std::vector<transport::network_interface> own;
  std::vector<std::string> asked;
  std::vector<std::pair<std::string, std::function<void(result<client_response>)>>> waiting;
  std::map<std::string, std::function<client_response(const std::string&)>> hosts;
};

TEST_F(box_finder_test, finds_boxes_tells_forged_ones_apart_and_knows_stock_ones) {
  put_box("192.168.1.9:8069", "b9");
  put_box("192.168.1.40:8069", "b40", true);
  put_odoo("192.168.1.200:8069");
  hosts["192.168.1.1:8069"] = [](const auto&) { return page(200, "<html>a router</html>"); };
  EXPECT_EQ(start({"192.168.1.0/24"}).total, 254u);
  answer_all();
  const auto all = now();
  EXPECT_FALSE(all.running);
  EXPECT_EQ(all.asked, 254u);
  ASSERT_EQ(all.found.size(), 3u);
  std::map<std::string, found_kind> kinds;
  for (const auto& each : all.found)
    kinds[each.url] = each.kind;
  EXPECT_EQ(kinds,
            (std::map<std::string, found_kind>{{"http://192.168.1.9:8069/", found_kind::box},
                                               {"http://192.168.1.40:8069/", found_kind::forged},
                                               {"http://192.168.1.200:8069/", found_kind::odoo}}));
}

TEST_F(box_finder_test, asks_no_more_than_a_few_at_a_time) {
  start({"10.0.0.0/24"});
  EXPECT_EQ(waiting.size(), sweep_questions);
  std::size_t rounds = 0;
  for (; !waiting.empty(); ++rounds) {
    EXPECT_LE(waiting.size(), sweep_questions);
    answer();
  }
  EXPECT_EQ(rounds, 4u) << "a /24 of silent addresses takes four times the patience";
  EXPECT_EQ(asked.size(), 254u);
}

TEST_F(box_finder_test, stops_and_keeps_what_it_found) {
  put_box("10.0.0.1:8069", "b1");
  start({"10.0.0.0/24"});
  answer();
  const auto stopped = **ask<search_progress_ptr>(finder, stop_search{});
  EXPECT_FALSE(stopped.running);
  EXPECT_EQ(stopped.found.size(), 1u);
  answer_all();
  EXPECT_LE(asked.size(), 2 * sweep_questions);
  EXPECT_EQ(now().asked, stopped.asked) << "late answers change nothing";
  start({"10.0.1.1"});
  answer_all();
  EXPECT_TRUE(now().found.empty());
  EXPECT_FALSE(now().running);
}

TEST_F(box_finder_test, a_box_with_two_addresses_is_one_box) {
  put_box("10.0.0.1:8069", "b1");
  hosts["10.0.0.2:8070"] = hosts["10.0.0.1:8069"];
  start({"10.0.0.1", "10.0.0.2"}, {8070, 8069, 8069});
  answer_all();
  EXPECT_EQ(now().total, 4u);
  EXPECT_EQ(now().found.size(), 1u);
}

TEST_F(box_finder_test, without_ranges_it_takes_its_own_networks) {
  const auto code = [this](start_search wish) {
    return ask<search_progress_ptr>(finder, std::move(wish)).error().code;
  };
  EXPECT_EQ(code({}), "discovery.no_network");
  own = {{"eth0", "", true, false, {{"192.168.3.4", 30}}}};
  EXPECT_EQ(start({}).ranges, std::vector<std::string>{"192.168.3.4/30"});
  answer_all();
  EXPECT_EQ(code({{"8.8.8.8"}, {}}), "discovery.not_private");
  EXPECT_EQ(code({{"10.0.0.1"}, {1, 2, 3, 4, 5}}), "discovery.ports");
  EXPECT_EQ(code({{"10.0.0.1"}, {0}}), "discovery.ports");
}

} // namespace
} // namespace troupe::server
