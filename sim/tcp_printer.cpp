#include "sim/tcp_printer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace troupe::sim {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Answers that may wait for a host that does not read them; more are dropped.
constexpr std::size_t waiting_answer_bytes = 16 * 1024;
/// Unread bytes in which a real-time command is still looked for while the buffer is full.
constexpr std::size_t searched_bytes = 64;

class tcp_printer::implementation final : public printer_host,
                                          public std::enable_shared_from_this<implementation> {
public:
  implementation(asio::io_context& context, std::shared_ptr<printer_device> device,
                 tcp_printer_options options)
      : device_(std::move(device)), options_(std::move(options)), acceptor_(context) {}

  std::uint16_t port() const { return options_.port; }

  result<bool> start() {
    auto opened = open_acceptor();
    if (!opened) return opened;
    device_->add_host(weak_from_this());
    device_->set_address(options_.address + ":" + std::to_string(options_.port));
    accept();
    return true;
  }

  void close() {
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    end_connection(true);
  }

  void answer(byte_span bytes) override {
    if (!connection_ || answers_.size() + bytes.size() > waiting_answer_bytes) return;
    answers_.insert(answers_.end(), bytes.begin(), bytes.end());
    write();
  }
  void take_again() override { pass_on(); }
  void power_changed(bool on) override {
    error_code ignored;
    if (!on) {
      acceptor_.close(ignored);
      end_connection(true);
    } else if (!closed_ && open_acceptor()) {
      accept();
    }
  }
  void plug_changed(bool in) override {
    if (!in) return;
    pass_on();
    write();
  }
  void reset_connection() override { end_connection(true); }

private:
  /// One accepted connection; what belongs to an older one is told by its number.
  struct connection {
    explicit connection(tcp::socket accepted) : socket(std::move(accepted)) {}
    tcp::socket socket;
    std::array<std::uint8_t, 4096> buffer{};
    bool reading = false, ended = false, writing = false;
  };
  using connection_ptr = std::shared_ptr<connection>;

  result<bool> open_acceptor() {
    error_code error;
    auto address = asio::ip::make_address(options_.address, error);
    if (!error) acceptor_.open(tcp::endpoint(address, 0).protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(tcp::endpoint(address, options_.port), error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) {
      options_.port = acceptor_.local_endpoint(error).port();
      return true;
    }
    error_code ignored;
    acceptor_.close(ignored);
    auto where = options_.address + " port " + std::to_string(options_.port);
    if (error == asio::error::address_in_use)
      return fault{"sim.port_in_use", "Another program already listens on " + where + ".",
                   "Stop that program, or give the simulated printer another port.", 409};
    return fault{"sim.listen", "Cannot listen on " + where + ": " + error.message() + ".",
                 "Give an address of this machine and a port above 1023.", 500};
  }

  void accept() {
    acceptor_.async_accept([weak = weak_from_this()](error_code error, tcp::socket socket) {
      auto self = weak.lock();
      if (!self || error == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
      if (!error) self->accepted(std::move(socket));
      bool busy = self->connection_ && self->options_.second == second_connection::waits;
      if (busy)
        self->accept_later_ = true;
      else
        self->accept();
    });
  }

  void accepted(tcp::socket socket) {
    error_code ignored;
    if (connection_) {
      socket.set_option(asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
      return;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    // Small, so that a full printer is felt by the sender and not hidden by the system's buffers.
    socket.set_option(asio::socket_base::receive_buffer_size(16 * 1024), ignored);
    connection_ = std::make_shared<connection>(std::move(socket));
    device_->connected(shared_from_this());
    read();
  }

  void read() {
    if (!connection_ || connection_->reading || connection_->ended) return;
    if (held_.size() >= searched_bytes) return;
    auto at = connection_;
    at->reading = true;
    at->socket.async_read_some(asio::buffer(at->buffer), [weak = weak_from_this(),
                                                          at](error_code error, std::size_t count) {
      at->reading = false;
      auto self = weak.lock();
      if (!self || self->connection_ != at) return;
      self->held_.insert(self->held_.end(), at->buffer.begin(),
                         at->buffer.begin() + static_cast<std::ptrdiff_t>(count));
      if (error && error != asio::error::eof) return self->end_connection(false);
      if (error) at->ended = true;
      self->pass_on();
    });
  }

  /// Hands what was read to the printer, and reads on when it was taken.
  void pass_on() {
    if (!connection_ || !device_->plugged()) return;
    auto taken = device_->offer(held_);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (connection_->ended && held_.empty()) return end_connection(false);
    read();
  }

  void write() {
    if (!connection_ || connection_->writing || answers_.empty() || !device_->plugged()) return;
    auto at = connection_;
    at->writing = true;
    auto bytes = std::make_shared<byte_vector>(std::exchange(answers_, {}));
    asio::async_write(at->socket, asio::buffer(*bytes),
                      [weak = weak_from_this(), at, bytes](error_code error, std::size_t) {
                        at->writing = false;
                        auto self = weak.lock();
                        if (!self || self->connection_ != at || error) return;
                        self->write();
                      });
  }

  void end_connection(bool reset) {
    if (!connection_) return;
    error_code ignored;
    if (reset) connection_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
    connection_->socket.close(ignored);
    connection_.reset();
    held_.clear();
    answers_.clear();
    device_->disconnected(this);
    if (std::exchange(accept_later_, false) && acceptor_.is_open()) accept();
  }

  std::shared_ptr<printer_device> device_;
  tcp_printer_options options_;
  tcp::acceptor acceptor_;
  connection_ptr connection_;
  byte_vector held_;    // read, not yet taken by the printer
  byte_vector answers_; // not yet written
  bool accept_later_ = false;
  bool closed_ = false;
};

tcp_printer::tcp_printer(std::shared_ptr<implementation> implementation)
    : implementation_(std::move(implementation)) {}
tcp_printer::~tcp_printer() {
  close();
}
std::uint16_t tcp_printer::port() const {
  return implementation_->port();
}
void tcp_printer::close() {
  implementation_->close();
}

result<std::shared_ptr<tcp_printer>> tcp_printer::listen(boost::asio::io_context& context,
                                                         std::shared_ptr<printer_device> device,
                                                         tcp_printer_options options) {
  auto made = std::make_shared<implementation>(context, std::move(device), std::move(options));
  if (auto started = made->start(); !started) return started.error();
  return std::shared_ptr<tcp_printer>(new tcp_printer(std::move(made)));
}

} // namespace troupe::sim
