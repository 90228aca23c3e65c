#include "sim/scale_port.hpp"

#include <utility>

namespace troupe::sim {
namespace {

/// Everything that callbacks need; they hold it weakly, so that none comes after the port is gone.
class line final : public scale_host, public std::enable_shared_from_this<line> {
public:
  explicit line(std::shared_ptr<scale_device> device) : device_(std::move(device)) {}

  void open(port::byte_port::events events) {
    events_ = std::move(events);
    device_->add_host(weak_from_this());
    later([](line& self) {
      if (!self.device_->plugged()) return self.end("serial.absent", "is not plugged in");
      self.open_ = true;
      self.device_->connected(true);
      if (const auto opened = self.events_.opened) opened();
    });
  }
  void write(shared_bytes bytes, port::byte_port::done done) {
    const bool taken = open_;
    const auto view = bytes.view();
    if (taken) device_->hear(std::string(as_text(view)), weak_from_this());
    later([done = std::move(done), taken, size = bytes.size()](line&) {
      if (!done) return;
      if (taken) return done(size);
      done(fault{"port.not_open", "The scale is not connected.", "Wait until it is.", 503});
    });
  }
  void close() {
    events_ = {};
    closed_ = true;
    if (std::exchange(open_, false)) device_->connected(false);
  }
  void answer(const std::string& bytes) override {
    if (!open_) return;
    if (const auto received = events_.received) received(as_bytes(bytes));
  }
  void plug_changed(bool in) override {
    if (!in && open_) end("serial.closed", "was unplugged");
  }

private:
  void later(std::function<void(line&)> job) {
    device_->time().after({}, [weak = weak_from_this(), job = std::move(job)] {
      if (const auto self = weak.lock(); self && !self->closed_) job(*self);
    });
  }
  void end(const char* code, const char* what) {
    if (std::exchange(open_, false)) device_->connected(false);
    later([code, what](line& self) {
      self.closed_ = true;
      const auto closed = std::exchange(self.events_, {}).closed;
      if (closed)
        closed({code, "The simulated scale " + self.device_->name() + " " + what + ".",
                "Plug it in.", 503});
    });
  }

  std::shared_ptr<scale_device> device_;
  port::byte_port::events events_;
  bool open_ = false, closed_ = false;
};

class scale_port final : public port::byte_port {
public:
  explicit scale_port(std::shared_ptr<scale_device> device)
      : name_(device->name()), line_(std::make_shared<line>(std::move(device))) {}
  ~scale_port() override { line_->close(); }

  void open(events events) override { line_->open(std::move(events)); }
  void write(shared_bytes bytes, done done) override {
    line_->write(std::move(bytes), std::move(done));
  }
  void finish_job(done done) override { line_->write({}, std::move(done)); }
  void close() override { line_->close(); }
  std::string describe() const override { return "sim-scale:" + name_; }

private:
  std::string name_;
  std::shared_ptr<line> line_;
};

} // namespace

std::unique_ptr<port::byte_port> make_scale_port(std::shared_ptr<scale_device> device) {
  return std::make_unique<scale_port>(std::move(device));
}

} // namespace troupe::sim
