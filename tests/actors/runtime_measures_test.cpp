#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/spans.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace troupe::runtime {
namespace {

TEST(limits, takes_what_fits_and_counts_the_rest) {
  limits all;
  auto& queue = all.declare("print.queue", "jobs", 3, limit_policy::refuse);
  EXPECT_TRUE(queue.try_take(2));
  EXPECT_FALSE(queue.try_take(2));
  EXPECT_TRUE(queue.try_take());
  EXPECT_FALSE(queue.try_take());
  EXPECT_FALSE(queue.try_take(UINT64_MAX));
  EXPECT_EQ(queue.fill(), 3u);
  EXPECT_EQ(queue.hits(), 3u);
  queue.give_back(2);
  EXPECT_TRUE(queue.try_take(2));
  queue.give_back(100);
  EXPECT_EQ(queue.fill(), 0u);
}

TEST(limits, declared_again_is_the_same_with_the_new_bound) {
  limits all;
  auto& first = all.declare("sessions", "sessions", 3, limit_policy::drop_oldest);
  EXPECT_TRUE(first.try_take(3));
  auto& second = all.declare("sessions", "sessions", 2, limit_policy::drop_oldest);
  EXPECT_EQ(&first, &second);
  EXPECT_EQ(second.bound(), 2u);
  EXPECT_FALSE(second.try_take());
}

TEST(limits, snapshot_is_sorted_and_exposed) {
  limits all;
  all.declare("z.last", "bytes", 10, limit_policy::coalesce).try_take(4);
  all.declare("a.first", "jobs", 1, limit_policy::refuse).count_hit();
  const auto shown = all.snapshot();
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].name, "a.first");
  EXPECT_EQ(shown[1].fill, 4u);
  EXPECT_EQ(name_of(shown[1].policy), "coalesce");
  const auto text = all.exposition();
  EXPECT_NE(text.find("troupe_limit_fill{limit=\"z.last\",unit=\"bytes\"} 4\n"), std::string::npos);
  EXPECT_NE(text.find("troupe_limit_hits_total{limit=\"a.first\",unit=\"jobs\"} 1\n"),
            std::string::npos);
}

TEST(limits, holds_under_many_threads) {
  limit subject("x", "y", 100, limit_policy::refuse);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i)
        if (subject.try_take(30)) {
          if (subject.fill() > 100) subject.set_fill(1'000'000);
          subject.give_back(30);
        }
    });
  for (auto& each : threads)
    each.join();
  EXPECT_EQ(subject.fill(), 0u);
}

TEST(metrics, exposes_prometheus_text) {
  metrics all;
  all.count("troupe_prints_total", "Receipts.", {{"printer", "kit\"chen\n"}}).add(3);
  all.count("troupe_prints_total", "Receipts.", {{"printer", "bar"}}).add();
  all.measure("troupe_sessions", "Pages.").set(-2);
  static constexpr std::array bounds{0.1, 1.0};
  auto& waits = all.spread("troupe_wait_seconds", "Waits.", {}, bounds);
  for (const double each : {0.05, 0.1, 0.5, 7.0})
    waits.observe(each);
  EXPECT_EQ(all.exposition(), "# HELP troupe_prints_total Receipts.\n"
                              "# TYPE troupe_prints_total counter\n"
                              "troupe_prints_total{printer=\"kit\\\"chen\\n\"} 3\n"
                              "troupe_prints_total{printer=\"bar\"} 1\n"
                              "# HELP troupe_sessions Pages.\n"
                              "# TYPE troupe_sessions gauge\n"
                              "troupe_sessions -2\n"
                              "# HELP troupe_wait_seconds Waits.\n"
                              "# TYPE troupe_wait_seconds histogram\n"
                              "troupe_wait_seconds_bucket{le=\"0.1\"} 2\n"
                              "troupe_wait_seconds_bucket{le=\"1\"} 3\n"
                              "troupe_wait_seconds_bucket{le=\"+Inf\"} 4\n"
                              "troupe_wait_seconds_sum 7.65\n"
                              "troupe_wait_seconds_count 4\n");
}

