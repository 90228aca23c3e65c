#include "messages/base64.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

action_request sample_request() {
  action_request request;
  request.trace = new_trace();
  request.id = new_action_id();
  request.key = "till-1/42";
  request.device = device_id("counter");
  request.action = "print_receipt";
  printing::text line;
  line.content = "Crème brûlée \"2\"\n";
  line.bold = true;
  request.document.operations = {printing::picture{shared_bytes(byte_vector{0, 1, 254, 255}), 70},
                                 line, printing::cut{}, printing::drawer_pulse{1, 100},
                                 printing::drawer_pulse{}};
  request.arguments = value::object{{"a", 1}, {"b", value::list{1.5, nullptr, true, "x"}}};
  request.session = session_id("tab");
  return request;
}

TEST(codec, a_message_survives_msgpack_and_json) {
  const auto request = sample_request();
  const auto packed = from_msgpack<action_request>(to_msgpack(request));
  ASSERT_TRUE(packed) << packed.error().text;
  const auto parsed = from_json<action_request>(to_json(request));
  ASSERT_TRUE(parsed) << parsed.error().text;
  for (const auto* copy : {&*packed, &*parsed}) {
    EXPECT_EQ(copy->trace, request.trace);
    EXPECT_EQ(copy->id, request.id);
    EXPECT_EQ(copy->arguments, request.arguments);
    ASSERT_EQ(copy->document.operations.size(), 5u);
    const auto* picture = std::get_if<printing::picture>(&copy->document.operations[0]);
    ASSERT_NE(picture, nullptr);
    EXPECT_EQ(picture->scale_percent, 70);
    EXPECT_EQ(picture->encoded, shared_bytes(byte_vector{0, 1, 254, 255}));
    EXPECT_EQ(std::get<printing::text>(copy->document.operations[1]).content,
              "Crème brûlée \"2\"\n");
    EXPECT_EQ(std::get<printing::drawer_pulse>(copy->document.operations[3]).connector, 1);
    EXPECT_FALSE(std::get<printing::drawer_pulse>(copy->document.operations[4]).connector);
    EXPECT_EQ(to_msgpack(*copy), to_msgpack(request));
  }
}

