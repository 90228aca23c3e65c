#include "devices/port/port_address.hpp"

#include <gtest/gtest.h>

namespace troupe::port {
namespace {

struct address_case {
  const char* text;
  port_address expected;
  const char* written;
};

class good_address : public testing::TestWithParam<address_case> {};

TEST_P(good_address, is_read_and_written_again) {
  const auto& [text, expected, written] = GetParam();
  auto parsed = parse_port_address(text);
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(*parsed, expected);
  EXPECT_EQ(to_string(*parsed), written);
  EXPECT_EQ(*parse_port_address(to_string(*parsed)), expected);
}

INSTANTIATE_TEST_SUITE_P(
    table, good_address,
    testing::Values(
        address_case{"tcp://127.0.0.1:9101",
                     {port_kind::tcp, "127.0.0.1", 9101, ""},
                     "tcp://127.0.0.1:9101"},
        address_case{"tcp://printer.local",
                     {port_kind::tcp, "printer.local", 9100, ""},
                     "tcp://printer.local:9100"},
        address_case{"tcp://till_3-kitchen/",
                     {port_kind::tcp, "till_3-kitchen", 9100, ""},
                     "tcp://till_3-kitchen:9100"},
        address_case{"tcp://[::1]:65535", {port_kind::tcp, "::1", 65535, ""}, "tcp://[::1]:65535"},
        address_case{"tcp://[fe80::1%eth0]",
                     {port_kind::tcp, "fe80::1%eth0", 9100, ""},
                     "tcp://[fe80::1%eth0]:9100"},
        address_case{"file:jobs", {port_kind::file, "", 9100, "jobs"}, "file:jobs"},
        address_case{"file:///var/tmp/a b",
                     {port_kind::file, "", 9100, "/var/tmp/a b"},
                     "file:/var/tmp/a b"},
        address_case{"serial:///dev/ttyUSB0?baud=9600&bits=7&parity=even&stop=1",
                     {.kind = port_kind::serial,
                      .device = "/dev/ttyUSB0",
                      .line = {9600, 7, serial_parity::even, 1}},
                     "serial:/dev/ttyUSB0?baud=9600&bits=7&parity=even&stop=1"},
        address_case{"serial:/dev/pts/5",
                     {.kind = port_kind::serial, .device = "/dev/pts/5"},
                     "serial:/dev/pts/5"},
        address_case{"serial:/dev/ttyS0?stop=2&baud=4800",
                     {.kind = port_kind::serial,
                      .device = "/dev/ttyS0",
                      .line = {4800, std::nullopt, std::nullopt, 2}},
                     "serial:/dev/ttyS0?baud=4800&stop=2"}));

class bad_address : public testing::TestWithParam<const char*> {};

TEST_P(bad_address, is_refused_with_a_reason) {
  auto parsed = parse_port_address(GetParam());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "port.bad_address");
  EXPECT_NE(parsed.error().text.find("is not an address"), std::string::npos);
  EXPECT_FALSE(parsed.error().remedy.empty());
}

INSTANTIATE_TEST_SUITE_P(
    table, bad_address,
    testing::Values("", "tcp:", "tcp://", "tcp://:9100", "tcp://host:", "tcp://host:0",
                    "tcp://host:65536", "tcp://host:9100x", "tcp://ho st", "tcp://-a", "tcp://[::1",
                    "tcp://[host]", "tcp://[::1]9100", "tcp://::1", "tcp://fe80::1:9100",
                    "tcp://a/b", "file:", "file://", "serial:", "serial:ttyUSB0", "serial:/",
                    "serial:/dev/x?baud=9601", "serial:/dev/x?bits=9", "serial:/dev/x?parity=mark",
                    "serial:/dev/x?stop=3", "serial:/dev/x?flow=rts", "serial:/dev/x?baud", "usb:1",
                    "192.168.1.9:9100"));

} // namespace
} // namespace troupe::port
