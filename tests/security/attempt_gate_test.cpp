#include "security/attempt_gate.hpp"

#include <gtest/gtest.h>

namespace troupe::security {
namespace {

using namespace std::chrono_literals;

struct attempt_gate_test : ::testing::Test {
  attempt_gate gate{{.free_tries = 3, .first_wait = 2s, .longest_wait = 60s, .keys = 4}};
  attempt_gate::time now = attempt_gate::time(1000h);
};

TEST_F(attempt_gate_test, a_few_wrong_tries_cost_nothing) {
  for (int i = 0; i < 2; ++i) {
    gate.begin("ada", now);
    EXPECT_EQ(gate.wait("ada", now), 0s);
  }
}

TEST_F(attempt_gate_test, then_each_waits_twice_as_long_up_to_the_lock) {
  gate.begin("ada", now);
  gate.begin("ada", now);
  for (const auto expected : {2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    gate.begin("ada", now);
    EXPECT_EQ(gate.wait("ada", now), expected);
    EXPECT_EQ(gate.wait("bob", now), 0s);
    now += expected;
    EXPECT_EQ(gate.wait("ada", now), 0s);
  }
}

TEST_F(attempt_gate_test, a_right_one_starts_anew) {
  for (int i = 0; i < 10; ++i)
    gate.begin("ada", now);
  gate.right("ada");
  EXPECT_EQ(gate.wait("ada", now), 0s);
  gate.begin("ada", now);
  EXPECT_EQ(gate.wait("ada", now), 0s);
}

TEST_F(attempt_gate_test, a_right_one_among_wrong_ones_takes_back_only_itself) {
  gate.begin("10.0.0.1", now);
  gate.begin("10.0.0.1", now);
  gate.begin("10.0.0.1", now);
  gate.take_back("10.0.0.1");
  EXPECT_EQ(gate.wait("10.0.0.1", now), 0s);
  gate.begin("10.0.0.1", now);
  EXPECT_EQ(gate.wait("10.0.0.1", now), 2s);
}

TEST_F(attempt_gate_test, a_day_without_a_try_is_forgotten) {
  for (int i = 0; i < 5; ++i)
    gate.begin("ada", now);
  now += 25h;
  gate.begin("ada", now);
  EXPECT_EQ(gate.wait("ada", now), 0s);
}

TEST_F(attempt_gate_test, many_keys_push_out_the_longest_unseen) {
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) {
    gate.begin(key, now);
    now += 1s;
  }
  EXPECT_EQ(gate.size(), 4u);
}

} // namespace
} // namespace troupe::security
