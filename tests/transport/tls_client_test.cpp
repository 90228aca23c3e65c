#include "tests/transport/own_certificate.hpp"
#include "tests/transport/raw_client.hpp"
#include "transport/http_client.hpp"
#include "transport/websocket_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace troupe::transport {
namespace {

namespace asio = boost::asio;
using test::own_certificate;
using test::run_until;

/// Answers each TLS connection with a fixed text, then closes orderly or not.
class tls_client_test : public testing::Test {
protected:
  using socket = asio::ssl::stream<asio::ip::tcp::socket>;
  own_certificate certificate;
  asio::io_context loop{1};
  asio::ssl::context context{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
  std::string asked;
  bool close_orderly = true;

  void SetUp() override {
    context.use_certificate_chain_file(certificate.certificate_file());
    context.use_private_key_file(certificate.key_file(), asio::ssl::context::pem);
    accept();
  }
  void accept() {
    acceptor.async_accept(
        [this](const boost::system::error_code& error, asio::ip::tcp::socket plain) {
          if (error) return;
          const auto connection = std::make_shared<socket>(std::move(plain), context);
          connection->async_handshake(asio::ssl::stream_base::server,
                                      [this, connection](const boost::system::error_code& failed) {
                                        if (!failed) serve(connection);
                                      });
          accept();
        });
  }
  void serve(const std::shared_ptr<socket>& connection) {
    const auto buffer = std::make_shared<std::array<char, 4096>>();
    connection->async_read_some(
        asio::buffer(*buffer),
        [this, connection, buffer](const boost::system::error_code& error, std::size_t bytes) {
          if (error) return;
          asked.assign(buffer->data(), bytes);
          asio::async_write(*connection, asio::buffer(answer),
                            [this, connection](const boost::system::error_code&, std::size_t) {
                              if (close_orderly)
                                connection->async_shutdown(
                                    [connection](const boost::system::error_code&) {});
                              else
                                connection->next_layer().close();
                            });
        });
  }
  result<client_response> ask(std::string host, std::string ca_file, bool verify = true) {
    http_client client(loop,
                       {.connect = {.proxy = {}, .ca_file = std::move(ca_file), .verify = verify}});
    std::optional<result<client_response>> got;
    client.send(
        {.url = "https://" + host + ":" + std::to_string(acceptor.local_endpoint().port()) + "/x"},
        [&](result<client_response> one) { got.emplace(std::move(one)); });
    if (!run_until(loop, [&] { return got.has_value(); })) return fault{"test", "no answer"};
    return std::move(*got);
  }
};

TEST_F(tls_client_test, trusts_the_given_authority) {
  const auto got = ask("localhost", certificate.certificate_file());
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->body, "secret");
  EXPECT_TRUE(asked.starts_with("GET /x HTTP/1.1\r\nHost: localhost:"));
}

TEST_F(tls_client_test, refuses_strangers_other_names_and_missing_files) {
  const auto stranger = ask("localhost", "");
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, "transport.tls");
  EXPECT_NE(stranger.error().text.find("not trusted"), std::string::npos) << stranger.error().text;
  EXPECT_EQ(ask("127.0.0.1", certificate.certificate_file()).error().code, "transport.tls_name");
  EXPECT_EQ(ask("localhost", "/nowhere.pem").error().code, "transport.tls");
  EXPECT_EQ(asked, "");
  EXPECT_TRUE(ask("127.0.0.1", "", false));
}

TEST_F(tls_client_test, an_answer_without_length_must_end_orderly) {
  answer = "HTTP/1.1 200 OK\r\n\r\nwhole";
  EXPECT_EQ(ask("localhost", certificate.certificate_file())->body, "whole");
  close_orderly = false;
  EXPECT_EQ(ask("localhost", certificate.certificate_file()).error().code, "transport.cut");
}

TEST_F(tls_client_test, opens_websockets_and_says_why_not) {
  answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
  std::optional<fault> error;
  const auto attempt = open_websocket(
      loop,
      {.url = "wss://localhost:" + std::to_string(acceptor.local_endpoint().port()) + "/ws",
       .connect = {.proxy = {}, .ca_file = certificate.certificate_file()}},
      [&](result<websocket_ptr> opened) {
        if (!opened) error = opened.error();
      });
  ASSERT_TRUE(run_until(loop, [&] { return error.has_value(); }));
  EXPECT_EQ(error->code, "transport.handshake");
  EXPECT_NE(asked.find("Upgrade: websocket\r\n"), std::string::npos);
}

} // namespace
} // namespace troupe::transport
