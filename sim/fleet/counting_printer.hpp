#pragma once

#include "devices/port/port.hpp"
#include "sim/device_time.hpp"

#include <cstdint>
#include <memory>

namespace troupe::sim {

/// A receipt printer that counts receipts instead of drawing them, so that thousands fit into one
/// program: it answers ESC/POS questions for its status and for the end of a job, and nothing else.
/// Out of paper, a job's end is answered when there is paper again.
class counting_printer : public std::enable_shared_from_this<counting_printer> {
public:
  static std::shared_ptr<counting_printer> make(device_time time);

  void set_paper(bool present);
  bool paper() const { return paper_; }
  std::uint64_t receipts() const { return receipts_; }

  /// A port to it; the last one that is opened gets the answers.
  std::unique_ptr<port::byte_port> make_port();

private:
  class port;
  explicit counting_printer(device_time time) : time_(std::move(time)) {}
  void take(byte_span bytes);
  void answer(byte_vector bytes);
  byte_vector status() const;

  device_time time_;
  port* connected_ = nullptr;
  bool paper_ = true;
  std::uint32_t jobs_waiting_ = 0; ///< ends of jobs not answered for want of paper
  std::uint64_t receipts_ = 0;
};

} // namespace troupe::sim
