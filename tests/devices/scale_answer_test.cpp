#include "devices/scale/answer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe::scale {
namespace {

using o = outcome;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct answer_case {
  const char* protocol;
  std::string bytes; ///< as they come over the line
  outcome what;
  std::string value = {}; ///< "0.452"; empty: none
  std::string unit = {};
  bool net = false;
  bool at_zero = false;
};

const std::string stx(1, '\x02');
const std::string etx(1, '\x03');

const std::vector<answer_case> cases{
    // Mettler-Toledo 8217
    {"mettler_toledo_8217", stx + "00.452\r", o::weight, "0.452", "kg"},
    {"mettler_toledo_8217", stx + "   0.452\r", o::weight, "0.452", "kg"},
    {"mettler_toledo_8217", stx + "12.345N\r", o::weight, "12.345", "kg", true},
    {"mettler_toledo_8217", stx + "12.34\r", o::weight, "12.34", "lb"},
    {"mettler_toledo_8217", stx + "00.000\r", o::weight, "0.000", "kg"},
    {"mettler_toledo_8217", stx + "?A\r", o::moving},
    {"mettler_toledo_8217", stx + "?B\r", o::over},
    {"mettler_toledo_8217", stx + "?D\r", o::under},
    {"mettler_toledo_8217", stx + "?C\r", o::over}, // moving too: what is worse is said
    {"mettler_toledo_8217", stx + "?a\r", o::moving, "", "", true},
    {"mettler_toledo_8217", stx + "?H\r", o::zero_error},
    {"mettler_toledo_8217", stx + "?P\r", o::status, "", "", false, true},
    {"mettler_toledo_8217", stx + "?@\r", o::refused},
    {"mettler_toledo_8217", stx + "?\x01\r", o::moving}, // where bit 6 is not always 1
    {"mettler_toledo_8217", stx + "?\r", o::unreadable},
    {"mettler_toledo_8217", stx + "\r", o::unreadable},
    {"mettler_toledo_8217", stx + "1.2345\r", o::unreadable}, // neither pounds nor kilograms
    {"mettler_toledo_8217", stx + "1.2.3\r", o::unreadable},
    {"mettler_toledo_8217", stx + "-0.452\r", o::unreadable},
    {"mettler_toledo_8217", stx + "0.452kg\r", o::unreadable},
    // with the parity in the eighth bit, as a line without parity brings it
    {"mettler_toledo_8217", "\x82\x30\x30\x2E\xB4\x35\xB2\x8D", o::weight, "0.452", "kg"},
    // Adam Equipment with lines
    {"adam", "+    2.00 kg\r\n", o::weight, "2.00", "kg"},
    {"adam", "G/W: + 2.00 kg\r\n", o::weight, "2.00", "kg"},
    {"adam", "N/W +  1.00 kg\r\n", o::weight, "1.00", "kg", true},
    {"adam", "G +  10.5 lb\r\n", o::weight, "10.5", "lb"},
    {"adam", "   452 g  \r\n", o::weight, "452", "g"},
    {"adam", "-    0.20 kg\r\n", o::under, "-0.20", "kg"},
    {"adam", "-    0.00 kg\r\n", o::weight, "0.00", "kg"},
    {"adam", "+ 2.00\r\n", o::unreadable}, // of what?
    {"adam", "OL\r\n", o::unreadable},
    {"adam", "+ kg\r\n", o::unreadable},
    // Adam Equipment with a status
    {"adam_mdw", "\n  72.35kg\r\n0p1\r" + etx, o::weight, "72.35", "kg"},
    {"adam_mdw", "\n-  0.25kg\r\n0p1\r" + etx, o::under, "-0.25", "kg"},
    {"adam_mdw", "\n  72.30kg\r\n1p1\r" + etx, o::moving, "72.30", "kg"},
    {"adam_mdw", "\n   1.00kg\r\n0p5\r" + etx, o::weight, "1.00", "kg", true},
    {"adam_mdw", "\n   0.00kg\r\n2p1\r" + etx, o::weight, "0.00", "kg", false, true},
    {"adam_mdw", "\n^^^^^^^^^kg\r\n0r1\r" + etx, o::over},
    {"adam_mdw", "\n_________kg\r\n0q1\r" + etx, o::under},
    {"adam_mdw", "\n---------kg\r\n0p1\r" + etx, o::zero_error},
    {"adam_mdw", "\n8p1\r" + etx, o::zero_error},
    {"adam_mdw", "\n2p1\r" + etx, o::status, "", "", false, true},
    {"adam_mdw", "\n?\r" + etx, o::refused},
    {"adam_mdw", "\n  72.35kg\r" + etx, o::unreadable}, // the status is missing
};

std::string name_of_case(const answer_case& each) {
  return std::string(each.protocol) + " \"" + each.bytes + "\"";
}

void expect_reading(const answer_case& each, const reading& got) {
  EXPECT_EQ(got.what, each.what) << name_of_case(each) << " gave " << name_of(got.what);
  EXPECT_EQ(got.value ? got.value->text() : "", each.value) << name_of_case(each);
  EXPECT_EQ(got.unit, each.unit) << name_of_case(each);
  EXPECT_EQ(got.net, each.net) << name_of_case(each);
  EXPECT_EQ(got.at_zero, each.at_zero) << name_of_case(each);
}

TEST(scale_answer, each_answer_of_each_protocol_means_one_thing) {
  for (const auto& each : cases) {
    const auto* speaks = protocol_named(each.protocol);
    ASSERT_NE(speaks, nullptr);
    reader whole(*speaks);
    const auto got = whole.feed(bytes_of(each.bytes));
    ASSERT_EQ(got.size(), 1u) << name_of_case(each);
    expect_reading(each, got[0]);
  }
}

TEST(scale_answer, chunks_of_any_size_give_the_same) {
  for (const auto& each : cases)
    for (std::size_t size = 1; size < each.bytes.size(); ++size) {
      reader parts(*protocol_named(each.protocol));
      std::vector<reading> got;
      for (std::size_t at = 0; at < each.bytes.size(); at += size)
        for (auto& one : parts.feed(bytes_of(each.bytes.substr(at, size))))
          got.push_back(one);
      ASSERT_EQ(got.size(), 1u) << name_of_case(each);
      expect_reading(each, got[0]);
    }
}

TEST(scale_answer, no_answer_but_a_weight_has_a_value_that_could_be_charged) {
  for (const auto& each : cases) {
    reader whole(*protocol_named(each.protocol));
    const auto got = whole.feed(bytes_of(each.bytes)).at(0);
    EXPECT_EQ(got.what == o::weight, got.value && got.value->digits >= 0 && got.what == o::weight);
    if (got.what == o::over || got.what == o::zero_error || got.what == o::unreadable ||
        got.what == o::refused) {
      EXPECT_FALSE(got.value) << name_of_case(each);
    }
  }
}

TEST(scale_answer, after_noise_and_half_answers_the_next_one_is_read) {
  for (const auto* name : {"mettler_toledo_8217", "adam_mdw", "adam"}) {
    const std::string_view speaks = name;
    reader one(*protocol_named(name));
    const std::string good = speaks == "mettler_toledo_8217" ? stx + "00.452\r"
                             : speaks == "adam"              ? "+ 0.452 kg\r\n"
                                                             : "\n 0.452kg\r\n0p1\r" + etx;
    const std::string half = good.substr(0, 4);
    for (const auto& noise :
         {std::string("\xff\x00\x7f", 3), half, std::string(500, '9'), std::string("hello\r\n")}) {
      one.feed(bytes_of(noise));
      one.feed(bytes_of(speaks == "adam_mdw" ? etx : "\r"));
      const auto got = one.feed(bytes_of(good));
      ASSERT_FALSE(got.empty());
      EXPECT_EQ(got.back().what, o::weight) << name;
      EXPECT_EQ(got.back().value->text(), "0.452");
    }
  }
}

TEST(scale_answer, an_answer_without_end_is_bounded_and_unreadable) {
  reader one(*protocol_named("mettler_toledo_8217"));
  one.feed(bytes_of(stx));
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(one.feed(bytes_of("0000000000")).empty());
  const auto got = one.feed(bytes_of("\r"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].what, o::unreadable);
}

struct decimal_case {
  const char* text;
  std::optional<decimal> expected;
  const char* written;
};
TEST(scale_answer, decimals_are_kept_exactly) {
  const decimal_case table[] = {{"0.452", decimal{452, 3}, "0.452"},
                                {"00.000", decimal{0, 3}, "0.000"},
                                {"12", decimal{12, 0}, "12"},
                                {"1,50", decimal{150, 2}, "1.50"},
                                {".5", decimal{5, 1}, "0.5"},
                                {"5.", decimal{5, 0}, "5"},
                                {"123456789012345", decimal{123456789012345, 0}, "123456789012345"},
                                {"1234567890123456", std::nullopt, ""},
                                {"0.0000000001", std::nullopt, ""},
                                {"", std::nullopt, ""},
                                {".", std::nullopt, ""},
                                {"1.2.3", std::nullopt, ""},
                                {"1a", std::nullopt, ""}};
  for (const auto& [text, expected, written] : table) {
    const auto got = parse_decimal(text);
    EXPECT_EQ(got, expected) << text;
    if (got) {
      EXPECT_EQ(got->text(), written);
    }
  }
  EXPECT_EQ((decimal{-5, 2}.text()), "-0.05");
  EXPECT_DOUBLE_EQ((decimal{452, 3}.number()), 0.452);
}

TEST(scale_answer, every_row_of_the_table_can_be_used) {
  for (const auto& each : protocols()) {
    EXPECT_EQ(protocol_named(each.name), &each) << "names are unique";
    EXPECT_FALSE(each.title.empty());
    EXPECT_FALSE(each.ask.empty());
    EXPECT_FALSE(each.answers.empty());
    EXPECT_FALSE(each.probe.send.empty());
    EXPECT_GE(each.answer, each.pace);
  }
}

} // namespace
} // namespace troupe::scale
