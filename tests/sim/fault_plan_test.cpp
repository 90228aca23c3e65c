#include "sim/fault_plan.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

TEST(fault_plan, is_read_and_written) {
  auto plan = parse_fault_plan("seed=7,jobs=200,paper_out=0.25,dead=0.5,within=100,mend_ms=20");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->seed, 7u);
  EXPECT_EQ(plan->jobs, 200u);
  EXPECT_EQ(plan->mended_after, std::chrono::milliseconds(20));
  EXPECT_EQ(to_string(*plan), "seed=7,jobs=200,paper_out=0.25,dead=0.5,within=100,mend_ms=20");
}

class bad_fault_plan : public testing::TestWithParam<const char*> {};

TEST_P(bad_fault_plan, is_refused_with_a_word_why) {
  auto plan = parse_fault_plan(GetParam());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, "fault_plan.bad");
  EXPECT_FALSE(plan.error().remedy.empty());
}

INSTANTIATE_TEST_SUITE_P(texts, bad_fault_plan,
                         testing::Values("", "jobs", "jobs=x", "jobs=5,paper_out=2",
                                         "jobs=5,dead=-1", "jobs=5,paper_out=0.6,dead=0.6",
                                         "jobs=5,fire=0.1", "jobs=5,within=0", "seed=7",
                                         "jobs=5,mend_ms=99999999", "jobs=5,dead=nan", "jobs=5 "));

TEST(fault_plan, gives_the_same_faults_for_the_same_seed_and_others_for_another) {
  fault_plan plan{.seed = 7, .jobs = 500};
  plan.chance[0] = 0.3;
  plan.chance[3] = 0.3;
  auto other = plan;
  other.seed = 8;
  std::size_t faults = 0, different = 0;
  for (std::uint64_t job = 0; job < 600; ++job) {
    auto first = plan.fault_of(job), again = plan.fault_of(job), elsewhere = other.fault_of(job);
    ASSERT_EQ(first.has_value(), again.has_value());
    if (first) {
      EXPECT_EQ(first->after_bytes, again->after_bytes);
      EXPECT_GE(first->after_bytes, 1u);
      EXPECT_LE(first->after_bytes, plan.within);
      EXPECT_TRUE(first->kind == planned_kind::paper_out || first->kind == planned_kind::delay);
      ++faults;
    }
    different += first.has_value() != elsewhere.has_value();
    EXPECT_FALSE(job >= 500 && first);
  }
  EXPECT_GT(faults, 250u);
  EXPECT_LT(faults, 350u);
  EXPECT_GT(different, 100u);
}

} // namespace troupe::sim