TEST(codec, free_form_data_is_what_a_detour_over_json_text_would_give) {
  const auto request = sample_request();
  EXPECT_EQ(to_value(request), *from_json<value>(to_json(request)));
  action_record record;
  record.id = new_action_id();
  record.state = action_state::failed;
  record.accepted = time_point(std::chrono::microseconds(1'700'000'000'000'001));
  record.text = "Papier \xE2\x80\x93 \"aus\"";
  EXPECT_EQ(to_value(record), *from_json<value>(to_json(record)));
  const auto free = value(value::object{{"list", value::list{1, value::object{{"x", nullptr}}}}});
  EXPECT_EQ(to_value(free), free);
}

TEST(codec, unknown_fields_are_skipped_and_missing_ones_keep_their_defaults) {
  const auto status = from_json<device_status>(R"({"state":"ready","invented":{"deep":[1]}})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, device_state::ready);
  EXPECT_EQ(status->waiting, 0u);
  const auto newer = from_json<device_status>(R"({"state":"a state of the future"})");
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->state, device_state::unknown);
}

struct bad_input {
  const char* json;
  const char* code;
  const char* says;
};

class codec_bad_input : public testing::TestWithParam<bad_input> {};

TEST_P(codec_bad_input, is_a_fault_that_names_the_field) {
  const auto request = from_json<action_request>(GetParam().json);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, GetParam().code);
  EXPECT_NE(request.error().text.find(GetParam().says), std::string::npos) << request.error().text;
}

INSTANTIATE_TEST_SUITE_P(
    all, codec_bad_input,
    testing::Values(bad_input{"{", "message.bad_json", "not JSON"},
                    bad_input{"[]", "message.wrong_type", "the message must be a map"},
                    bad_input{R"({"device":7})", "message.wrong_type", "device must be text"},
                    bad_input{R"({"document":{"operations":{}}})", "message.wrong_type",
                              "document.operations must be a list"},
                    bad_input{
                        R"({"document":{"operations":[{"kind":"picture","scale_percent":70000}]}})",
                        "message.wrong_type", "document.operations[0].scale_percent"},
                    bad_input{R"({"document":{"operations":[{"kind":"picture","encoded":"*"}]}})",
                              "message.wrong_type", "encoded must be bytes"},
                    bad_input{R"({"document":{"operations":[{"kind":"laser"}]}})",
                              "message.unknown_kind", "laser"},
                    bad_input{R"({"trace":{"trace":"xyz"}})", "message.wrong_type", "trace.trace"},
                    bad_input{R"({"document":{"operations":[{"kind":"feed","lines":-1}]}})",
                              "message.wrong_type", "whole number"}));

TEST(codec, deep_nesting_is_refused_not_followed) {
  const auto deep = std::string(100'000, '[');
  EXPECT_EQ(from_json<value>(deep).error().code, "message.too_deep");
  EXPECT_FALSE(from_msgpack<value>(byte_vector(100'000, 0x91)));
}

TEST(codec, every_truncation_of_msgpack_is_a_fault) {
  const auto whole = to_msgpack(sample_request());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(from_msgpack<action_request>(byte_span(whole).first(size))) << size;
  auto longer = whole;
  longer.push_back(0);
  EXPECT_EQ(from_msgpack<action_request>(longer).error().code, "message.trailing_bytes");
}

TEST(codec, a_header_cannot_claim_more_than_there_is) {
  EXPECT_FALSE(from_msgpack<value>(byte_vector{0xdf, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_FALSE(from_msgpack<value>(byte_vector{0xc6, 0xff, 0xff, 0xff, 0xff, 1}));
}

TEST(codec, json_text_is_escaped_and_always_valid) {
  std::string out;
  append_json_string(out, "a\"b\\c\n\x01");
  EXPECT_EQ(out, R"("a\"b\\c\n\u0001")");
  out.clear();
  append_json_string(out, "x\"é\xff");
  EXPECT_EQ(out, "\"x\\\"é\xEF\xBF\xBD\"");
}

TEST(codec, log_lines_count_bytes_instead_of_showing_them) {
  EXPECT_NE(to_log(sample_request()).find("\"4 bytes\""), std::string::npos);
}

TEST(base64, reads_what_it_writes_at_every_length) {
  byte_vector bytes;
  for (int length = 0; length < 70; ++length) {
    const auto text = to_base64(bytes);
    EXPECT_EQ(text.size() % 4, 0u);
    EXPECT_EQ(from_base64(text), bytes);
    bytes.push_back(static_cast<std::uint8_t>(length * 37));
  }
}

TEST(base64, knows_the_vectors_of_rfc_4648) {
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_EQ(as_text(*from_base64("Zm9v\r\nYg==")), "foob");
  EXPECT_EQ(as_text(*from_base64("Zm8")), "fo");
  for (const char* bad : {"Z", "Zm9v*", "Zg==Zg", "Zm9vY"})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(trace, traceparent_follows_the_recommendation) {
  const auto good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto context = from_traceparent(good);
  ASSERT_TRUE(context);
  EXPECT_EQ(to_traceparent(*context), good);
  for (const char* bad : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"})
    EXPECT_FALSE(from_traceparent(bad)) << bad;
  EXPECT_TRUE(from_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"));
}

TEST(trace, a_scope_restores_what_was_current) {
  const auto outer = new_trace();
  trace_scope one(outer);
  {
    trace_scope two(child_of(outer));
    EXPECT_EQ(current_trace().trace, outer.trace);
    EXPECT_NE(current_trace().span, outer.span);
  }
  EXPECT_EQ(current_trace(), outer);
}

TEST(time, rfc_3339_is_read_and_written) {
  const time_point at{std::chrono::microseconds(1'764'000'000'123'456)};
  EXPECT_EQ(to_rfc3339(at), "2025-11-24T16:00:00.123456Z");
  EXPECT_EQ(to_rfc3339(time_point::min()), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(time_point::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(from_rfc3339("2025-11-24T16:00:00.123456Z"), at);
  EXPECT_EQ(from_rfc3339("2025-11-24T17:30:00.123456+01:30"), at);
  for (const char* bad : {"", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-11-24T16:00:00",
                          "2025-11-24T16:00:00.Z", "2025-11-24T16:00:00Zz", "2025-11-24T25:00:00Z"})
    EXPECT_FALSE(from_rfc3339(bad)) << bad;
}

TEST(identifiers, action_ids_are_unique_and_sort_by_time) {
  const auto first = new_action_id();
  EXPECT_EQ(first.text.size(), 26u);
  EXPECT_NE(first, new_action_id());
}

} // namespace
} // namespace troupe