TEST(metrics, same_name_and_labels_are_the_same_object) {
  metrics all;
  auto& first = all.count("a_total", "A.", {{"x", "1"}});
  EXPECT_EQ(&first, &all.count("a_total", "A.", {{"x", "1"}}));
  EXPECT_NE(&first, &all.count("a_total", "A.", {{"x", "2"}}));
}

TEST(metrics, label_sets_are_bounded) {
  metrics all;
  for (int i = 0; i < 1000; ++i)
    all.count("b_total", "B.", {{"id", std::to_string(i)}}).add();
  const auto text = all.exposition();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2 + 65);
  EXPECT_NE(text.find("b_total{id=\"other\"} 936\n"), std::string::npos);
}

TEST(metrics, large_counts_stay_exact) {
  metrics all;
  all.count("c_total", "C.").add(9'007'199'254'740'991u);
  EXPECT_NE(all.exposition().find("c_total 9007199254740991\n"), std::string::npos);
}

TEST(spans, nest_and_are_recorded_when_they_end) {
  span_ring ring(8);
  trace_context outer_context;
  {
    span_scope outer("http POST", "box", {}, ring);
    outer_context = outer.context();
    EXPECT_EQ(current_trace(), outer_context);
    {
      span_scope inner("print", "device", current_trace(), ring);
      inner->attribute("printer", "kitchen");
      inner->fail("no paper");
      EXPECT_EQ(inner.context().trace, outer_context.trace);
      EXPECT_EQ(ring.last_number(), 0u);
    }
    EXPECT_EQ(current_trace(), outer_context);
  }
  EXPECT_FALSE(current_trace().valid());
  const auto all = ring.after(0, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].content.name, "print");
  EXPECT_EQ(all[0].content.parent, outer_context.span);
  EXPECT_TRUE(all[0].content.failed);
  EXPECT_EQ(all[0].content.note, "printer=kitchen error=no paper");
  EXPECT_EQ(all[1].content.place, "box");
  EXPECT_EQ(all[1].content.parent, (std::array<std::uint8_t, 8>{}));
  EXPECT_EQ(ring.of_trace(outer_context).size(), 2u);
  EXPECT_TRUE(ring.of_trace(new_trace()).empty());
}

TEST(spans, open_span_moves_and_records_once) {
  span_ring ring(8);
  open_span kept;
  EXPECT_FALSE(kept);
  {
    open_span first("one", "box", {}, ring);
    kept = std::move(first);
  }
  EXPECT_EQ(ring.last_number(), 0u);
  kept = open_span("two", "box", {}, ring);
  EXPECT_EQ(ring.last_number(), 1u);
  kept.end();
  kept.end();
  EXPECT_EQ(ring.last_number(), 2u);
}

TEST(spans, ring_is_bounded_and_shows_the_gap) {
  span_ring ring(4);
  std::vector<std::uint64_t> told;
  ring.on_record([&](std::uint64_t number) { told.push_back(number); });
  for (int i = 1; i <= 10; ++i)
    open_span("span " + std::to_string(i), "box", {}, ring).end();
  EXPECT_EQ(told.size(), 10u);
  const auto late = ring.after(2, 100);
  ASSERT_EQ(late.size(), 4u);
  EXPECT_EQ(late.front().number, 7u);
  EXPECT_EQ(late.front().content.name, "span 7");
  EXPECT_EQ(ring.after(2, 2).size(), 2u);
  EXPECT_EQ(ring.after(8, 100).size(), 2u);
  EXPECT_TRUE(ring.after(10, 100).empty());
  EXPECT_TRUE(span_ring(4).after(0, 100).empty());
}

} // namespace
} // namespace troupe::runtime
