#pragma once

#include "devices/port/port.hpp"

namespace troupe::port {

/// A serial line: a real one, behind USB, or a pseudo-terminal. It is opened for itself alone, raw,
/// without flow control. What is not said of the line is 9600 baud, 8 bits, no parity, 1 stop bit.
/// Faults of `closed`: serial.absent, serial.not_allowed, serial.in_use, serial.not_a_terminal,
/// serial.settings, serial.closed (unplugged, switched off), serial.broken; of `done` also
/// port.not_open and port.busy. Of `warned`: serial.no_parity, when the line cannot do 7 bits or
/// parity (pseudo-terminals) and 8 bits without parity are taken instead.
class serial_port final : public byte_port {
public:
  serial_port(boost::asio::io_context& context, port_address address);
  ~serial_port() override;

  void open(events events) override;
  void write(shared_bytes bytes, done done) override;
  /// A serial line acknowledges nothing: `done` says that the system has taken all.
  void finish_job(done done) override;
  void close() override;
  std::string describe() const override;

private:
  class connection;
  boost::asio::io_context& context_;
  port_address address_;
  std::shared_ptr<connection> connection_;
};

} // namespace troupe::port
