#include "actors/box/connection_report.hpp"

#include <gtest/gtest.h>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using kind = transport::connect_step::kind;

network_info network(std::vector<network_interface> interfaces, std::string gateway = {}) {
  network_info out;
  out.interfaces = std::move(interfaces);
  out.gateway = std::move(gateway);
  return out;
}
network_interface interface(const char* name, bool up, std::vector<network_address> addresses) {
  network_interface out;
  out.name = name;
  out.up = up;
  out.loopback = std::string_view(name) == "lo";
  out.addresses = std::move(addresses);
  return out;
}
const network_interface loopback =
    interface("lo", true, {{"127.0.0.1", 8, false, false}, {"::1", 128, true, false}});
const network_address shop{"192.168.1.20", 24, false, false};
const network_address global6{"2001:db8::20", 64, true, false};
const network_address local6{"fe80::1", 64, true, true};

TEST(connection_report, interfaces_are_judged) {
  EXPECT_EQ(judge_interfaces(network({})).error().code, "network.no_interface");
  EXPECT_EQ(judge_interfaces(network({loopback})).error().code, "network.no_interface");
  EXPECT_EQ(judge_interfaces(network({loopback, interface("eth0", false, {shop})})).error().code,
            "network.no_interface")
      << "the cable is out, the address still there";
  EXPECT_EQ(judge_interfaces(network({interface("eth0", true, {})})).error().code,
            "network.no_address");
  EXPECT_EQ(judge_interfaces(network({interface("eth0", true, {local6})})).error().code,
            "network.no_address");
  EXPECT_EQ(*judge_interfaces(network({interface("eth0", true, {shop, local6})})),
            "192.168.1.20 (eth0); IPv4 only.");
  EXPECT_EQ(*judge_interfaces(network({interface("eth0", true, {global6})})),
            "2001:db8::20 (eth0); IPv6 only.");
  EXPECT_EQ(*judge_interfaces(
                network({interface("eth0", true, {shop}), interface("wlan0", true, {global6})})),
            "192.168.1.20 (eth0), 2001:db8::20 (wlan0).");
}

TEST(connection_report, without_a_router_only_neighbours_are_reached) {
  const auto lan = network({loopback, interface("eth0", true, {shop, global6})});
  EXPECT_TRUE(judge_gateway(lan, "192.168.1.7"));
  EXPECT_TRUE(judge_gateway(lan, "2001:db8::7"));
  EXPECT_TRUE(judge_gateway(lan, "127.0.0.5"));
  EXPECT_TRUE(judge_gateway(lan, "localhost"));
  EXPECT_EQ(judge_gateway(lan, "192.168.2.7").error().code, "network.no_gateway");
  EXPECT_EQ(judge_gateway(lan, "2001:db9::7").error().code, "network.no_gateway");
  EXPECT_EQ(judge_gateway(lan, "server.example").error().code, "network.no_gateway");
  auto routed = lan;
  routed.gateway = "192.168.1.1";
  EXPECT_EQ(*judge_gateway(routed, "server.example"), "The router is 192.168.1.1.");
}

TEST(connection_report, the_link_has_the_last_word) {
  link_info link;
  const auto judged = [&](link_state state, const char* code = "") {
    link.state = state;
    link.code = code;
    link.text = "It is so.";
    return judge_link(link);
  };
  EXPECT_TRUE(*judged(link_state::linked));
  EXPECT_FALSE(judged(link_state::connecting)) << "not known yet";
  EXPECT_FALSE(judged(link_state::waiting)) << "the server asked for a pause";
  EXPECT_EQ(judged(link_state::waiting, "link.cut")->error().code, "link.cut");
  EXPECT_EQ(judged(link_state::refused, "link.copied")->error().text, "It is so.");
}

class report_test : public ::testing::Test {
protected:
  void start(bool proxy, bool tls) {
    report.start("https://server.example", now, {});
    report.plan(proxy, tls);
    report.good(way_step::interface, "up", now);
    report.good(way_step::gateway, "there", now);
  }
  void came(kind what, bool to_proxy = false) {
    now += 10ms;
    report.came({what, to_proxy, {"10.0.0.1", "::1"}, "10.0.0.9", "10.0.0.1"}, now);
  }
  std::string states() const {
    std::string out;
    for (const auto& each : report.steps())
      out += name_of(each.state)[0];
    return out; // good, failed, running, skipped, waiting, not_tried
  }
  connection_report report;
  connection_report::time now{};
};

TEST_F(report_test, a_good_way_is_good_step_by_step) {
  start(false, true);
  EXPECT_EQ(states(), "ggrswwwww");
  came(kind::resolved);
  came(kind::connected);
  came(kind::secured);
  EXPECT_EQ(states(), "gggsggrww");
  EXPECT_EQ(report.steps()[2].took, 10ms);
  now += 5ms;
  report.good(way_step::server, "The fleet answers.", now);
  report.good(way_step::link, "The box is linked.", now);
  EXPECT_TRUE(report.running());
  report.good(way_step::clock, "Both clocks agree.", now);
  EXPECT_EQ(states(), "gggsggggg");
  EXPECT_FALSE(report.running());
  EXPECT_TRUE(report.is_good());
  EXPECT_EQ(report.done(), 9u);
}

TEST_F(report_test, through_a_proxy_the_way_has_one_step_more) {
  start(true, false);
  came(kind::resolved, true);
  EXPECT_EQ(report.steps()[2].text, "The proxy's name leads to 10.0.0.1, ::1.");
  came(kind::connected, true);
  EXPECT_EQ(states(), "ggggrswww");
  came(kind::tunnelled, true);
  EXPECT_EQ(states(), "gggggsrww");
}

TEST_F(report_test, the_first_failure_ends_the_test_and_says_where) {
  start(true, true);
  came(kind::resolved, true);
  came(kind::connected, true);
  report.failed_here({"transport.proxy_login", "It wants a log-in.", "Set one.", 502}, now + 3ms);
  EXPECT_EQ(states(), "ggggfnnnn");
  EXPECT_EQ(report.steps()[4].remedy, "Set one.");
  EXPECT_FALSE(report.running());
  EXPECT_FALSE(report.is_good());
  came(kind::tunnelled, true);
  report.good(way_step::server, "late", now);
  EXPECT_EQ(states(), "ggggfnnnn") << "what comes late changes nothing";
}

TEST_F(report_test, a_step_that_is_skipped_while_it_runs_lets_the_next_begin) {
  start(false, false);
  came(kind::resolved);
  came(kind::connected);
  report.good(way_step::server, "ours", now);
  report.skipped(way_step::link, "no server yet");
  report.go_on(now);
  EXPECT_EQ(states(), "gggsgsgsr");
  report.start("http://other", now, {});
  EXPECT_EQ(states(), "rwwwwwwww") << "a new test begins anew";
}

TEST(connection_report, clocks_are_judged) {
  const auto now = *from_rfc3339("2026-11-26T20:00:00Z");
  EXPECT_EQ(*judge_clock(now, now + 200ms), "Both clocks agree (0.2 s apart).");
  EXPECT_EQ(judge_clock(now - 240h, now).error().code, "link.clock");
}

} // namespace
} // namespace troupe::box
