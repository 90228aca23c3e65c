#include "transport/tls_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <openssl/x509v3.h>

#include <map>
#include <utility>

namespace troupe::transport {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Keeps socket and settings alive while operations are pending.
class tls_stream final : public byte_stream {
public:
  tls_stream(std::shared_ptr<tls_socket> socket, std::shared_ptr<asio::ssl::context> context)
      : socket_(std::move(socket)), context_(std::move(context)) {}

  void read(std::span<char> into, std::shared_ptr<stream_user> user) override {
    socket_->async_read_some(
        asio::buffer(into.data(), into.size()),
        [user = std::move(user), socket = socket_](const error_code& error, std::size_t bytes) {
          user->on_read(bytes, !error                      ? stream_status::ok
                               : error == asio::error::eof ? stream_status::end
                                                           : stream_status::failed);
        });
  }
  std::size_t write_now(std::span<const byte_span>) override { return 0; }
  void write(std::span<const byte_span> pieces, std::shared_ptr<stream_user> user) override {
    socket_->async_write_some(
        asio::const_buffer(pieces[0].data(), pieces[0].size()),
        [user = std::move(user), socket = socket_](const error_code& error, std::size_t bytes) {
          user->on_written(bytes, error ? stream_status::failed : stream_status::ok);
        });
  }
  void later(std::shared_ptr<stream_user> user) override {
    asio::post(socket_->get_executor(), [user = std::move(user)] { user->on_turn(); });
  }
  void end_sending() override {
    socket_->async_shutdown([socket = socket_](const error_code&) {
      error_code ignored;
      socket->next_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    });
  }
  void close() override {
    error_code ignored;
    socket_->next_layer().close(ignored);
  }

private:
  std::shared_ptr<tls_socket> socket_;
  std::shared_ptr<asio::ssl::context> context_;
};

} // namespace

result<std::shared_ptr<asio::ssl::context>> client_tls(const std::string& ca_file, bool verify) {
  using key = std::pair<std::string, bool>;
  thread_local std::map<key, std::weak_ptr<asio::ssl::context>> known;
  auto& slot = known[key(ca_file, verify)];
  if (auto context = slot.lock()) return context;
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (!ca_file.empty())
    context->load_verify_file(ca_file, error);
  else
    context->set_default_verify_paths(error);
  if (error)
    return fault{
        "transport.tls", "The certificates to trust cannot be read: " + error.message() + ".",
        "Check the file " + (ca_file.empty() ? "of the system's store" : ca_file) + ".", 500};
  context->set_verify_mode(verify ? asio::ssl::verify_peer : asio::ssl::verify_none, error);
  slot = context;
  return context;
}

bool set_expected_name(tls_socket& socket, const std::string& host, bool verify) {
  auto* ssl = socket.native_handle();
  error_code error;
  asio::ip::make_address(host, error);
  const bool name = static_cast<bool>(error);
  if (name && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  if (!verify) return true;
  if (!name) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1;
}

std::unique_ptr<byte_stream> make_tls_stream(std::shared_ptr<tls_socket> socket,
                                             std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<tls_stream>(std::move(socket), std::move(context));
}

} // namespace troupe::transport
