#pragma once

#include "devices/port/port.hpp"

namespace troupe::port {

/// A directory in which each finished job becomes a file `000001.bin`, `000002.bin` …: for trying
/// things out, and for programs that pick files up. A job is written as `.part`, synced to disk and
/// then renamed, so that a `.bin` is always whole; a job that was never finished stays a `.part`.
/// Numbers go on after the highest that is there. The directory is made if it is missing.
/// Disk work is done by the port's own thread. Faults of `closed` and `done`: port.disk_full,
/// port.not_allowed, port.no_directory, port.broken; of `done` also port.not_open and port.busy.
class file_port final : public byte_port {
public:
  file_port(boost::asio::io_context& context, port_address address);
  ~file_port() override;

  void open(events events) override;
  void write(shared_bytes bytes, done done) override;
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
