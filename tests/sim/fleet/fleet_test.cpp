#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "sim/fleet/actor_time.hpp"
#include "sim/fleet/fleet.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/sim/fleet/memory_server.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

class fleet_test : public runtime::actor_test {
protected:
  /// A fleet and its server begin; `advance` lets them live.
  void begin(std::uint64_t boxes, std::uint64_t seed, std::chrono::microseconds mean = 10min) {
    const auto time = actor_time(system());
    server.emplace(time, seed);
    fleet_options options;
    options.boxes = boxes;
    options.seed = seed;
    options.server = "http://server";
    options.life = life_options{.seed = seed, .mean = mean};
    options.open = server->opener();
    options.time = time;
    options.type_code = server->typist();
    options.report = [this](const fleet_report& now) { report = now; };
    fleet = spawn_fleet(system(), shared, std::move(options));
  }
  /// The boxes report once a second and events are a moment under way: there is soon a moment at
  /// which both sides have counted the same, unless one was lost or came twice.
  void expect_same_count() {
    for (int i = 0; i < 200 && server->confirmed() != report.confirmed; ++i)
      advance(100ms);
    EXPECT_EQ(server->confirmed(), report.confirmed) << "what the boxes counted reached the server";
  }
  void end() {
    caf::anon_send_exit(fleet, caf::exit_reason::user_shutdown);
    fleet = nullptr;
    advance(1min);
    end_all();
    start_anew();
  }
  std::uint64_t trace_of(std::uint64_t seed) {
    begin(10, seed, 2min);
    advance(1h);
    const auto hash = server->trace_hash();
    EXPECT_GT(server->confirmed(), 100u);
    end();
    return hash;
  }
  void TearDown() override {
    fleet = nullptr;
    runtime::actor_test::TearDown();
  }

  boost::asio::io_context io;
  runtime::limits limits;
  runtime::metrics metrics;
  box::services shared{io, pool(), limits, metrics, {}, "0.1.0", {}};
  std::optional<memory_server> server;
  fleet_report report;
  caf::actor fleet;
};

TEST_F(fleet_test, boxes_pair_themselves_and_link) {
  begin(20, 1);
  advance(1min);
  EXPECT_EQ(report.boxes, 20u);
  EXPECT_EQ(report.paired, 20u) << report.problem;
  EXPECT_EQ(report.linked, 20u);
  EXPECT_EQ(server->boxes(), 20u);
}

TEST_F(fleet_test, a_day_of_fifty_boxes_passes_and_each_event_arrives_once) {
  begin(50, 7);
  advance(24h);
  EXPECT_EQ(report.linked, 50u);
  EXPECT_EQ(server->out_of_order(), 0u);
  // A receipt in ten minutes at each: 7,200, give or take chance and paper that is out.
  EXPECT_GT(server->confirmed(), 6500u);
  EXPECT_LT(server->confirmed(), 7900u);
  expect_same_count();
  EXPECT_EQ(report.failed, 0u);
}

TEST_F(fleet_test, after_a_cut_all_come_back_and_nothing_is_missing) {
  begin(20, 3, 1min);
  advance(10min);
  server->cut_all();
  settle();
  EXPECT_EQ(report.boxes, 20u);
  advance(5min);
  EXPECT_EQ(report.linked, 20u);
  EXPECT_EQ(server->out_of_order(), 0u);
  expect_same_count();
}

TEST_F(fleet_test, the_same_seed_gives_the_same_trace) {
  const auto first = trace_of(11);
  EXPECT_EQ(trace_of(11), first);
  EXPECT_NE(trace_of(12), first);
}

} // namespace
} // namespace troupe::sim
