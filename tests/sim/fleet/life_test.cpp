#include "sim/fleet/counting_printer.hpp"
#include "sim/fleet/life.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

std::vector<next_happening> days_of(const life_options& options, std::uint64_t number,
                                    std::size_t count) {
  box_life life(options, number);
  std::vector<next_happening> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(life.next());
  return all;
}

bool same(const std::vector<next_happening>& a, const std::vector<next_happening>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].after != b[i].after || a[i].what != b[i].what || a[i].size != b[i].size) return false;
  return true;
}

TEST(dice, throw_the_same_on_every_machine) {
  dice thrown(1);
  EXPECT_EQ(thrown.next(), 0x910a2dec89025cc1ull); // SplitMix64's own test vector for seed 1
  EXPECT_EQ(thrown.next(), 0xbeeb8da1658eec67ull);
}

TEST(dice, parts_do_not_depend_on_each_other) {
  const dice all(5);
  EXPECT_EQ(all.part(3).next(), dice(5).part(3).next());
  EXPECT_NE(all.part(3).next(), all.part(4).next());
}

TEST(lives, follow_from_seed_and_number) {
  const life_options options{.seed = 9, .receipts_a_roll = 5};
  EXPECT_TRUE(same(days_of(options, 1, 200), days_of(options, 1, 200)));
  EXPECT_FALSE(same(days_of(options, 1, 200), days_of(options, 2, 200)));
  EXPECT_FALSE(same(days_of(options, 1, 200), days_of({.seed = 10, .receipts_a_roll = 5}, 1, 200)));
}

TEST(lives, have_the_mean_asked_for_and_paper_that_comes_back) {
  const life_options options{.seed = 3, .mean = 1s, .receipts_a_roll = 10};
  std::chrono::microseconds whole{0};
  std::size_t prints = 0;
  bool out = false;
  for (const auto& each : days_of(options, 1, 20'000)) {
    if (each.what == happening::print) {
      EXPECT_FALSE(out) << "nobody prints while the paper is out";
      EXPECT_GE(each.size, 1u);
      whole += each.after;
      ++prints;
    } else {
      EXPECT_EQ(each.what == happening::paper_in, out);
      out = each.what == happening::paper_out;
    }
  }
  EXPECT_NEAR(static_cast<double>(whole.count()) / static_cast<double>(prints), 1e6, 3e4);
}

class counting : public ::testing::Test {
protected:
  counting() {
    port = printer->make_port();
    port->open(
        {.opened = [this] { opened = true; },
         .received =
             [this](byte_span bytes) { answers.insert(answers.end(), bytes.begin(), bytes.end()); },
         .stalled = [](bool) {},
         .closed = [](fault) {}});
    time.settle();
  }
  byte_vector write(byte_vector bytes) {
    answers.clear();
    port->write(shared_bytes(std::move(bytes)), [this](result<std::size_t> done) { went = *done; });
    time.settle();
    return answers;
  }
  manual_time time;
  std::shared_ptr<counting_printer> printer = counting_printer::make(time.source());
  std::unique_ptr<port::byte_port> port;
  byte_vector answers;
  bool opened = false;
  std::size_t went = 0;
};

const byte_vector status_question{0x10, 4, 1, 0x10, 4, 2, 0x10, 4, 3, 0x10, 4, 4};

TEST_F(counting, answers_for_its_status_and_counts_jobs) {
  EXPECT_TRUE(opened);
  EXPECT_EQ(write(status_question), (byte_vector{0x12, 0x12, 0x12, 0x12}));
  EXPECT_EQ(write({'H', 'i', '\n', 0x1D, 0x72, 0x01}), byte_vector{0x00});
  EXPECT_EQ(went, 6u);
  EXPECT_EQ(printer->receipts(), 1u);
}

TEST_F(counting, holds_the_end_of_a_job_until_there_is_paper) {
  printer->set_paper(false);
  EXPECT_EQ(write(status_question), (byte_vector{0x1A, 0x32, 0x12, 0x7E}));
  EXPECT_EQ(write({'H', 0x1D, 0x72, 0x01}), byte_vector{});
  printer->set_paper(true);
  time.settle();
  EXPECT_EQ(answers, byte_vector{0x00});
  EXPECT_EQ(printer->receipts(), 1u);
  EXPECT_EQ(write(status_question), (byte_vector{0x12, 0x12, 0x12, 0x12}));
}

TEST_F(counting, a_closed_port_hears_nothing_more) {
  port->write(shared_bytes(status_question), [](result<std::size_t>) { FAIL(); });
  port->close();
  time.settle();
  EXPECT_TRUE(answers.empty());
}

} // namespace
} // namespace troupe::sim
