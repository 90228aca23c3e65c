#include "transport/http_server.hpp"

#include "transport/http_session.hpp"
#include "transport/server_context.hpp"
#include "transport/socket_stream.hpp"
#include "transport/tls_handshake.hpp"
#include "transport/tls_identity.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <sys/socket.h>

namespace troupe::transport {

namespace asio = boost::asio;
using tcp = boost::asio::ip::tcp;
using boost::system::error_code;
using loop_executor = asio::io_context::executor_type;
using loop_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, loop_executor>;
using loop_acceptor = asio::basic_socket_acceptor<tcp, loop_executor>;

namespace {

/// After a failed accept (no descriptors left) the next try waits this long.
constexpr std::chrono::milliseconds accept_pause{100};
/// Connections the kernel may hold before they are accepted.
constexpr int backlog = 1024;

/// IPv4 addresses that came through an IPv6 socket are shown as IPv4.
std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

} // namespace

/// The Asio side of a server: acceptors and the one timer.
class http_server::state : public std::enable_shared_from_this<state> {
public:
  state(asio::io_context& loop, http_server_options options, handler handle)
      : loop_(loop),
        context_(std::make_shared<server_context>(std::move(options), std::move(handle))),
        sweep_timer_(loop), grace_timer_(loop) {
    context_->post = [executor = loop.get_executor()](std::function<void()> work) {
      asio::post(executor, std::move(work));
    };
  }

  void begin();
  using identity_ptr = std::shared_ptr<const tls_identity>;
  result<std::uint16_t> listen(std::string_view address, std::uint16_t port, identity_ptr identity);
  void stop(std::chrono::milliseconds grace, std::function<void()> done);
  void destroy();
  const http_counters& counters() const { return context_->counters; }

private:
  struct acceptor {
    explicit acceptor(asio::io_context& loop) : listening(loop), pause(loop) {}
    loop_acceptor listening;
    loop_timer pause;
    identity_ptr identity; ///< null: plain
  };
  void accept(std::shared_ptr<acceptor> from);
  void pause_accepting(std::shared_ptr<acceptor> from);
  void take(loop_socket socket, const identity_ptr& identity);
  void shake_hands(loop_socket socket, const tls_identity& identity,
                   connection_addresses addresses);
  void begin_session(std::unique_ptr<byte_stream> stream, connection_addresses addresses);
  void turn_away(loop_socket& socket);
  void arm_sweep();
  void end_stop();

  asio::io_context& loop_;
  std::shared_ptr<server_context> context_;
  std::vector<std::shared_ptr<acceptor>> acceptors_;
  loop_timer sweep_timer_;
  loop_timer grace_timer_;
  bool sweeping_ = false;
  std::function<void()> stopped_;
};

void http_server::state::begin() {
  context_->on_precision = [self = weak_from_this()] {
    const auto state = self.lock();
    if (!state || !state->sweeping_) return;
    state->sweeping_ = false;
    state->arm_sweep(); // setting the timer anew cancels its present wait
  };
}

result<std::uint16_t> http_server::state::listen(std::string_view address, std::uint16_t port,
                                                 identity_ptr identity) {
  const auto where = std::string(address) + " port " + std::to_string(port);
  error_code error;
  const auto parsed = asio::ip::make_address(std::string(address), error);
  if (error)
    return fault{"transport.listen", "\"" + std::string(address) + "\" is not an address.",
                 "Give an IPv4 or IPv6 address, such as 0.0.0.0 or ::.", 500};
  auto made = std::make_shared<acceptor>(loop_);
  auto& listening = made->listening;
  const tcp::endpoint endpoint(parsed, port);
  listening.open(endpoint.protocol(), error);
  if (!error) listening.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && parsed.is_v6()) listening.set_option(asio::ip::v6_only(false), error);
  if (!error) listening.bind(endpoint, error);
  if (!error) listening.listen(backlog, error);
  if (error)
    return fault{"transport.listen", "Cannot listen on " + where + ": " + error.message() + ".",
                 "Choose another port, or stop the program that uses this one.", 500};
  made->identity = std::move(identity);
  acceptors_.push_back(made);
  accept(made);
  return listening.local_endpoint().port();
}

void http_server::state::accept(std::shared_ptr<acceptor> from) {
  auto& listening = from->listening;
  listening.async_accept(loop_.get_executor(), [self = weak_from_this(), from = std::move(from)](
                                                   const error_code& error, loop_socket socket) {
    const auto state = self.lock();
    if (!state || error == asio::error::operation_aborted || !from->listening.is_open()) return;
    if (error && error != asio::error::connection_aborted) return state->pause_accepting(from);
    if (!error) state->take(std::move(socket), from->identity);
    state->accept(from);
  });
}

void http_server::state::pause_accepting(std::shared_ptr<acceptor> from) {
  ++context_->counters.connections_refused;
  from->pause.expires_after(accept_pause);
  from->pause.async_wait([self = weak_from_this(), from](const error_code& error) {
    const auto state = self.lock();
    if (state && !error && from->listening.is_open()) state->accept(from);
  });
}

