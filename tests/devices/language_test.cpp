#include "devices/printer/code_page.hpp"
#include "devices/printer/language.hpp"
#include "devices/printer/ticket.hpp"
#include "tests/devices/test_files.hpp"

#include <gtest/gtest.h>

namespace troupe::printer {
namespace {

using namespace printing;

constexpr language all[]{language::escpos, language::escpos_column, language::star, language::zpl,
                         language::raw};

ticket full_ticket() {
  ticket told;
  told.box_name = "Café \"Zoë\"";
  told.identifier = "troupe-1234";
  told.version = "0.1.0";
  told.printer_name = "Kitchen";
  told.time = "12:30";
  told.addresses = {"192.168.1.7", "fe80::1"};
  told.homepage = "http://192.168.1.7:8069";
  told.setup_code = "ABCD-1234";
  told.pairing_code = "PAIR42";
  return told;
}

TEST(language, names_are_read_back) {
  for (auto language : all)
    EXPECT_EQ(language_named(name_of(language)), language);
  EXPECT_FALSE(language_named("ESCPOS"));
  EXPECT_FALSE(language_named(""));
}

TEST(language, each_prints_the_status_ticket_but_raw) {
  const auto ticket = make_ticket(full_ticket());
  for (auto language : all) {
    auto bytes = encode(language, ticket);
    if (language == language::raw) {
      EXPECT_EQ(bytes.error().code, "document.needs_language");
      continue;
    }
    ASSERT_TRUE(bytes) << name_of(language) << ": " << bytes.error().text;
    for (const char* expected : {"troupe-1234", "PAIR42", "ABCD-1234", "192.168.1.7", "Kitchen"})
      EXPECT_NE(as_text(*bytes).find(expected), std::string_view::npos)
          << name_of(language) << " lacks " << expected;
  }
}

TEST(language, a_ticket_leaves_out_what_is_empty) {
  const auto ticket = make_ticket({});
  for (const auto& operation : ticket.operations)
    EXPECT_FALSE(std::holds_alternative<qr_code>(operation));
  EXPECT_TRUE(std::holds_alternative<cut>(ticket.operations.back()));
  EXPECT_EQ(ticket.operations.size(), 4U);
}

TEST(language, raw_bytes_pass_through_all_of_them) {
  const document printed{{raw{shared_bytes::copy_of("abc")}, raw{shared_bytes::copy_of("def")}}};
  for (auto language : all)
    EXPECT_EQ(as_text(*encode(language, printed)), "abcdef");
}

TEST(language, an_empty_document_is_refused) {
  for (auto language : all)
    EXPECT_EQ(encode(language, {}).error().code, "document.empty");
}

TEST(language, pictures_keep_their_dots_unless_told) {
  const document receipt{{picture{test::read_test_file("odoo-pos/receipt.jpg")}}};
  const auto stride_of = [&](const encode_options& options) {
    return (*encode(language::escpos, receipt, options))[7];
  };
  EXPECT_EQ(stride_of({}), 64);
  encode_options narrow;
  narrow.max_width_dots = 384;
  EXPECT_EQ(stride_of(narrow), 48);
  encode_options scaled;
  scaled.scale_percent = 70;
  EXPECT_EQ(stride_of(scaled), (512 * 70 / 100 + 7) / 8);
}

TEST(language, column_mode_draws_qr_codes_itself) {
  auto bytes = encode(language::escpos_column, {{qr_code{"x"}}});
  ASSERT_TRUE(bytes);
  EXPECT_NE(as_text(*bytes).find("\x1B*\x21"), std::string_view::npos);
  EXPECT_EQ(as_text(*bytes).find("\x1D(k"), std::string_view::npos);
}

TEST(code_page, finds_each_character_where_it_stands) {
  for (const auto& page : code_pages())
    for (unsigned byte = 0x80; byte < 0x100; ++byte) {
      const char16_t character = page.upper[byte - 0x80];
      if (character == 0) continue;
      const auto found = page.find(character);
      ASSERT_TRUE(found) << page.name;
      EXPECT_EQ(page.upper[*found - 0x80], character);
    }
}

TEST(code_page, broken_utf8_becomes_question_marks) {
  for (const char* broken :
       {"\xFF", "\xC3", "\xE2\x82", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    std::string_view left = broken;
    while (!left.empty())
      for (auto byte : take_run(left, nullptr).bytes)
        EXPECT_EQ(byte, '?') << broken;
  }
}

TEST(code_page, plain_twins_stand_in) {
  std::string_view text = "“it’s” – 1…";
  const auto run = take_run(text, &code_pages().front());
  EXPECT_EQ(as_text(run.bytes), "\"it's\" - 1.");
}

} // namespace
} // namespace troupe::printer
