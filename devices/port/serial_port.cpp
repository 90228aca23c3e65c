#include "devices/port/serial_port.hpp"

#include "devices/port/serial_line.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <deque>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace troupe::port {
namespace {

using boost::system::error_code;

constexpr std::size_t read_bytes = 256;

fault not_open() {
  return {"port.not_open", "The serial port is not open.", "Wait until it is.", 503};
}
fault busy() {
  return {"port.busy", "Too much already waits for the serial port.",
          "See why the device takes nothing, then try again.", 503};
}

} // namespace

/// Lives on in its handlers until the last has run; silent once `let_go` was called.
class serial_port::connection : public std::enable_shared_from_this<serial_port::connection> {
public:
  connection(boost::asio::io_context& context, port_address address, events events)
      : address_(std::move(address)), events_(std::move(events)), file_(context) {}

  /// Opening does not block (O_NONBLOCK); what it says comes later all the same.
  void open() {
    boost::asio::post(file_.get_executor(), [self = shared_from_this()] {
      if (!self->silent_) self->open_now();
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
    boost::asio::post(file_.get_executor(),
                      [self = shared_from_this(), tell = std::move(tell), why = std::move(why)] {
                        if (!self->silent_ && tell) tell(why);
                      });
  }

  void open_now() {
    auto opened = open_line(address_);
    if (!opened) return fail(opened.error());
    error_code failed;
    file_.assign(opened->file, failed);
    if (failed) {
      ::close(opened->file);
      return fail(line_ended(address_, failed.value()));
    }
    open_ = true;
    if (opened->warning && events_.warned) events_.warned(*opened->warning);
    if (silent_) return;
    read_next();
    if (events_.opened) events_.opened();
  }

  void read_next() {
    file_.async_read_some(boost::asio::buffer(read_buffer_),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            if (self->silent_) return;
                            if (error) return self->fail_by(error);
                            if (self->events_.received)
                              self->events_.received(byte_span(self->read_buffer_).first(count));
                            if (!self->silent_) self->read_next();
                          });
  }

  void write_next() {
    writing_ = !waiting_.empty();
    if (!writing_) return;
    const auto bytes = waiting_.front().bytes.view();
    if (waiting_.front().ends_job) {
      boost::asio::post(file_.get_executor(), [self = shared_from_this()] {
        if (!self->silent_) self->tell_first(std::exchange(self->job_bytes_, 0));
      });
      return;
    }
    boost::asio::async_write(
        file_, boost::asio::buffer(bytes.data(), bytes.size()),
        [self = shared_from_this()](const error_code& error, std::size_t count) {
          if (self->silent_) return;
          if (error) return self->fail_by(error);
          self->job_bytes_ += count;
          self->waiting_bytes_ -= count;
          self->tell_first(count);
        });
  }

  void tell_first(std::size_t count) {
    if (waiting_.empty()) return;
    auto tell = std::move(waiting_.front().tell);
    waiting_.pop_front();
    writing_ = false;
    if (tell) tell(count);
    if (!silent_ && !writing_) write_next();
  }

  void fail_by(const error_code& error) {
    fail(line_ended(address_, error == boost::asio::error::eof ? 0 : error.value()));
  }

  void fail(const fault& why) {
    if (silent_) return;
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

  void end_io() {
    error_code ignored;
    if (file_.is_open()) ::ioctl(file_.native_handle(), TIOCNXCL);
    file_.close(ignored);
  }

  port_address address_;
  events events_;
  boost::asio::posix::stream_descriptor file_;
  std::array<std::uint8_t, read_bytes> read_buffer_{};
  std::deque<waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t job_bytes_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool silent_ = false;
};

serial_port::serial_port(boost::asio::io_context& context, port_address address)
    : context_(context), address_(std::move(address)) {}

serial_port::~serial_port() {
  serial_port::close();
}

void serial_port::open(events events) {
  if (connection_) return;
  connection_ = std::make_shared<connection>(context_, address_, std::move(events));
  connection_->open();
}

void serial_port::write(shared_bytes bytes, done done) {
  if (connection_) return connection_->write(std::move(bytes), std::move(done));
  boost::asio::post(context_, [done = std::move(done)] { done(not_open()); });
}

void serial_port::finish_job(done done) {
  if (connection_) return connection_->finish_job(std::move(done));
  boost::asio::post(context_, [done = std::move(done)] { done(not_open()); });
}

void serial_port::close() {
  if (connection_) connection_->let_go();
}

std::string serial_port::describe() const {
  return to_string(address_);
}

} // namespace troupe::port
