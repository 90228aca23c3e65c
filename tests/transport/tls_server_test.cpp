#include "tests/transport/own_certificate.hpp"
#include "tests/transport/raw_client.hpp"
#include "transport/http_client.hpp"
#include "transport/http_server.hpp"
#include "transport/tls_identity.hpp"
#include "transport/websocket_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include <optional>

namespace troupe::transport {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::own_certificate;
using test::run_until;

tls_identity::chain chain_of(const own_certificate& certificate,
                             std::vector<std::string> names = {}) {
  return {{certificate.der()}, certificate.key(), std::move(names)};
}

/// A client of OpenSSL's own that says which certificate it was shown.
class plain_tls_client {
public:
  plain_tls_client(asio::io_context& loop, std::uint16_t port, const std::string& name = {},
                   int newest = TLS1_3_VERSION, const char* ciphers = nullptr)
      : loop_(loop), socket_(loop, context_) {
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_VERSION);
    SSL_set_max_proto_version(socket_.native_handle(), newest);
    SSL_set_security_level(socket_.native_handle(), 0);
    if (ciphers != nullptr) SSL_set_cipher_list(socket_.native_handle(), ciphers);
    if (!name.empty()) SSL_set_tlsext_host_name(socket_.native_handle(), name.c_str());
    const unsigned char offered[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(socket_.native_handle(), offered, sizeof offered - 1);
    socket_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    std::optional<boost::system::error_code> ended;
    socket_.async_handshake(asio::ssl::stream_base::client,
                            [&](const boost::system::error_code& error) { ended = error; });
    EXPECT_TRUE(run_until(loop, [&] { return ended.has_value(); }));
    good_ = ended && !*ended;
  }
  bool good() const { return good_; }
  std::string shown() {
    X509* certificate = SSL_get1_peer_certificate(socket_.native_handle());
    if (certificate == nullptr) return {};
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    X509_free(certificate);
    return name;
  }
  std::string protocol() {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(socket_.native_handle(), &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
  }
  std::string version() { return SSL_get_version(socket_.native_handle()); }
  std::string ask() {
    const std::string request = "GET / HTTP/1.1\r\nHost: box\r\n\r\n";
    bool written = false;
    asio::async_write(socket_, asio::buffer(request),
                      [&](const boost::system::error_code&, std::size_t) { written = true; });
    std::string answer(4096, '\0');
    std::optional<std::size_t> got;
    socket_.async_read_some(asio::buffer(answer), [&](const boost::system::error_code&,
                                                      std::size_t bytes) { got = bytes; });
    EXPECT_TRUE(run_until(loop_, [&] { return written && got; }));
    answer.resize(got.value_or(0));
    return answer;
  }

private:
  asio::io_context& loop_;
  asio::ssl::context context_{asio::ssl::context::tls_client};
  asio::ssl::stream<asio::ip::tcp::socket> socket_;
  bool good_ = false;
};

class tls_server_test : public testing::Test {
protected:
  own_certificate first{"localhost"};
  own_certificate second{"box.example"};
  asio::io_context loop{1};
  std::shared_ptr<tls_identity> identity = std::make_shared<tls_identity>();
  http_server_options options{.handshake_timeout = 200ms};
  std::optional<http_server> server;
  std::uint16_t port = 0;
  bool secure = false;

