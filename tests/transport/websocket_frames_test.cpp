#include "tests/transport/websocket_wire.hpp"
#include "transport/websocket_frames.hpp"

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

using test::client_frame;
using test::close_payload;

/// Writes down what a reader finds, one word after the other.
class listing_sink : public frame_sink {
public:
  std::string found;
  void on_message(byte_span payload, bool text) override {
    add(text ? "text:" : "binary:", payload);
  }
  void on_ping(byte_span payload) override { add("ping:", payload); }
  void on_pong(byte_span payload) override { add("pong:", payload); }
  void on_close_frame(std::uint16_t code, std::string_view reason) override {
    found += "close:" + std::to_string(code) + ':' + std::string(reason) + ' ';
  }
  void on_violation(std::uint16_t code, std::string_view) override {
    found += "violation:" + std::to_string(code) + ' ';
  }
  bool wants_more() const override { return true; }

private:
  void add(std::string_view kind, byte_span payload) {
    found +=
        std::string(kind) +
        (payload.size() > 40 ? std::to_string(payload.size()) : std::string(as_text(payload))) +
        ' ';
  }
};

std::string read(std::string bytes, std::size_t step, std::size_t limit = 100'000,
                 bool deflate = false) {
  frame_reader reader(websocket_role::server, limit, {.enabled = deflate});
  listing_sink sink;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto size = std::min(step, bytes.size() - at);
    EXPECT_EQ(reader.feed({reinterpret_cast<std::uint8_t*>(bytes.data()) + at, size}, sink), size);
  }
  return sink.found;
}

struct row {
  const char* name;
  std::string bytes;
  std::string expected;
};

const std::string kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";

