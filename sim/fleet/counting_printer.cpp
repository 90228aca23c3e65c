#include "sim/fleet/counting_printer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::sim {
namespace {

// Epson's ESC/POS reference: DLE EOT 1..4 and GS r 1, with their fixed bits.
constexpr std::array<std::uint8_t, 2> realtime_question{0x10, 0x04};
constexpr std::array<std::uint8_t, 3> job_question{0x1D, 0x72, 0x01};
constexpr std::uint8_t healthy = 0x12;
constexpr std::uint8_t offline = 0x08;        ///< of DLE EOT 1
constexpr std::uint8_t stopped_by_end = 0x20; ///< of DLE EOT 2
constexpr std::uint8_t paper_end = 0x6C;      ///< of DLE EOT 4, near end included
constexpr std::uint8_t job_done = 0x00;

bool starts_with(byte_span bytes, byte_span start) {
  return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
}

} // namespace

/// One connection. What is under way when it closes is dropped, as on a real wire.
class counting_printer::port final : public troupe::port::byte_port {
public:
  explicit port(std::shared_ptr<counting_printer> to) : printer_(std::move(to)) {}
  ~port() override { close(); }

  void open(events events) override {
    events_ = std::move(events);
    printer_->connected_ = this;
    later([this] { events_.opened(); });
  }
  void write(shared_bytes bytes, done done) override {
    later([this, bytes, done = std::move(done)] {
      printer_->take(bytes.view());
      done(bytes.size());
    });
  }
  void finish_job(done done) override {
    later([done = std::move(done)] { done(std::size_t{0}); });
  }
  void close() override {
    alive_.reset();
    if (printer_->connected_ == this) printer_->connected_ = nullptr;
  }
  std::string describe() const override { return "a printer that counts"; }

  void receive(const byte_vector& bytes) {
    later([this, bytes] { events_.received(bytes); });
  }

private:
  void later(std::function<void()> job) {
    printer_->time_.after({}, [alive = std::weak_ptr<int>(alive_), job = std::move(job)] {
      if (alive.lock()) job();
    });
  }

  std::shared_ptr<counting_printer> printer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  events events_;
};

std::shared_ptr<counting_printer> counting_printer::make(device_time time) {
  return std::shared_ptr<counting_printer>(new counting_printer(std::move(time)));
}

std::unique_ptr<troupe::port::byte_port> counting_printer::make_port() {
  return std::make_unique<port>(shared_from_this());
}

void counting_printer::set_paper(bool present) {
  if (std::exchange(paper_, present) == present) return;
  if (!present || jobs_waiting_ == 0) return;
  receipts_ += jobs_waiting_;
  answer(byte_vector(std::exchange(jobs_waiting_, 0), job_done));
}

void counting_printer::take(byte_span bytes) {
  byte_vector answers;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto rest = bytes.subspan(at);
    if (starts_with(rest, realtime_question) && rest.size() > 2 && rest[2] >= 1 && rest[2] <= 4) {
      answers.push_back(status()[rest[2] - 1u]);
      at += 2;
    } else if (starts_with(rest, job_question)) {
      at += 2;
      if (!paper_) {
        ++jobs_waiting_;
        continue;
      }
      ++receipts_;
      answers.push_back(job_done);
    }
  }
  if (!answers.empty()) answer(std::move(answers));
}

void counting_printer::answer(byte_vector bytes) {
  if (connected_ != nullptr) connected_->receive(bytes);
}

byte_vector counting_printer::status() const {
  byte_vector answers(4, healthy);
  if (paper_) return answers;
  answers[0] |= offline;
  answers[1] |= stopped_by_end;
  answers[3] |= paper_end;
  return answers;
}

} // namespace troupe::sim
