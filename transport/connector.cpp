#include "transport/connector.hpp"

#include "messages/base64.hpp"
#include "transport/request_reader.hpp"
#include "transport/tls_stream.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <charconv>
#include <optional>

namespace troupe::transport {

namespace asio = boost::asio;
using tcp = boost::asio::ip::tcp;
using boost::system::error_code;
using loop_executor = asio::io_context::executor_type;
using loop_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, loop_executor>;

namespace {

/// A proxy's answer to CONNECT may be this long.
constexpr std::size_t proxy_answer_bytes = 8192;

class attempt_run : public std::enable_shared_from_this<attempt_run> {
public:
  using handler = std::function<void(result<connected_stream>)>;

  attempt_run(asio::io_context& loop, url where, connect_options options, bool tunnel, handler done)
      : loop_(loop), where_(std::move(where)), options_(std::move(options)), tunnel_(tunnel),
        done_(std::move(done)), resolver_(loop), socket_(loop), timer_(loop) {}

  void start() {
    timer_.expires_after(options_.connect_timeout);
    timer_.async_wait([self = weak_from_this()](const error_code& error) {
      const auto run = self.lock();
      if (!error && run)
        run->fail("transport.timeout", "did not answer in time",
                  "Check that it is on and reachable.", 504);
    });
    asio::post(loop_, [self = shared_from_this()] { self->choose_way(); });
  }
  void cancel() {
    done_ = nullptr;
    stop();
  }

private:
  std::string peer() const {
    const auto& at = proxy_ ? *proxy_ : where_;
    return (proxy_ ? "The proxy " : "") + at.host + " (port " + std::to_string(at.port) + ")";
  }
  void fail(std::string code, std::string_view what, std::string remedy, std::uint16_t status) {
    const auto self = shared_from_this();
    auto done = std::exchange(done_, nullptr);
    auto text = peer() + ' ' + std::string(what) + '.';
    stop();
    if (done) done(fault{std::move(code), std::move(text), std::move(remedy), status});
  }
  void stop() {
    error_code ignored;
    timer_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
    if (tls_) tls_->next_layer().close(ignored);
  }

  void choose_way() {
    if (!done_) return;
    const auto address = options_.proxy.proxy_for(where_.secure(), where_.host, where_.port);
    if (!address.empty()) {
      const bool bare = address.find("://") == std::string_view::npos;
      auto parsed = parse_url(bare ? "http://" + std::string(address) : std::string(address));
      if (!parsed || parsed->scheme != "http") {
        auto done = std::exchange(done_, nullptr);
        stop();
        return done(fault{"transport.proxy", "The proxy's address cannot be used.",
                          "Give it as http://host:port.", 502});
      }
      proxy_ = std::move(*parsed);
    }
    resolve();
  }

  void resolve() {
    const auto& at = proxy_ ? *proxy_ : where_;
    resolver_.async_resolve(
        at.host, std::to_string(at.port), asio::ip::resolver_base::numeric_service,
        [self = shared_from_this()](const error_code& error, tcp::resolver::results_type found) {
          if (!self->done_) return;
          if (error)
            return self->fail("transport.dns", "cannot be found: " + error.message(),
                              "Check the name and the network's name server.", 502);
          self->connect(std::move(found));
        });
  }

  void connect(tcp::resolver::results_type found) {
    asio::async_connect(socket_, found,
                        [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                          if (!self->done_) return;
                          if (error) return self->connect_failed(error);
                          self->connected();
                        });
  }

  void connect_failed(const error_code& error) {
    if (error == asio::error::connection_refused)
      return fail("transport.refused", "refuses connections",
                  "Check that the service runs there and the port is right.", 502);
    if (error == asio::error::timed_out)
      return fail("transport.timeout", "did not answer in time",
                  "Check that it is on and reachable.", 504);
    fail("transport.unreachable", "cannot be reached: " + error.message(),
         "Check the network between here and there.", 502);
  }

  void connected() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    const auto remote = socket_.remote_endpoint(ignored);
    connected_.remote_address = remote.address().to_string();
    if (!proxy_) return secure();
    if (!proxy_->user.empty())
      connected_.proxy_authorization =
          "Basic " + to_base64(as_bytes(proxy_->user + ':' + proxy_->password));
    if (where_.secure() || tunnel_) return ask_for_tunnel();
    connected_.by_proxy = true;
    finish(make_socket_stream(std::move(socket_)));
  }

