#include "sim/printer_port.hpp"

#include <deque>

namespace troupe::sim {

static fault refused(const std::string& name) {
  return {"printer.refused", "The simulated printer " + name + " is switched off.", "Switch it on.",
          503};
}
static fault timed_out(const std::string& name) {
  return {"printer.timeout", "The simulated printer " + name + " does not answer.",
          "Plug its cable in.", 504};
}
static fault cut_off(const std::string& name) {
  return {"printer.closed", "The simulated printer " + name + " ended the connection.",
          "See whether it is switched on.", 502};
}
static fault not_open() {
  return {"port.not_open", "The port is not open.", "Open it and wait until it is.", 409};
}
static fault busy() {
  return {"port.busy", "Too many bytes already wait for the printer.",
          "Wait until some are printed.", 503};
}

/// Everything that callbacks need; they hold it weakly, so that none comes after the port is gone.
class wire final : public printer_host, public std::enable_shared_from_this<wire> {
public:
  wire(std::shared_ptr<printer_device> device, port::port_options options)
      : device_(std::move(device)), options_(options) {}

  void open(port::byte_port::events events) {
    events_ = std::move(events);
    device_->add_host(weak_from_this());
    later([](wire& self) { self.connect(); });
  }

  void write(shared_bytes bytes, port::byte_port::done done) {
    if (!open_) return refuse(std::move(done), not_open());
    if (queue_.size() >= port::max_waiting_writes ||
        waiting_ + bytes.size() > port::max_waiting_bytes)
      return refuse(std::move(done), busy());
    if (waiting_ == 0) last_progress_ = device_->time().now();
    waiting_ += bytes.size();
    job_bytes_ += bytes.size();
    auto size = bytes.size();
    queue_.push_back({std::move(bytes), 0, size, std::move(done)});
    later([](wire& self) { self.pass_on(); });
    watch_for_stall();
  }

  void finish_job(port::byte_port::done done) {
    if (!open_) return refuse(std::move(done), not_open());
    queue_.push_back({{}, 0, std::exchange(job_bytes_, 0), std::move(done)});
    later([](wire& self) { self.pass_on(); });
  }

  void close() {
    closed_ = true;
    open_ = false;
    queue_.clear();
    events_ = {};
    device_->disconnected(this);
  }

  void answer(byte_span bytes) override {
    constexpr std::size_t most_answers = 16 * 1024;
    if (answers_.size() + bytes.size() > most_answers) return;
    answers_.insert(answers_.end(), bytes.begin(), bytes.end());
    later([](wire& self) { self.hand_answers(); });
  }
  void take_again() override {
    later([](wire& self) { self.pass_on(); });
  }
  void power_changed(bool on) override {
    if (!on) end(cut_off(device_->name()));
  }
  void plug_changed(bool in) override {
    if (!in) return;
    later([](wire& self) {
      if (!self.open_) self.connect();
      self.pass_on();
      self.hand_answers();
    });
  }
  void reset_connection() override { end(cut_off(device_->name())); }

private:
  struct waiting_write {
    shared_bytes bytes;
    std::size_t sent = 0;
    std::size_t told = 0; // what `done` gets
    port::byte_port::done done;
  };

  void later(std::function<void(wire&)> job, device_time::clock::duration delay = {}) {
    device_->time().after(delay, [weak = weak_from_this(), job = std::move(job)] {
      if (auto self = weak.lock(); self && !self->closed_) job(*self);
    });
  }

  void refuse(port::byte_port::done done, fault why) {
    later([done = std::move(done), why = std::move(why)](wire&) {
      if (done) done(why);
    });
  }

  /// Through a copy: the callback may close the port, which forgets all callbacks.
  template <class Callback, class... Args>
  static void call(const Callback& callback, Args&&... args) {
    if (auto copy = callback) copy(std::forward<Args>(args)...);
  }

  void connect() {
    if (open_) return;
    if (!device_->powered()) return end(refused(device_->name()));
    if (!device_->plugged()) {
      later(
          [](wire& self) {
            if (!self.open_) self.end(timed_out(self.device_->name()));
          },
          options_.connect_timeout);
      return;
    }
    open_ = true;
    device_->connected(shared_from_this());
    call(events_.opened);
  }

  void pass_on() {
    if (!open_ || !device_->plugged()) return;
    while (!queue_.empty() && !closed_) {
      auto& next = queue_.front();
      auto rest = next.bytes.view().subspan(next.sent);
      auto taken = rest.empty() ? 0 : device_->offer(rest);
      next.sent += taken;
      waiting_ -= taken;
      if (taken > 0) note_progress();
      if (next.sent < next.bytes.size()) return;
      auto finished = std::move(next);
      queue_.pop_front();
      if (finished.done) finished.done(finished.told);
    }
  }

  void note_progress() {
    last_progress_ = device_->time().now();
    if (std::exchange(stalled_, false)) call(events_.stalled, false);
    watch_for_stall();
  }

  void watch_for_stall() {
    if (std::exchange(watching_, true)) return;
    auto wait = last_progress_ + options_.stall_after - device_->time().now();
    later(
        [](wire& self) {
          self.watching_ = false;
          if (self.waiting_ == 0 || self.stalled_) return;
          if (self.device_->time().now() < self.last_progress_ + self.options_.stall_after)
            return self.watch_for_stall();
          self.stalled_ = true;
          call(self.events_.stalled, true);
        },
        wait);
  }

  void hand_answers() {
    if (answers_.empty() || !open_ || !device_->plugged()) return;
    auto bytes = std::exchange(answers_, {});
    call(events_.received, bytes);
  }

  void end(fault why) {
    if (closed_) return;
    open_ = false;
    device_->disconnected(this);
    later([why = std::move(why)](wire& self) {
      self.closed_ = true;
      self.queue_.clear();
      auto closed = std::move(self.events_.closed);
      self.events_ = {};
      if (closed) closed(why);
    });
  }

  std::shared_ptr<printer_device> device_;
  port::port_options options_;
  port::byte_port::events events_;
  std::deque<waiting_write> queue_;
  byte_vector answers_;
  std::size_t waiting_ = 0, job_bytes_ = 0;
  device_time::clock::time_point last_progress_{};
  bool open_ = false, closed_ = false, stalled_ = false, watching_ = false;
};

class printer_port final : public port::byte_port {
public:
  printer_port(std::shared_ptr<printer_device> device, port::port_options options)
      : name_(device->name()), wire_(std::make_shared<wire>(std::move(device), options)) {}
  ~printer_port() override { wire_->close(); }

  void open(events events) override { wire_->open(std::move(events)); }
  void write(shared_bytes bytes, done done) override {
    wire_->write(std::move(bytes), std::move(done));
  }
  void finish_job(done done) override { wire_->finish_job(std::move(done)); }
  void close() override { wire_->close(); }
  std::string describe() const override { return "sim:" + name_; }

private:
  std::string name_;
  std::shared_ptr<wire> wire_;
};

std::unique_ptr<port::byte_port> make_printer_port(std::shared_ptr<printer_device> device,
                                                   const port::port_options& options) {
  return std::make_unique<printer_port>(std::move(device), options);
}

} // namespace troupe::sim
