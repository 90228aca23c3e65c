#include "tests/sim/model/printing.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace troupe::sim::test {

struct status_case {
  const char* name;
  std::function<void(escpos_printer&)> before;
  byte_vector asked;
  byte_vector answered;
};

class escpos_status : public testing::TestWithParam<status_case> {};

TEST_P(escpos_status, is_answered) {
  escpos_printer printer;
  GetParam().before(printer);
  printer.take_effects();
  EXPECT_EQ(replies(printer.feed(GetParam().asked)), GetParam().answered);
}

static void nothing(escpos_printer&) {}
static void out_of_paper(escpos_printer& printer) {
  printer.take_paper();
}
static void low_paper(escpos_printer& printer) {
  printer.report_paper_low();
}
static void open_cover(escpos_printer& printer) {
  printer.set_cover(true);
}
static void open_drawer(escpos_printer& printer) {
  printer.set_drawer(true);
}
static void off_line(escpos_printer& printer) {
  printer.set_fault(printer_fault::offline, true);
}
static void jammed(escpos_printer& printer) {
  printer.set_fault(printer_fault::cutter, true);
  printer.feed(bytes("x\n", gs, "V", 0));
}

INSTANTIATE_TEST_SUITE_P(
    answers, escpos_status,
    testing::Values(
        status_case{"printer_ready", nothing, bytes(dle, 4, 1), bytes(0x16)},
        status_case{"printer_off_line", off_line, bytes(dle, 4, 1), bytes(0x1E)},
        status_case{"printer_drawer_open", open_drawer, bytes(dle, 4, 1), bytes(0x12)},
        status_case{"off_line_by_cover", open_cover, bytes(dle, 4, 2), bytes(0x16)},
        status_case{"off_line_by_paper", out_of_paper, bytes(dle, 4, 2), bytes(0x32)},
        status_case{"off_line_by_error", jammed, bytes(dle, 4, 2), bytes(0x52)},
        status_case{"error_of_the_cutter", jammed, bytes(dle, 4, 3), bytes(0x1A)},
        status_case{"paper_there", nothing, bytes(dle, 4, 4), bytes(0x12)},
        status_case{"paper_low", low_paper, bytes(dle, 4, 4), bytes(0x1E)},
        status_case{"paper_out", out_of_paper, bytes(dle, 4, 4), bytes(0x7E)},
        status_case{"unknown_kind_is_silent", nothing, bytes(dle, 4, 9), {}},
        status_case{"sensor_after_what_came_before", low_paper, bytes(gs, "r", 1), bytes(0x03)},
        status_case{"drawer_after_what_came_before", open_drawer, bytes(gs, "r2"), bytes(0x00)},
        status_case{"maker", nothing, bytes(gs, "IB"), bytes("_TROUPE", 0)},
        status_case{"model", nothing, bytes(gs, "IC"), bytes("_SIM-80", 0)},
        status_case{"process_id", nothing, bytes(gs, "(H", 6, 0, "00abcd"),
                    bytes(0x37, 0x22, "abcd", 0)},
        status_case{"automatic_status_begins_with_the_present",
                    out_of_paper,
                    bytes(gs, "a", 15),
                    {}}), // buffered: not executed while stopped
    [](const auto& given) { return given.param.name; });

TEST(escpos_automatic_status, tells_each_change_it_was_asked_for) {
  escpos_printer printer;
  EXPECT_EQ(replies(printer.feed(bytes(gs, "a", 15))), bytes(0x14, 0, 0, 0x0F));
  printer.take_paper();
  EXPECT_EQ(replies(printer.take_effects()), bytes(0x1C, 0, 0x0F, 0x0F));
  printer.insert_roll();
  EXPECT_EQ(replies(printer.take_effects()), bytes(0x14, 0, 0, 0x0F));
  printer.set_cover(true);
  EXPECT_EQ(replies(printer.take_effects()), bytes(0x3C, 0, 0, 0x0F));
  printer.set_cover(false);
  printer.take_effects();
  printer.feed(bytes(gs, "a", 1)); // the drawer alone
  printer.take_paper();
  EXPECT_TRUE(replies(printer.take_effects()).empty());
  printer.set_drawer(true);
  EXPECT_EQ(replies(printer.take_effects()), bytes(0x18, 0, 0x0F, 0x0F));
}

TEST(escpos_real_time, is_answered_before_what_waits_and_while_the_buffer_is_full) {
  printer_options options;
  options.buffer_bytes = 4096;
  options.reserve_bytes = 16;
  escpos_printer printer(options);
  printer.take_paper();
  printer.take_effects();
  EXPECT_EQ(printer.offer(byte_vector(10000, 'x')), 4096u + 16u);
  EXPECT_EQ(printer.offer(bytes("x")), 0u);
  EXPECT_EQ(printer.offer(bytes(dle, 4, 4)), 3u);
  EXPECT_EQ(replies(printer.take_effects()), bytes(0x7E));
  EXPECT_EQ(printer.buffered(), 4096u + 16u);
}

TEST(escpos_real_time, a_command_split_anywhere_is_seen) {
  escpos_printer printer;
  byte_vector heard;
  for (auto byte : bytes("ab", dle, dle, 4, 1, "c")) {
    auto answer = replies(printer.feed(byte_vector{byte}));
    heard.insert(heard.end(), answer.begin(), answer.end());
  }
  EXPECT_EQ(heard, bytes(0x16));
}

TEST(escpos_drawer, opens_by_pulse_and_stays_until_closed) {
  escpos_printer printer;
  auto all = printer.feed(bytes(esc, "p", 1, 25, 250));
  ASSERT_EQ(count<drawer_kicked>(all), 1u);
  for (const auto& effect : all)
    if (auto* kick = std::get_if<drawer_kicked>(&effect)) {
      EXPECT_EQ(kick->connector, 1);
      EXPECT_EQ(kick->on_ms, 50);
    }
  EXPECT_TRUE(printer.state().drawer_open);
  printer.set_drawer(false);
  EXPECT_FALSE(printer.state().drawer_open);
  printer.take_paper();
  printer.take_effects();
  EXPECT_EQ(count<drawer_kicked>(printer.feed(bytes(dle, 0x14, 1, 0, 1))), 1u)
      << "the real-time pulse works without paper";
}

TEST(escpos_recovery, clears_the_buffer_and_says_so) {
  escpos_printer printer;
  printer.set_cover(true);
  printer.take_effects();
  auto all = printer.feed(bytes("lost", dle, 0x14, 8, 1, 3, 20, 1, 6, 2, 8));
  EXPECT_EQ(replies(all), bytes(0x37, 0x25, 0));
  EXPECT_EQ(printer.buffered(), 0u);
  printer.set_cover(false);
  EXPECT_EQ(print(printer, bytes("kept\n")).text, "kept\n");
}

TEST(escpos_answers, garbage_and_silence_are_faults_of_their_own) {
  escpos_printer printer;
  printer.set_fault(printer_fault::garbage, true);
  auto heard = replies(printer.feed(bytes(dle, 4, 1, dle, 4, 1, dle, 4, 1, dle, 4, 1)));
  EXPECT_EQ(heard.size(), 4u);
  EXPECT_NE(heard, bytes(0x16, 0x16, 0x16, 0x16));
  printer.set_fault(printer_fault::silent, true);
  EXPECT_TRUE(replies(printer.feed(bytes(dle, 4, 1))).empty());
}

} // namespace troupe::sim::test
