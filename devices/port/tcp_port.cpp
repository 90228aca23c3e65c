#include "devices/port/tcp_port.hpp"

#include "devices/port/socket_facts.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace troupe::port {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

/// Unread bytes that a printer's answers may come in at once.
constexpr std::size_t read_bytes = 1024;
/// First and longest wait between two looks at how far the printer has taken a job.
constexpr milliseconds first_look{1};
constexpr milliseconds last_look{250};

fault not_open() {
  return {"port.not_open", "The printer is not connected.", "Wait until it is.", 503};
}
fault busy() {
  return {"port.busy", "Too much already waits for the printer.",
          "See why it does not print, then try again.", 503};
}

fault fault_of(const error_code& error, const std::string& where) {
  namespace failures = boost::asio::error;
  if (error == failures::connection_refused)
    return {"printer.refused", "The printer at " + where + " refuses the connection.",
            "Check the address; some printers also serve only one computer at a time.", 503};
  if (error == failures::host_not_found || error == failures::host_not_found_try_again ||
      error == failures::no_data || error == failures::service_not_found)
    return {"printer.unknown_name", "Nobody knows the address of " + where + ".",
            "Check the name, or use the printer's IP address.", 503};
  if (error == failures::timed_out)
    return {"printer.timeout", "The printer at " + where + " does not answer.",
            "Check that it is switched on and on the network.", 503};
  if (error == failures::eof || error == failures::connection_reset ||
      error == failures::broken_pipe)
    return {"printer.closed", "The printer at " + where + " closed the connection.",
            "Check whether it was switched off or restarted.", 503};
  return {"printer.unreachable",
          "The printer at " + where + " cannot be reached: " + error.message() + ".",
          "Check that it is switched on, plugged in and on the network.", 503};
}

} // namespace

/// Lives on in its handlers until the last has run; silent once `let_go` was called.
class tcp_port::connection : public std::enable_shared_from_this<tcp_port::connection> {
public:
  connection(boost::asio::io_context& context, const port_address& address,
             const port_options& options, events events)
      : address_(address), options_(options), events_(std::move(events)), resolver_(context),
        socket_(context), timer_(context), look_timer_(context) {}

  void open() {
    timer_.expires_after(options_.connect_timeout);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && !self->open_) self->fail(boost::asio::error::timed_out);
    });
    resolver_.async_resolve(
        address_.host, std::to_string(address_.number), tcp::resolver::numeric_service,
        [self = shared_from_this()](const error_code& error, tcp::resolver::results_type found) {
          self->resolved(error, std::move(found));
        });
  }

  void write(shared_bytes bytes, done done) {
    if (!open_) return refuse(std::move(done), not_open());
    if (waiting_.size() >= max_waiting_writes || waiting_bytes_ + bytes.size() > max_waiting_bytes)
      return refuse(std::move(done), busy());
    waiting_bytes_ += bytes.size();
    waiting_.push_back({std::move(bytes), std::move(done), false});
    if (!writing_) write_next();
  }

  void finish_job(done done) {
    if (!open_) return refuse(std::move(done), not_open());
    if (waiting_.size() >= max_waiting_writes) return refuse(std::move(done), busy());
    waiting_.push_back({{}, std::move(done), true});
    if (!writing_) write_next();
  }

  /// Ends everything without a word.
  void let_go() {
    silent_ = true;
    open_ = false;
    end_io();
    waiting_.clear();
  }