  void listen() {
    server.emplace(loop, options, [this](http_exchange exchange) {
      secure = exchange.request().secure;
      if (exchange.request().path == "/socket")
        return (void)exchange.upgrade_websocket({}, [this](websocket_ptr socket) {
          open = std::move(socket);
          open->handle({.on_message = [this](byte_span said, bool) {
            open->send_text(std::string(as_text(said)));
          }});
        });
      exchange.respond(text_response("hello"));
    });
    port = *server->listen_tls("127.0.0.1", 0, identity);
  }
  websocket_ptr open;
};

TEST_F(tls_server_test, answers_over_tls_and_knows_it) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  listen();
  http_client client(loop, {.connect = {.proxy = {}, .ca_file = first.certificate_file()}});
  std::optional<result<client_response>> got;
  client.send({.url = "https://localhost:" + std::to_string(port) + "/"},
              [&](result<client_response> one) { got.emplace(std::move(one)); });
  ASSERT_TRUE(run_until(loop, [&] { return got.has_value(); }));
  ASSERT_TRUE(*got) << got->error().text;
  EXPECT_EQ((*got)->status, 200);
  EXPECT_TRUE(secure);
  EXPECT_EQ(server->counters().handshakes, 1u);
}

TEST_F(tls_server_test, only_what_is_strong_is_agreed_on) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  listen();
  EXPECT_EQ(plain_tls_client(loop, port).version(), "TLSv1.3");
  EXPECT_EQ(plain_tls_client(loop, port).protocol(), "http/1.1") << "no h2 is spoken here";
  EXPECT_EQ(plain_tls_client(loop, port, "", TLS1_2_VERSION).version(), "TLSv1.2");
  EXPECT_FALSE(plain_tls_client(loop, port, "", TLS1_1_VERSION).good());
  EXPECT_FALSE(plain_tls_client(loop, port, "", TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256").good())
      << "CBC";
  EXPECT_TRUE(
      plain_tls_client(loop, port, "", TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256").good());
  EXPECT_EQ(server->counters().handshakes_failed, 2u);
}

TEST_F(tls_server_test, the_name_that_is_asked_for_chooses_the_chain) {
  own_certificate wild{"*.k3f9.example"};
  ASSERT_TRUE(identity->show(std::vector{chain_of(first), chain_of(second, {"box.example"}),
                                         chain_of(wild, {"*.k3f9.example"})}));
  listen();
  EXPECT_EQ(plain_tls_client(loop, port).shown(), "localhost");
  EXPECT_EQ(plain_tls_client(loop, port, "unknown.example").shown(), "localhost");
  EXPECT_EQ(plain_tls_client(loop, port, "box.example").shown(), "box.example");
  EXPECT_EQ(plain_tls_client(loop, port, "BOX.example").shown(), "box.example");
  EXPECT_EQ(plain_tls_client(loop, port, "192-168-1-5.k3f9.example").shown(), "*.k3f9.example");
  EXPECT_EQ(plain_tls_client(loop, port, "a.b.k3f9.example").shown(), "localhost");
}

TEST_F(tls_server_test, a_swap_is_for_new_connections_and_cuts_none) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  listen();
  plain_tls_client before(loop, port);
  EXPECT_NE(before.ask().find("hello"), std::string::npos);
  ASSERT_TRUE(identity->show(std::vector{chain_of(second)}));
  EXPECT_EQ(plain_tls_client(loop, port).shown(), "box.example");
  EXPECT_NE(before.ask().find("hello"), std::string::npos) << "the open one lives on";
  EXPECT_EQ(before.shown(), "localhost");
}

TEST_F(tls_server_test, a_websocket_lives_through_a_swap) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  listen();
  websocket_ptr socket;
  std::string heard;
  const auto attempt = open_websocket(
      loop,
      {.url = "wss://localhost:" + std::to_string(port) + "/socket",
       .connect = {.proxy = {}, .ca_file = first.certificate_file()}},
      [&](result<websocket_ptr> made) {
        ASSERT_TRUE(made) << made.error().text;
        socket = *std::move(made);
        socket->handle({.on_message = [&](byte_span said, bool) { heard = as_text(said); }});
      });
  ASSERT_TRUE(run_until(loop, [&] { return socket != nullptr; }));
  ASSERT_TRUE(identity->show(std::vector{chain_of(second)}));
  ASSERT_TRUE(
      identity->show(std::vector{chain_of(first)})); // the one it began with is gone but for it
  socket->send_text(std::string("still there?"));
  EXPECT_TRUE(run_until(loop, [&] { return heard == "still there?"; }));
  socket->cut();
  open->cut();
  open = nullptr;
}

TEST_F(tls_server_test, what_does_not_fit_together_is_not_shown) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  listen();
  EXPECT_EQ(identity->show(std::vector<tls_identity::chain>{}).error().code, "transport.tls");
  EXPECT_EQ(identity->show(std::vector{tls_identity::chain{{first.der()}, second.key(), {}}})
                .error()
                .code,
            "transport.tls");
  EXPECT_EQ(identity->show(std::vector{tls_identity::chain{{}, first.key(), {}}}).error().code,
            "transport.tls");
  EXPECT_EQ(identity
                ->show(std::vector{chain_of(first),
                                   tls_identity::chain{{shared_bytes::copy_of("x")}, {}, {}}})
                .error()
                .code,
            "transport.tls");
  EXPECT_EQ(plain_tls_client(loop, port).shown(), "localhost") << "what was shown stays";
}

TEST_F(tls_server_test, who_does_not_shake_hands_is_cut) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  listen();
  test::raw_client silent(loop, port);
  test::raw_client plain(loop, port);
  plain.send("GET / HTTP/1.1\r\nHost: box\r\n\r\n");
  EXPECT_TRUE(run_until(loop, [&] { return !plain.take(); })) << "no TLS";
  EXPECT_TRUE(run_until(loop, [&] { return !silent.take(); })) << "too slow";
  EXPECT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 0; }));
  EXPECT_EQ(server->counters().handshakes_failed, 2u);
  EXPECT_EQ(server->counters().requests, 0u);
}

TEST_F(tls_server_test, without_anything_to_show_connections_are_cut) {
  listen();
  test::raw_client client(loop, port);
  EXPECT_TRUE(run_until(loop, [&] { return !client.take(); }));
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  EXPECT_TRUE(plain_tls_client(loop, port).good());
}

TEST_F(tls_server_test, stops_in_the_middle_of_a_handshake) {
  ASSERT_TRUE(identity->show(std::vector{chain_of(first)}));
  options.handshake_timeout = 10s;
  listen();
  test::raw_client silent(loop, port);
  ASSERT_TRUE(run_until(loop, [&] { return server->counters().connections_open == 1; }));
  bool stopped = false;
  server->stop(5s, [&] { stopped = true; });
  EXPECT_TRUE(run_until(loop, [&] { return stopped; }));
}

} // namespace
} // namespace troupe::transport