  void ask_for_tunnel() {
    const auto host =
        where_.host.find(':') == std::string::npos ? where_.host : '[' + where_.host + ']';
    const auto target = host + ':' + std::to_string(where_.port);
    proxy_text_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!connected_.proxy_authorization.empty())
      proxy_text_ += "Proxy-Authorization: " + connected_.proxy_authorization + "\r\n";
    proxy_text_ += "\r\n";
    asio::async_write(socket_, asio::buffer(proxy_text_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (!self->done_) return;
                        if (error) return self->proxy_failed("cut the connection");
                        self->proxy_text_.clear();
                        self->read_proxy_answer();
                      });
  }

  void proxy_failed(std::string_view what) {
    fail("transport.proxy", what, "Check the proxy's settings and log-in.", 502);
  }

  void read_proxy_answer() {
    socket_.async_read_some(
        asio::buffer(proxy_buffer_),
        [self = shared_from_this()](const error_code& error, std::size_t bytes) {
          if (!self->done_) return;
          if (error) return self->proxy_failed("cut the connection");
          self->proxy_text_.append(self->proxy_buffer_.data(), bytes);
          if (header_end(self->proxy_text_, 0) != std::string_view::npos)
            return self->check_proxy_answer();
          if (self->proxy_text_.size() > proxy_answer_bytes)
            return self->proxy_failed("gave an answer that is too long");
          self->read_proxy_answer();
        });
  }

  void check_proxy_answer() {
    const std::string_view text = proxy_text_;
    const bool http = text.starts_with("HTTP/1.") && text.size() > 12 && text[8] == ' ';
    if (!http) return proxy_failed("does not speak HTTP");
    const auto status = text.substr(9, 3);
    if (status == "407") return proxy_failed("wants a log-in (407)");
    if (status[0] != '2')
      return proxy_failed("refuses the connection (" + std::string(status) + ")");
    if (header_end(text, 0) != text.size()) return proxy_failed("sent more than its answer");
    proxy_.reset(); // from here on faults are about the far end
    secure();
  }

  void secure() {
    if (!where_.secure()) return finish(make_socket_stream(std::move(socket_)));
    auto context = client_tls(options_.ca_file, options_.verify);
    if (!context) {
      auto done = std::exchange(done_, nullptr);
      stop();
      return done(context.error());
    }
    context_ = std::move(*context);
    tls_ = std::make_shared<tls_socket>(std::move(socket_), *context_);
    if (!set_expected_name(*tls_, where_.host, options_.verify))
      return fail("transport.tls", "has a name that TLS cannot check", "Use another name.", 502);
    tls_->async_handshake(asio::ssl::stream_base::client,
                          [self = shared_from_this()](const error_code& error) {
                            if (!self->done_) return;
                            if (error) return self->handshake_failed(error);
                            self->finish(make_tls_stream(std::move(self->tls_), self->context_));
                          });
  }

  void handshake_failed(const error_code& error) {
    const auto verdict = SSL_get_verify_result(tls_->native_handle());
    if (options_.verify && verdict != X509_V_OK)
      return fail("transport.tls",
                  std::string("has a certificate that is not trusted: ") +
                      X509_verify_cert_error_string(verdict),
                  "Check the name, this machine's clock, and the certificates trusted here.", 502);
    fail("transport.tls", "does not agree on TLS: " + error.message(),
         "Check that this port speaks TLS 1.2 or newer.", 502);
  }

  void finish(std::unique_ptr<byte_stream> stream) {
    timer_.cancel();
    tls_.reset(); // the stream's from now on
    connected_.stream = std::move(stream);
    if (auto done = std::exchange(done_, nullptr)) done(std::move(connected_));
  }

  asio::io_context& loop_;
  url where_;
  connect_options options_;
  bool tunnel_;
  handler done_;
  std::optional<url> proxy_;
  asio::ip::basic_resolver<tcp, loop_executor> resolver_;
  loop_socket socket_;
  std::shared_ptr<asio::ssl::context> context_;
  std::shared_ptr<tls_socket> tls_;
  loop_timer timer_;
  connected_stream connected_;
  std::string proxy_text_;
  std::array<char, 1024> proxy_buffer_;
};

class running_attempt final : public connection_attempt {
public:
  explicit running_attempt(std::shared_ptr<attempt_run> run) : run_(std::move(run)) {}
  ~running_attempt() override { run_->cancel(); }

private:
  std::shared_ptr<attempt_run> run_;
};

} // namespace

std::unique_ptr<connection_attempt> connect_to(asio::io_context& loop, const url& where,
                                               const connect_options& options, bool tunnel,
                                               std::function<void(result<connected_stream>)> done) {
  auto run = std::make_shared<attempt_run>(loop, where, options, tunnel, std::move(done));
  run->start();
  return std::make_unique<running_attempt>(std::move(run));
}

} // namespace troupe::transport
