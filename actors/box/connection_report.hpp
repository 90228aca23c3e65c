#pragma once

#include "actors/box/network.hpp"
#include "actors/box/uplink.hpp"
#include "messages/describe.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "transport/http_client.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// "Test the connection": the steps from the box's own cable to its server, and what each found.
/// Pure: no actor, clock or socket.
namespace troupe::box {

enum class step_state : std::uint8_t { waiting, running, good, failed, skipped, not_tried };
constexpr auto names_of(step_state) {
  using s = step_state;
  return std::array{enum_name<s>{s::waiting, "waiting"}, enum_name<s>{s::running, "running"},
                    enum_name<s>{s::good, "good"},       enum_name<s>{s::failed, "failed"},
                    enum_name<s>{s::skipped, "skipped"}, enum_name<s>{s::not_tried, "not_tried"}};
}

/// In this order. What is not needed on this way (a proxy, TLS) is skipped.
enum class way_step : std::uint8_t {
  interface,
  gateway,
  name,
  proxy,
  tcp,
  tls,
  server,
  link,
  clock
};
constexpr auto names_of(way_step) {
  using s = way_step;
  return std::array{enum_name<s>{s::interface, "interface"},
                    enum_name<s>{s::gateway, "gateway"},
                    enum_name<s>{s::name, "name"},
                    enum_name<s>{s::proxy, "proxy"},
                    enum_name<s>{s::tcp, "tcp"},
                    enum_name<s>{s::tls, "tls"},
                    enum_name<s>{s::server, "server"},
                    enum_name<s>{s::link, "link"},
                    enum_name<s>{s::clock, "clock"}};
}

struct tested_step {
  way_step step = way_step::interface;
  step_state state = step_state::waiting;
  std::chrono::milliseconds took{};
  std::string text{};   ///< what was found, or what is wrong
  std::string remedy{}; ///< of a failed one
  std::string code{};   ///< likewise
};

class connection_report {
public:
  using time = std::chrono::steady_clock::time_point;
  /// One test ends after this at the latest.
  static constexpr std::chrono::seconds longest{30};

  void start(std::string target, time now, time_point wall);
  /// The steps on this way, as the address of the server and the proxy are.
  void plan(bool proxy, bool tls, bool by_name = true);
  void good(way_step step, std::string text, time now);
  /// The first failure ends the test: what comes after is not tried.
  void failed(way_step step, const fault& why, time now);
  void skipped(way_step step, std::string text);
  /// After a step that was skipped while it was under way.
  void go_on(time now) { begin_next(now); }
  /// The step that was begun fails: where it got stuck is where the fault lies.
  void failed_here(const fault& why, time now);
  /// How far the connector has come.
  void came(const transport::connect_step& step, time now);

  bool running() const { return running_; }
  bool is_known() const { return !steps_.empty(); } ///< a test was made
  bool is_good() const;
  const std::vector<tested_step>& steps() const { return steps_; }
  const std::string& target() const { return target_; }
  time_point started() const { return started_; }
  /// Steps that have ended.
  std::size_t done() const;
  way_step present() const { return present_; }

private:
  tested_step& at(way_step step) { return steps_.at(static_cast<std::size_t>(step)); }
  void begin_next(time now);

  std::vector<tested_step> steps_;
  std::string target_;
  time_point started_{};
  time begun_{};
  way_step present_ = way_step::interface;
  bool running_ = false;
  bool by_name_ = true;
};

// What is known without asking anybody.

/// An interface that is up and has an address: which. Fault "network.no_interface",
/// "network.no_address".
result<std::string> judge_interfaces(const network_info& network);
/// The router, or why none is needed. Fault "network.no_gateway" when the server is elsewhere.
result<std::string> judge_gateway(const network_info& network, const std::string& server_host);
/// What the link says of itself: good when linked; nothing yet while it is being made.
std::optional<result<std::string>> judge_link(const link_info& link);
/// "Both clocks agree (0.2 s apart).", or `clock_fault`.
result<std::string> judge_clock(time_point mine, time_point servers);

} // namespace troupe::box
