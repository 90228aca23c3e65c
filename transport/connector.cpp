#include "transport/connector.hpp"

#include "messages/base64.hpp"
#include "transport/http.hpp"
#include "transport/query.hpp"
#include "transport/request_reader.hpp"
#include "transport/tls_stream.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

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
/// One address of several gets so long before the next is tried, so that one family of addresses
/// that leads nowhere does not keep the other from being used.
constexpr auto address_patience = std::chrono::milliseconds(2500);

/// The two families in turns, as the resolver has them in order (RFC 8305, section 4).
std::vector<tcp::endpoint> in_turns(const tcp::resolver::results_type& found) {
  std::vector<tcp::endpoint> first, second, out;
  for (const auto& each : found) {
    const auto& at = each.endpoint();
    const bool same = first.empty() || first.front().protocol() == at.protocol();
    (same ? first : second).push_back(at);
  }
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

std::string text_of(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

class attempt_run : public std::enable_shared_from_this<attempt_run> {
public:
  using handler = std::function<void(result<connected_stream>)>;

  attempt_run(asio::io_context& loop, url where, connect_options options, bool tunnel, handler done)
      : loop_(loop), where_(std::move(where)), options_(std::move(options)), tunnel_(tunnel),
        done_(std::move(done)), resolver_(loop), socket_(loop), timer_(loop), next_timer_(loop) {}

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
    next_timer_.cancel();
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
          self->targets_ = in_turns(found);
          connect_step step{connect_step::kind::resolved, self->proxy_.has_value()};
          for (const auto& each : self->targets_)
            step.addresses.push_back(text_of(each.address()));
          self->tell(step);
          self->connect_next(asio::error::host_not_found);
        });
  }

  void tell(const connect_step& step) {
    if (options_.progress) options_.progress(step);
  }

  /// Tries the next address; `before` is what the last one ended with.
  void connect_next(const error_code& before) {
    if (!done_) return;
    if (next_ == targets_.size()) return connect_failed(before);
    const auto at = targets_[next_++];
    const auto number = next_;
    error_code ignored;
    socket_.close(ignored);
    if (next_ < targets_.size()) {
      next_timer_.expires_after(address_patience);
      next_timer_.async_wait([self = weak_from_this(), number](const error_code& error) {
        const auto run = self.lock();
        if (error || !run || run->next_ != number || run->is_connected_) return;
        error_code closed;
        run->socket_.close(closed); // its handler goes on
      });
    }
    socket_.async_connect(at, [self = shared_from_this(), number](const error_code& error) {
      if (!self->done_ || self->next_ != number) return;
      self->next_timer_.cancel();
      if (error)
        return self->connect_next(
            error == asio::error::operation_aborted ? error_code(asio::error::timed_out) : error);
      self->is_connected_ = true;
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
    const auto local = socket_.local_endpoint(ignored);
    connected_.remote_address = remote.address().to_string();
    tell({connect_step::kind::connected,
          proxy_.has_value(),
          {},
          text_of(local.address()),
          text_of(remote.address())});
    if (!done_) return;
    if (!proxy_) return secure();
    if (!proxy_->user.empty())
      connected_.proxy_authorization =
          "Basic " + to_base64(as_bytes(proxy_->user + ':' + proxy_->password));
    if (where_.secure() || tunnel_) return ask_for_tunnel();
    connected_.by_proxy = true;
    finish(make_socket_stream(std::move(socket_)));
  }

  std::string target() const {
    const auto host =
        where_.host.find(':') == std::string::npos ? where_.host : '[' + where_.host + ']';
    return host + ':' + std::to_string(where_.port);
  }

  void ask_for_tunnel() {
    proxy_text_ = "CONNECT " + target() + " HTTP/1.1\r\nHost: " + target() + "\r\n";
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
    if (status[0] != '2') return proxy_refused(status);
    if (header_end(text, 0) != text.size()) return proxy_failed("sent more than its answer");
    proxy_.reset(); // from here on faults are about the far end
    tell({connect_step::kind::tunnelled, true});
    if (done_) secure();
  }

  void proxy_refused(std::string_view status) {
    proxy_answer answer;
    std::from_chars(status.data(), status.data() + status.size(), answer.status);
    answer.had_login = !connected_.proxy_authorization.empty();
    bool asks = false, basic = false;
    std::string_view rest = proxy_text_;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const auto line = trimmed(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      const auto name = line.substr(0, colon), content = trimmed(line.substr(colon + 1));
      if (equal_ignoring_case(name, "x-squid-error")) answer.squid_error = content;
      if (!equal_ignoring_case(name, "proxy-authenticate")) continue;
      asks = true;
      basic = basic || equal_ignoring_case(content.substr(0, 5), "basic");
    }
    answer.takes_basic = basic || !asks;
    answer.proxy = proxy_->host + " (port " + std::to_string(proxy_->port) + ")";
    answer.target = target();
    const auto self = shared_from_this();
    auto done = std::exchange(done_, nullptr);
    stop();
    if (done) done(proxy_answer_fault(answer));
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
                            self->tell({connect_step::kind::secured});
                            if (!self->done_) return;
                            self->finish(make_tls_stream(std::move(self->tls_), self->context_));
                          });
  }

  void handshake_failed(const error_code& error) {
    const auto verdict = SSL_get_verify_result(tls_->native_handle());
    if (!options_.verify || verdict == X509_V_OK)
      return fail("transport.tls", "does not agree on TLS: " + error.message(),
                  "Check that this port speaks TLS 1.2 or newer.", 502);
    if (verdict == X509_V_ERR_CERT_NOT_YET_VALID)
      return fail("transport.tls_date", "has a certificate that is not valid yet",
                  "Check this machine's clock.", 502);
    if (verdict == X509_V_ERR_CERT_HAS_EXPIRED)
      return fail("transport.tls_date", "has a certificate that is no longer valid",
                  "Have the certificate renewed there, or check this machine's clock.", 502);
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
      return fail("transport.tls_name", "has a certificate for another name", "Check the address.",
                  502);
    fail("transport.tls",
         std::string("has a certificate that is not trusted: ") +
             X509_verify_cert_error_string(verdict),
         "Check the name, this machine's clock, and the certificates trusted here.", 502);
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
  loop_timer next_timer_;
  std::vector<tcp::endpoint> targets_;
  std::size_t next_ = 0; ///< of `targets_`, the one after that being tried
  bool is_connected_ = false;
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