private:
  struct waiting {
    shared_bytes bytes;
    done tell;
    bool ends_job = false;
  };

  void refuse(done tell, fault why) {
    boost::asio::post(socket_.get_executor(),
                      [self = shared_from_this(), tell = std::move(tell), why = std::move(why)] {
                        if (!self->silent_ && tell) tell(why);
                      });
  }

  void resolved(const error_code& error, tcp::resolver::results_type found) {
    if (silent_) return;
    if (error) return fail(error);
    boost::asio::async_connect(
        socket_, found,
        [self = shared_from_this()](const error_code& failure, const tcp::endpoint&) {
          self->connected(failure);
        });
  }

  void connected(const error_code& error) {
    if (silent_) return;
    if (error) return fail(error);
    timer_.cancel();
    open_ = true;
    set_printer_options(socket_.native_handle());
    read_next();
    watch();
    if (events_.opened) events_.opened();
  }

  void read_next() {
    socket_.async_read_some(
        boost::asio::buffer(read_buffer_),
        [self = shared_from_this()](const error_code& error, std::size_t count) {
          if (self->silent_) return;
          if (error) return self->fail(error);
          if (self->events_.received)
            self->events_.received(byte_span(self->read_buffer_).first(count));
          if (!self->silent_) self->read_next();
        });
  }

  void write_next() {
    writing_ = !waiting_.empty();
    if (!writing_) return;
    if (waiting_.front().ends_job) return look(first_look);
    const auto bytes = waiting_.front().bytes.view();
    boost::asio::async_write(
        socket_, boost::asio::buffer(bytes.data(), bytes.size()),
        [self = shared_from_this()](const error_code& error, std::size_t count) {
          self->written(error, count);
        });
    watch();
  }

  void written(const error_code& error, std::size_t count) {
    if (silent_) return;
    if (error) return fail(error);
    job_bytes_ += count;
    waiting_bytes_ -= count;
    tell_first(count);
  }

  void tell_first(std::size_t count) {
    auto tell = std::move(waiting_.front().tell);
    waiting_.pop_front();
    writing_ = false;
    if (tell) tell(count);
    if (!silent_ && !writing_) write_next();
  }

  /// Looks, ever less often, whether the printer's network has acknowledged the whole job.
  void look(milliseconds after) {
    if (unacknowledged_bytes(socket_.native_handle()) == 0) {
      // Not from inside finish_job.
      boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (!self->silent_) self->tell_first(std::exchange(self->job_bytes_, 0));
      });
      return;
    }
    watch();
    look_timer_.expires_after(after);
    look_timer_.async_wait([self = shared_from_this(), after](const error_code& error) {
      if (!error && !self->silent_) self->look(std::min(after * 2, last_look));
    });
  }

  bool something_waits() { return writing_ || unacknowledged_bytes(socket_.native_handle()) > 0; }

  /// Runs while bytes wait, to see that they move and that someone is there.
  void watch() {
    if (watching_ || !something_waits()) return;
    watching_ = true;
    last_taken_ = acknowledged_bytes(socket_.native_handle());
    last_progress_ = std::chrono::steady_clock::now();
    watch_next();
  }

  void watch_next() {
    timer_.expires_after(std::max<milliseconds>(options_.stall_after / 4, milliseconds{1}));
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && !self->silent_) self->watch_once();
    });
  }

  void watch_once() {
    if (peer_is_gone(socket_.native_handle())) return fail(boost::asio::error::host_unreachable);
    const auto now = std::chrono::steady_clock::now();
    const auto taken = acknowledged_bytes(socket_.native_handle());
    if (taken != last_taken_ || !something_waits()) {
      last_taken_ = taken;
      last_progress_ = now;
      tell_stalled(false);
    } else if (now - last_progress_ >= options_.stall_after) {
      tell_stalled(true);
    }
    if (silent_) return;
    watching_ = something_waits();
    if (watching_) watch_next();
  }

  void tell_stalled(bool stalled) {
    if (std::exchange(stalled_, stalled) != stalled && events_.stalled) events_.stalled(stalled);
  }

  void fail(const error_code& error) {
    if (silent_) return;
    const auto why = fault_of(error, to_string(address_));
    auto told = std::move(waiting_);
    auto closed = std::move(events_.closed);
    // An owner may let go inside any of these calls; the rest is kept quiet then.
    open_ = false;
    waiting_.clear();
    end_io();
    for (auto& one : told)
      if (!silent_ && one.tell) one.tell(why);
    if (!silent_ && closed) closed(why);
    silent_ = true;
  }

  /// What the printer has not taken by now must not come out of it later.
  void end_io() {
    error_code ignored;
    if (socket_.is_open() && unacknowledged_bytes(socket_.native_handle()) > 0)
      socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    resolver_.cancel();
    timer_.cancel();
    look_timer_.cancel();
    socket_.close(ignored);
  }

  port_address address_;
  port_options options_;
  events events_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  boost::asio::steady_timer timer_; ///< of the connection at first, of progress afterwards
  boost::asio::steady_timer look_timer_;
  std::array<std::uint8_t, read_bytes> read_buffer_{};
  std::deque<waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t job_bytes_ = 0;
  std::uint64_t last_taken_ = 0;
  std::chrono::steady_clock::time_point last_progress_;
  bool open_ = false;
  bool writing_ = false;
  bool watching_ = false;
  bool stalled_ = false;
  bool silent_ = false;
};

tcp_port::tcp_port(boost::asio::io_context& context, port_address address, port_options options)
    : context_(context), address_(std::move(address)), options_(options) {}

tcp_port::~tcp_port() {
  tcp_port::close();
}

void tcp_port::open(events events) {
  if (connection_) return;
  connection_ = std::make_shared<connection>(context_, address_, options_, std::move(events));
  connection_->open();
}

void tcp_port::write(shared_bytes bytes, done done) {
  if (connection_) return connection_->write(std::move(bytes), std::move(done));
  boost::asio::post(context_, [done = std::move(done)] { done(not_open()); });
}

void tcp_port::finish_job(done done) {
  if (connection_) return connection_->finish_job(std::move(done));
  boost::asio::post(context_, [done = std::move(done)] { done(not_open()); });
}

void tcp_port::close() {
  if (connection_) connection_->let_go();
}

std::string tcp_port::describe() const {
  return to_string(address_);
}

} // namespace troupe::port