TEST(frames, follow_rfc_6455) {
  const std::string s125(125, '*');
  const row rows[] = {
      {"empty text", client_frame(0x81, ""), "text: "},
      {"text", client_frame(0x81, "hello"), "text:hello "},
      {"lengths",
       client_frame(0x82, s125) + client_frame(0x82, s125 + "*") +
           client_frame(0x82, std::string(65535, '*')) +
           client_frame(0x82, std::string(65536, '*')),
       "binary:125 binary:126 binary:65535 binary:65536 "},
      {"pings", client_frame(0x89, "") + client_frame(0x89, "a") + client_frame(0x8a, "b"),
       "ping: ping:a pong:b "},
      {"long ping", client_frame(0x89, s125), "ping:125 "},
      {"too long ping", client_frame(0x89, s125 + "*"), "violation:1002 "},
      {"fragmented ping", client_frame(0x09, "a"), "violation:1002 "},
      {"rsv1 without extension", client_frame(0xc1, "a"), "violation:1002 "},
      {"rsv2", client_frame(0xa1, "a"), "violation:1002 "},
      {"rsv3", client_frame(0x91, "a"), "violation:1002 "},
      {"rsv on ping", client_frame(0xc9, "a"), "violation:1002 "},
      {"opcode 3", client_frame(0x83, ""), "violation:1002 "},
      {"opcode 7", client_frame(0x87, ""), "violation:1002 "},
      {"opcode 11", client_frame(0x8b, ""), "violation:1002 "},
      {"opcode 15", client_frame(0x8f, ""), "violation:1002 "},
      {"unmasked", client_frame(0x81, "a", false), "violation:1002 "},
      {"fragments", client_frame(0x01, "a") + client_frame(0x00, "b") + client_frame(0x80, "c"),
       "text:abc "},
      {"fragments with ping",
       client_frame(0x01, "a") + client_frame(0x89, "p") + client_frame(0x80, "c"),
       "ping:p text:ac "},
      {"empty fragments", client_frame(0x01, "") + client_frame(0x00, "") + client_frame(0x80, ""),
       "text: "},
      {"continuation alone", client_frame(0x80, "a"), "violation:1002 "},
      {"unfinished continuation alone", client_frame(0x00, "a"), "violation:1002 "},
      {"text in fragments", client_frame(0x01, "a") + client_frame(0x81, "b"), "violation:1002 "},
      {"continuation after the end",
       client_frame(0x01, "a") + client_frame(0x80, "b") + client_frame(0x80, "c"),
       "text:ab violation:1002 "},
      {"utf-8", client_frame(0x81, kosme), "text:" + kosme + " "},
      {"utf-8 cut by fragments",
       client_frame(0x01, kosme.substr(0, 3)) + client_frame(0x80, kosme.substr(3)),
       "text:" + kosme + " "},
      {"bad utf-8", client_frame(0x81, kosme + "\xed\xa0\x80"), "violation:1007 "},
      {"bad utf-8 in a fragment", client_frame(0x01, "\xc0") + client_frame(0x80, "x"),
       "violation:1007 "},
      {"unfinished utf-8", client_frame(0x81, "\xce"), "violation:1007 "},
      {"binary need not be utf-8", client_frame(0x82, "\xff"), "binary:\xff "},
      {"close", client_frame(0x88, ""), "close:1005: "},
      {"close with reason", client_frame(0x88, close_payload(1000, "bye")), "close:1000:bye "},
      {"close of one byte", client_frame(0x88, "a"), "violation:1002 "},
      {"close with bad reason", client_frame(0x88, close_payload(1000, "\xc0\x80")),
       "violation:1007 "},
      {"close with long reason", client_frame(0x88, close_payload(1000, std::string(124, '*'))),
       "violation:1002 "},
      {"nothing after close", client_frame(0x88, close_payload(1000)) + client_frame(0x81, "a"),
       "close:1000: "},
      {"length not shortest", std::string("\x82\xfe\x00\x05\0\0\0\0hello", 13), "violation:1002 "},
      {"length not shortest, 64 bits", std::string("\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", 14),
       "violation:1002 "},
      {"length of 63 bits", std::string("\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14),
       "violation:1002 "},
      {"length above limit", std::string("\x82\xff\0\0\0\0\x7f\0\0\0\0\0\0\0", 14),
       "violation:1009 "},
      {"fragments above limit",
       client_frame(0x02, std::string(60'000, 'a')) + client_frame(0x80, std::string(60'000, 'a')),
       "violation:1009 "},
  };
  for (const auto& one : rows) {
    EXPECT_EQ(read(one.bytes, one.bytes.size()), one.expected) << one.name;
    EXPECT_EQ(read(one.bytes, 1), one.expected) << one.name << ", byte by byte";
    EXPECT_EQ(read(one.bytes, 997), one.expected) << one.name << ", in pieces";
  }
}

TEST(frames, close_codes_are_checked) {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                         3000, 3999, 4000, 4999})
    EXPECT_TRUE(valid_close_code(static_cast<std::uint16_t>(code))) << code;
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_FALSE(valid_close_code(static_cast<std::uint16_t>(code))) << code;
    EXPECT_EQ(read(client_frame(0x88, close_payload(static_cast<std::uint16_t>(code))), 100),
              "violation:1002 ")
        << code;
  }
}

TEST(frames, headers_are_written_as_they_are_read) {
  for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u, 80'000u}) {
    std::string payload(size, 'p'), frame;
    const std::array<std::uint8_t, 4> mask = {1, 2, 3, 4};
    append_frame_header(frame, opcode::binary, size, false, &mask);
    apply_mask({reinterpret_cast<std::uint8_t*>(payload.data()), payload.size()}, mask, 0);
    EXPECT_EQ(read(frame + payload, 4096),
              "binary:" + (size > 40 ? std::to_string(size) : "") + " ");
  }
}

