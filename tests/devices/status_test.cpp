#include "devices/printer/problem.hpp"
#include "devices/printer/status.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe::printer {
namespace {

using test::from_hex;

TEST(status, questions_are_exact) {
  EXPECT_EQ(realtime_request(), from_hex("10 04 01 10 04 02 10 04 03 10 04 04"));
  EXPECT_EQ(automatic_status_request(true), from_hex("1D 61 0F"));
  EXPECT_EQ(automatic_status_request(false), from_hex("1D 61 00"));
  byte_vector out;
  append_job_end(job_end::none, "0001", out);
  EXPECT_TRUE(out.empty());
  append_job_end(job_end::status_answer, "0001", out);
  append_job_end(job_end::process_id, "0001", out);
  EXPECT_EQ(out, from_hex("1D 72 01 1D 28 48 06 00 30 30 30 30 30 31"));
}

TEST(status, process_ids_are_four_digits) {
  EXPECT_EQ(process_id_of(7), "0007");
  EXPECT_EQ(process_id_of(123'456), "3456");
}

struct status_case {
  const char* name;
  byte_vector realtime;  ///< answers to DLE EOT 1 to 4
  byte_vector automatic; ///< the same as automatic status
  printer_status expected;
  std::optional<problem> worst;
  const char* odoo;
  const char* epos;
  std::uint32_t word;
};

printer_status closed_drawer(printer_status status = {}) {
  status.drawer_pin_high = true;
  return status;
}

std::vector<status_case> status_table() {
  return {
      {"fine",
       from_hex("16 12 12 12"),
       from_hex("14 00 00 0F"),
       closed_drawer(),
       {},
       "",
       "",
       0x00000004},
      {"drawer_open",
       from_hex("12 12 12 12"),
       from_hex("10 00 00 00"),
       {.drawer_open = true},
       {},
       "",
       "",
       0x00000000},
      {"cover_open", from_hex("1E 16 12 12"), from_hex("3C 00 00 00"),
       closed_drawer({.online = false, .cover_open = true}), problem::cover_open, "ERROR_OFFLINE",
       "EPTR_COVER_OPEN", 0x0000002C},
      {"paper_end", from_hex("1E 32 12 7E"), from_hex("1C 00 0F 00"),
       closed_drawer({.online = false, .paper_end = true, .paper_near_end = true}),
       problem::no_paper, "ERROR_NO_PAPER", "EPTR_REC_EMPTY", 0x000A000C},
      {"near_end", from_hex("16 12 12 1E"), from_hex("14 00 03 00"),
       closed_drawer({.paper_near_end = true}), problem::low_paper, "WARNING_LOW_PAPER", "",
       0x00020004},
      {"cutter", from_hex("1E 52 1A 12"), from_hex("1C 08 00 00"),
       closed_drawer({.online = false, .cutter_error = true}), problem::cutter_error,
       "ERROR_OFFLINE", "EPTR_CUTTER", 0x0000080C},
      {"mechanical", from_hex("1E 52 16 12"), from_hex("1C 04 00 00"),
       closed_drawer({.online = false, .mechanical_error = true}), problem::mechanical_error,
       "ERROR_OFFLINE", "EPTR_MECHANICAL", 0x0000040C},
      {"unrecoverable", from_hex("1E 52 32 12"), from_hex("1C 20 00 00"),
       closed_drawer({.online = false, .unrecoverable_error = true}), problem::unrecoverable_error,
       "ERROR_OFFLINE", "EPTR_UNRECOVERABLE", 0x0000200C},
      {"hot_head", from_hex("1E 52 52 12"), from_hex("1C 40 00 00"),
       closed_drawer({.online = false, .recoverable_error = true}), problem::recoverable_error,
       "ERROR_OFFLINE", "EPTR_AUTOMATICAL", 0x0000400C},
      {"feeding", from_hex("1E 1A 12 12"), from_hex("5C 00 00 00"),
       closed_drawer({.online = false, .paper_feed_pressed = true}), problem::offline,
       "ERROR_OFFLINE", "EX_BADPORT", 0x0000004C},
  };
}

class status_bits : public testing::TestWithParam<status_case> {};

TEST_P(status_bits, are_read_from_realtime_answers) {
  status_reader reader;
  reader.expect_realtime();
  const auto heard = reader.read(GetParam().realtime);
  EXPECT_TRUE(heard.status);
  EXPECT_EQ(heard.stray_bytes, 0U);
  EXPECT_EQ(reader.realtime_due(), 0U);
  EXPECT_EQ(reader.status(), GetParam().expected);
}

TEST_P(status_bits, are_read_from_automatic_status) {
  status_reader reader;
  const auto heard = reader.read(GetParam().automatic);
  EXPECT_TRUE(heard.status);
  EXPECT_EQ(heard.stray_bytes, 0U);
  EXPECT_EQ(reader.status(), GetParam().expected);
}

TEST_P(status_bits, mean_one_problem_in_all_codes) {
  const auto worst = problem_of(GetParam().expected);
  EXPECT_EQ(worst, GetParam().worst);
  EXPECT_EQ(epos_status_word(GetParam().expected, false), GetParam().word);
  if (!worst) return;
  EXPECT_EQ(odoo_message(*worst), GetParam().odoo);
  EXPECT_EQ(epos_code(*worst), GetParam().epos);
  EXPECT_EQ(stops_printing(*worst), *worst != problem::low_paper);
}

INSTANTIATE_TEST_SUITE_P(table, status_bits, testing::ValuesIn(status_table()),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// Everything at once: flow control, automatic status, real time, `GS r`, process ids.
const byte_vector mixed_stream = from_hex(
    "11 16 3C 00 13 00 00 12 37 22 30 30 31 32 00 12 00 37 22 30 30 31 33 00 12 14 00 00 00");

struct totals {
  unsigned statuses = 0;
  unsigned answers = 0;
  unsigned strays = 0;
  std::vector<std::string> ids;
  printer_status last;
  friend bool operator==(const totals&, const totals&) = default;
};

totals read_split(const byte_vector& stream, std::size_t first, std::size_t second) {
  status_reader reader;
  reader.expect_realtime();
  reader.expect_job_answer();
  totals sum;
  const byte_span bytes(stream);
  for (auto part :
       {bytes.first(first), bytes.subspan(first, second - first), bytes.subspan(second)}) {
    auto heard = reader.read(part);
    sum.answers += heard.job_answers;
    sum.strays += heard.stray_bytes;
    sum.ids.insert(sum.ids.end(), heard.job_ids.begin(), heard.job_ids.end());
  }
  sum.last = reader.status();
  sum.statuses = reader.realtime_due();
  return sum;
}

TEST(status, any_splitting_of_the_stream_says_the_same) {
  const auto whole = read_split(mixed_stream, 0, 0);
  EXPECT_EQ(whole.answers, 1U);
  EXPECT_EQ(whole.strays, 0U);
  EXPECT_EQ(whole.ids, (std::vector<std::string>{"0012", "0013"}));
  EXPECT_EQ(whole.statuses, 0U);
  EXPECT_EQ(whole.last, closed_drawer());
  for (std::size_t first = 0; first <= mixed_stream.size(); ++first)
    for (std::size_t second = first; second <= mixed_stream.size(); ++second)
      EXPECT_EQ(read_split(mixed_stream, first, second), whole) << first << " " << second;
}

TEST(status, bytes_that_nobody_asked_for_are_strays) {
  status_reader reader;
  const auto heard = reader.read(from_hex("16 00 FF 80 48"));
  EXPECT_EQ(heard.stray_bytes, 5U);
  EXPECT_FALSE(heard.status);
  EXPECT_EQ(heard.job_answers, 0U);
  EXPECT_EQ(reader.status(), printer_status{});
}

TEST(status, finds_its_way_back_after_a_torn_block) {
  status_reader reader;
  auto heard = reader.read(from_hex("14 00 1C 00 0C 00"));
  EXPECT_EQ(heard.stray_bytes, 2U) << "the torn block";
  EXPECT_TRUE(heard.status);
  EXPECT_TRUE(reader.status().paper_end);
  heard = reader.read(from_hex("37 22 30 14 00 00 00"));
  EXPECT_EQ(heard.stray_bytes, 3U);
  EXPECT_FALSE(reader.status().paper_end);
  heard = reader.read(from_hex("37 22 30 30 30 00"));
  EXPECT_TRUE(heard.job_ids.empty()) << "three characters are no process id";
}

TEST(status, named_answers_of_others_are_passed_over) {
  status_reader reader;
  const auto heard = reader.read(from_hex("37 23 40 41 42 00 37 21 00 14 00 00 00"));
  EXPECT_EQ(heard.stray_bytes, 0U);
  EXPECT_TRUE(heard.job_ids.empty());
  EXPECT_TRUE(heard.status);
}

TEST(status, a_named_answer_without_end_is_given_up) {
  status_reader reader;
  byte_vector endless(500, 0x41);
  endless[0] = 0x37;
  EXPECT_EQ(reader.read(endless).stray_bytes, 500U);
  EXPECT_TRUE(reader.read(from_hex("14 00 00 00")).status);
}

TEST(status, a_new_round_forgets_answers_that_never_came) {
  status_reader reader;
  reader.expect_realtime();
  (void)reader.read(from_hex("16"));
  reader.expect_realtime();
  (void)reader.read(from_hex("16 16 12 12"));
  EXPECT_TRUE(reader.status().cover_open);
  EXPECT_EQ(reader.realtime_due(), 0U);
}

TEST(status, a_new_connection_forgets_everything_due) {
  status_reader reader;
  reader.expect_realtime();
  reader.expect_job_answer();
  (void)reader.read(from_hex("14 00"));
  reader.reset();
  const auto heard = reader.read(from_hex("00 16"));
  EXPECT_EQ(heard.stray_bytes, 2U);
  EXPECT_EQ(heard.job_answers, 0U);
}

TEST(status, drawers_differ_in_what_the_pin_means) {
  status_reader low;
  status_reader high(drawer_level::high);
  for (auto* reader : {&low, &high})
    (void)reader->read(from_hex("14 00 00 00"));
  EXPECT_FALSE(low.status().drawer_open);
  EXPECT_TRUE(high.status().drawer_open);
}

TEST(problem, each_has_words_codes_and_a_way_back) {
  std::set<std::string> codes;
  for (int i = 0; i <= static_cast<int>(problem::unknown); ++i) {
    const auto one = static_cast<problem>(i);
    const auto told = fault_of(one);
    EXPECT_TRUE(codes.insert(told.code).second) << told.code;
    EXPECT_TRUE(told.code.starts_with("printer."));
    EXPECT_TRUE(told.text.ends_with('.') && told.remedy.ends_with('.')) << told.code;
    EXPECT_EQ(problem_of_code(told.code), one);
    EXPECT_FALSE(odoo_message(one).empty());
  }
}

TEST(problem, faults_of_ports_are_known) {
  EXPECT_EQ(problem_of_code("printer.refused"), problem::unreachable);
  EXPECT_EQ(problem_of_code("port.disk_full"), problem::failed);
  EXPECT_EQ(odoo_message(problem_of_code("printer.timeout")), "ERROR_TIMEOUT");
  EXPECT_EQ(odoo_message(problem_of_code("else")), "ERROR_UNKNOWN");
}

TEST(problem, status_word_without_any_answer) {
  EXPECT_EQ(epos_status_word({}, false), 0x00000001U);
  EXPECT_EQ(epos_status_word({}, true), 0x00000002U);
  EXPECT_EQ(epos_status_word(closed_drawer(), true), 0x00000006U);
}

} // namespace
} // namespace troupe::printer