void http_server::state::take(loop_socket socket, const identity_ptr& identity) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;
  const auto local = socket.local_endpoint(error);
  if (error) return;
  connection_addresses addresses{address_text(remote.address()), remote.port(),
                                 address_text(local.address()), local.port(), identity != nullptr};
  if (context_->full(addresses.remote)) {
    // In TLS a word why would have to be agreed on first.
    if (!identity) return turn_away(socket);
    ++context_->counters.connections_refused;
    return;
  }
  if (!sweeping_) context_->now = std::chrono::steady_clock::now();
  if (identity) return shake_hands(std::move(socket), *identity, std::move(addresses));
  begin_session(make_socket_stream(std::move(socket)), std::move(addresses));
}

void http_server::state::shake_hands(loop_socket socket, const tls_identity& identity,
                                     connection_addresses addresses) {
  if (!identity.shown()) return; // nothing to show yet
  const auto key = addresses.remote;
  const auto shaking = std::make_shared<tls_handshake>(
      std::move(socket), identity.shown(), context_->now + context_->options.handshake_timeout,
      [self = weak_from_this(), addresses = std::move(addresses)](
          tls_handshake& done, std::unique_ptr<byte_stream> stream) mutable {
        const auto state = self.lock();
        if (!state) return;
        auto& counters = state->context_->counters;
        ++(stream ? counters.handshakes : counters.handshakes_failed);
        // The session comes before the handshake goes: a server that stops sees no empty moment.
        if (stream && !state->context_->stopping)
          state->begin_session(std::move(stream), std::move(addresses));
        state->context_->remove(&done);
      });
  context_->add(shaking, key);
  context_->want_precision(context_->options.handshake_timeout);
  shaking->start();
  arm_sweep();
}

void http_server::state::begin_session(std::unique_ptr<byte_stream> stream,
                                       connection_addresses addresses) {
  const auto key = addresses.remote;
  const auto session =
      std::make_shared<http_session>(context_, std::move(stream), std::move(addresses));
  context_->add(session, key);
  session->start();
  arm_sweep();
}

/// Over a limit: a word why, as far as it can be said without waiting.
void http_server::state::turn_away(loop_socket& socket) {
  ++context_->counters.connections_refused;
  output_queue out;
  context_->writer.write(
      out,
      problem({"http.too_many_connections", "There are too many connections at present.",
               "Close some, or try again later.", 503}),
      {false, true, false});
  write_to_descriptor(socket.native_handle(), out.pieces());
  error_code ignored;
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
  // What was sent already is read, or the kernel would reset and the answer be lost.
  char trash[4096];
  while (::recv(socket.native_handle(), trash, sizeof trash, MSG_DONTWAIT) == sizeof trash) {
  }
}

void http_server::state::arm_sweep() {
  if (sweeping_ || context_->empty()) return;
  sweeping_ = true;
  sweep_timer_.expires_after(context_->sweep_interval());
  sweep_timer_.async_wait([self = weak_from_this()](const error_code& error) {
    const auto state = self.lock();
    if (!state || error) return;
    state->sweeping_ = false;
    state->context_->sweep(std::chrono::steady_clock::now());
    state->arm_sweep();
  });
}

void http_server::state::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  stopped_ = std::move(done);
  context_->stopping = true;
  error_code ignored;
  for (const auto& acceptor : acceptors_) {
    acceptor->listening.close(ignored);
    acceptor->pause.cancel();
  }
  acceptors_.clear();
  context_->on_empty = [self = weak_from_this()] {
    if (const auto state = self.lock()) state->end_stop();
  };
  grace_timer_.expires_after(grace);
  grace_timer_.async_wait([self = weak_from_this()](const error_code& error) {
    const auto state = self.lock();
    if (state && !error) state->context_->cut_all();
  });
  context_->finish_all();
  if (context_->empty()) end_stop();
}

void http_server::state::end_stop() {
  grace_timer_.cancel();
  sweep_timer_.cancel();
  if (auto done = std::exchange(stopped_, nullptr)) asio::post(loop_, std::move(done));
}

void http_server::state::destroy() {
  error_code ignored;
  for (const auto& acceptor : acceptors_)
    acceptor->listening.close(ignored);
  context_->on_empty = nullptr;
  context_->on_precision = nullptr;
  context_->cut_all();
  context_->handler = nullptr;
}

http_server::http_server(asio::io_context& loop, http_server_options options, handler handle)
    : state_(std::make_shared<state>(loop, std::move(options), std::move(handle))) {
  state_->begin();
}

http_server::~http_server() {
  state_->destroy();
}

result<std::uint16_t> http_server::listen(std::string_view address, std::uint16_t port) {
  return state_->listen(address, port, nullptr);
}

result<std::uint16_t> http_server::listen_tls(std::string_view address, std::uint16_t port,
                                              std::shared_ptr<const tls_identity> identity) {
  return state_->listen(address, port, std::move(identity));
}

void http_server::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  state_->stop(grace, std::move(done));
}

const http_counters& http_server::counters() const {
  return state_->counters();
}

} // namespace troupe::transport