TEST(deflate, messages_come_back_with_and_without_takeover) {
  for (const bool reset : {false, true}) {
    message_deflater deflater(12, reset);
    message_inflater inflater(reset);
    for (const std::size_t size : {0u, 1u, 100u, 5000u, 200'000u}) {
      std::string message;
      while (message.size() < size)
        message += "some text that repeats " + std::to_string(message.size() % 97);
      message.resize(size);
      for (int again = 0; again < 2; ++again) {
        const auto packed = deflater.pack(as_bytes(message));
        byte_vector out;
        for (std::size_t at = 0; at < packed.size(); at += 1000) {
          const auto part = std::string_view(packed).substr(at, 1000);
          ASSERT_EQ(inflater.feed(as_bytes(part), at + 1000 >= packed.size(), 1 << 20, out),
                    inflate_outcome::ok);
        }
        EXPECT_EQ(as_text(out), message);
      }
    }
  }
}

TEST(deflate, packed_messages_are_read_and_limited) {
  message_deflater deflater(15, false);
  const std::string text(90'000, 'x');
  const auto packed = deflater.pack(as_bytes(text));
  EXPECT_EQ(read(client_frame(0xc1, packed), 1000, 100'000, true), "text:90000 ");
  EXPECT_EQ(read(client_frame(0xc1, packed), 1000, 89'999, true), "violation:1009 ");
  EXPECT_EQ(read(client_frame(0x41, packed.substr(0, 5)) + client_frame(0x80, packed.substr(5)), 7,
                 100'000, true),
            "text:90000 ");
  EXPECT_EQ(read(client_frame(0xc1, "\xff\xff\xff\xff"), 100, 1000, true), "violation:1007 ");
  EXPECT_EQ(read(client_frame(0x41, packed) + client_frame(0xc0, ""), 100'000, 100'000, true),
            "violation:1002 ");
  message_deflater other(15, false);
  EXPECT_EQ(read(client_frame(0xc1, other.pack(as_bytes("\xff bad utf-8"))), 100, 1000, true),
            "violation:1007 ");
}

TEST(deflate, offers_are_answered) {
  struct offer {
    const char* text;
    const char* answer;
  };
  for (const auto& [text, expected] : {
           offer{"permessage-deflate", "permessage-deflate"},
           offer{"permessage-deflate; client_max_window_bits", "permessage-deflate"},
           offer{"permessage-deflate; client_max_window_bits=10", "permessage-deflate"},
           offer{"permessage-deflate; server_max_window_bits=10",
                 "permessage-deflate; server_max_window_bits=10"},
           offer{"permessage-deflate; server_max_window_bits=\"15\"",
                 "permessage-deflate; server_max_window_bits=12"},
           offer{"permessage-deflate; server_max_window_bits=8, permessage-deflate",
                 "permessage-deflate"},
           offer{"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                 "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
           offer{"x-other, permessage-deflate", "permessage-deflate"},
           offer{"permessage-deflate; server_max_window_bits", ""},
           offer{"permessage-deflate; server_max_window_bits=16", ""},
           offer{"permessage-deflate; server_max_window_bits=09", ""},
           offer{"permessage-deflate; server_no_context_takeover=1", ""},
           offer{"permessage-deflate; server_no_context_takeover; server_no_context_takeover", ""},
           offer{"permessage-deflate; unknown", ""},
           offer{"x-webkit-deflate-frame", ""},
           offer{"", ""},
       }) {
    std::string answer;
    EXPECT_EQ(accept_deflate(text, answer).enabled, *expected != '\0') << text;
    EXPECT_EQ(answer, expected) << text;
  }
}

TEST(handshake, has_the_accept_key_of_the_standard) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(make_websocket_key().size(), 24u);
  EXPECT_NE(make_websocket_key(), make_websocket_key());
}

TEST(handshake, the_clients_side_checks_the_answer) {
  websocket_options options{.subprotocols = {"a", "b"}};
  const auto check = [&](std::string_view upgrade, std::string_view accept,
                         std::string_view protocol, std::string_view extensions) {
    http_headers headers;
    headers.add("Upgrade", upgrade);
    headers.add("Connection", "Upgrade");
    headers.add("Sec-WebSocket-Accept", accept);
    if (!protocol.empty()) headers.add("Sec-WebSocket-Protocol", protocol);
    if (!extensions.empty()) headers.add("Sec-WebSocket-Extensions", extensions);
    return check_websocket_answer(headers, "dGhlIHNhbXBsZSBub25jZQ==", options);
  };
  const std::string good = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  const auto agreed =
      check("websocket", good, "b",
            "permessage-deflate; server_no_context_takeover; client_max_window_bits=10");
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->subprotocol, "b");
  EXPECT_TRUE(agreed->deflate.peer_no_takeover);
  EXPECT_EQ(agreed->deflate.own_window_bits, 10);
  EXPECT_FALSE(check("h2c", good, "", ""));
  EXPECT_FALSE(check("websocket", "wrong", "", ""));
  EXPECT_FALSE(check("websocket", good, "c", ""));
  EXPECT_FALSE(check("websocket", good, "", "x-other"));
  EXPECT_FALSE(check("websocket", good, "", "permessage-deflate; client_max_window_bits"));
  options.deflate = false;
  EXPECT_FALSE(check("websocket", good, "", "permessage-deflate"));
}

} // namespace
} // namespace troupe::transport
