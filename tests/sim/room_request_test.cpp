#include "sim/room_request.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

struct host_case {
  const char* host;
  bool known;
};

class room_host : public testing::TestWithParam<host_case> {};

TEST_P(room_host, is_known_by_address_localhost_or_a_given_name) {
  transport::http_request request;
  request.path = "/api/v1/printers";
  request.headers.add("Host", GetParam().host);
  auto read = read_room_request(request, {"shop.local"});
  EXPECT_EQ(static_cast<bool>(read), GetParam().known);
  EXPECT_EQ(read ? "" : read.error().code, GetParam().known ? "" : "room.host");
}

INSTANTIATE_TEST_SUITE_P(
    hosts, room_host,
    testing::Values(host_case{"127.0.0.1:8090", true}, host_case{"192.168.1.20", true},
                    host_case{"[::1]:8090", true}, host_case{"[::1]", true},
                    host_case{"localhost:8090", true}, host_case{"LOCALHOST", true},
                    host_case{"shop.local:8090", true}, host_case{"elsewhere.example", false},
                    host_case{"127.0.0.1.example:8090", false}, host_case{"", false},
                    host_case{"[", false}));

TEST(room_request, is_taken_apart) {
  auto read = [](transport::http_method method, std::string_view path) {
    transport::http_request request;
    request.method = method;
    request.path = path;
    request.headers.add("Host", "127.0.0.1");
    request.headers.add("Content-Type", "application/json; charset=utf-8");
    return read_room_request(request, {});
  };
  using transport::http_method;
  EXPECT_EQ(read(http_method::get, "/room.js")->kind, room_request::page);
  EXPECT_EQ(read(http_method::get, "/healthz")->kind, room_request::health);
  EXPECT_EQ(read(http_method::get, "/api/v1/events")->kind, room_request::events);
  auto picture = read(http_method::get, "/api/v1/receipts/a-b-7.png");
  EXPECT_EQ(picture->kind, room_request::picture);
  EXPECT_EQ(picture->receipt, "a-b-7");
  auto play = read(http_method::post, "/api/v1/printers/a-b/paper");
  EXPECT_EQ(play->kind, room_request::play);
  EXPECT_EQ(play->printer, "a-b");
  EXPECT_EQ(play->what, "paper");
  EXPECT_EQ(read(http_method::head, "/api/v1/printers/a-b")->kind, room_request::printer_state);
  EXPECT_EQ(read(http_method::get, "/api/v1/receipts/.png").error().status, 404);
}

} // namespace troupe::sim
