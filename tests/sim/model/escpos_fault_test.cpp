#include "tests/sim/model/printing.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe::sim::test {

/// A job with something of everything.
static byte_vector sample_job() {
  byte_vector dots(64 * 300);
  std::mt19937 random(7);
  for (auto& byte : dots)
    byte = static_cast<std::uint8_t>(random() | 1u);
  for (auto& byte : dots)
    if (byte == dle) byte = 0; // real-time commands depend on when they come
  return bytes(esc, "@", esc, "a", 1, gs, "!", 0x11, "Shop\n", gs, "!", 0, esc, "t", 19, "5.00 ",
               0xD5, "\n", raster(64, dots), esc, "*", 33, 20, 0, byte_vector(60, 0x5A), "\n", gs,
               "h", 80, gs, "w", 2, gs, "H", 2, gs, "k", 67, 12, "400638133393", gs, "(k", 8, 0, 49,
               80, 48, "hello", gs, "(k", 3, 0, 49, 81, 48, esc, "p", 0, 25, 25, "end\n", gs, "VA",
               10);
}

TEST(escpos_splitting, any_chunking_gives_the_same_paper) {
  auto job = sample_job();
  escpos_printer whole;
  auto expected = receipts(whole.feed(job));
  ASSERT_EQ(expected.size(), 1u);
  std::mt19937 random(42);
  for (int round = 0; round < 60; ++round) {
    escpos_printer printer;
    std::vector<receipt> done;
    std::size_t kicks = 0, rows = 0;
    for (std::size_t at = 0; at < job.size();) {
      auto limit = round % 3 == 0 ? 7u : round % 3 == 1 ? 300u : 5000u;
      auto size = std::min<std::size_t>(1 + random() % limit, job.size() - at);
      auto all = printer.feed(byte_span(job).subspan(at, size));
      for (const auto& effect : all)
        if (auto* out = std::get_if<rows_printed>(&effect)) rows += out->count;
      kicks += count<drawer_kicked>(all);
      for (auto& paper : receipts(all))
        done.push_back(paper);
      at += size;
    }
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].hash(), expected[0].hash());
    EXPECT_EQ(done[0].text, expected[0].text);
    EXPECT_EQ(kicks, 1u);
    EXPECT_EQ(rows, expected[0].height);
  }
}

TEST(escpos_splitting, working_in_small_portions_gives_the_same_paper) {
  auto job = sample_job();
  escpos_printer whole, slow;
  auto expected = receipts(whole.feed(job));
  ASSERT_EQ(slow.offer(job), job.size());
  std::vector<receipt> done;
  std::size_t rounds = 0;
  while (slow.busy() && ++rounds < 100000) {
    auto worked = slow.process({.bytes = 97, .rows = 5});
    EXPECT_LE(worked.rows, 5u);
    EXPECT_LE(worked.bytes, 97u);
    for (auto& paper : receipts(slow.take_effects()))
      done.push_back(paper);
  }
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].hash(), expected[0].hash());
}

TEST(escpos_faults, nothing_is_lost_when_the_paper_runs_out_in_mid_job) {
  auto job = sample_job();
  escpos_printer whole;
  auto expected = receipts(whole.feed(job)).at(0);
  escpos_printer printer;
  printer.insert_roll(200);
  ASSERT_EQ(printer.offer(job), job.size());
  printer.process();
  EXPECT_EQ(printer.state().paper, paper_state::out);
  EXPECT_EQ(printer.paper().height(), 200u);
  EXPECT_TRUE(receipts(printer.take_effects()).empty());
  printer.insert_roll();
  printer.process();
  auto done = receipts(printer.take_effects());
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].hash(), expected.hash());
}

TEST(escpos_faults, an_open_cover_stops_and_the_buffer_fills) {
  printer_options options;
  options.buffer_bytes = 4096;
  options.reserve_bytes = 0;
  escpos_printer printer(options);
  printer.set_cover(true);
  std::size_t taken = 0;
  printer.feed(byte_vector(5000, 'x'), &taken);
  EXPECT_EQ(taken, 4096u);
  EXPECT_EQ(printer.paper().height(), 0u);
  printer.set_cover(false);
  printer.process();
  EXPECT_EQ(printer.paper().height(), 4096 / 48 * 30u);
}

TEST(escpos_faults, a_jammed_cutter_waits_for_help_and_then_cuts) {
  escpos_printer printer;
  printer.set_fault(printer_fault::cutter, true);
  auto all = printer.feed(bytes("one\n", gs, "V", 0, "two\n"));
  EXPECT_TRUE(receipts(all).empty());
  EXPECT_TRUE(printer.state().cutter_jammed);
  printer.set_fault(printer_fault::cutter, false);
  printer.process();
  auto done = receipts(printer.take_effects());
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].text, "one\n");
}

TEST(escpos_faults, it_dies_after_exactly_so_many_bytes_and_lives_again_after_a_restart) {
  escpos_printer printer;
  printer.die_after(60);
  auto all = printer.feed(bytes(raster(8, byte_vector(8 * 100, 0xFF)), gs, "V", 0));
  EXPECT_TRUE(printer.state().dead);
  EXPECT_EQ(printer.paper().height(), (60u - 8) / 8);
  EXPECT_TRUE(receipts(all).empty());
  EXPECT_EQ(printer.offer(bytes("x")), 0u);
  printer.restart();
  auto paper = print(printer, bytes("again\n"));
  EXPECT_EQ(paper.height, (60u - 8) / 8 + 30) << "the half picture still hangs out";
}

TEST(escpos_faults, a_strip_without_a_cut_tears_before_it_grows_without_bound) {
  escpos_printer printer;
  byte_vector job;
  for (int i = 0; i < 10; ++i)
    job = bytes(job, esc, "3", 255, esc, "d", 255);
  auto done = receipts(printer.feed(job));
  ASSERT_GE(done.size(), 1u);
  EXPECT_EQ(done[0].cut, cut_kind::torn);
  EXPECT_EQ(done[0].height, strip_rows);
}

TEST(escpos_faults, the_roll_reports_low_before_it_is_out) {
  printer_options options;
  options.roll_dots = 1000;
  options.near_end_dots = 300;
  escpos_printer printer(options);
  printer.feed(bytes(esc, "J", 250, esc, "J", 250));
  EXPECT_EQ(printer.state().paper, paper_state::present);
  printer.feed(bytes(esc, "J", 250));
  EXPECT_EQ(printer.state().paper, paper_state::low);
  printer.feed(bytes(esc, "J", 255));
  EXPECT_EQ(printer.state().paper, paper_state::out);
  EXPECT_EQ(printer.paper().height(), 1000u);
}

TEST(escpos_unknown, commands_are_counted_by_kind_and_bounded) {
  escpos_printer printer;
  for (int name = 0; name < 256; ++name)
    printer.feed(bytes(esc, name, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_LE(printer.unknown_commands().size(), unknown_kinds);
  escpos_printer other;
  other.feed(bytes(esc, 0x7E, esc, 0x7E));
  EXPECT_EQ(other.unknown_commands().at("1b 7e"), 2u);
}

} // namespace troupe::sim::test
