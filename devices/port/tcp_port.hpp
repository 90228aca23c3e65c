#pragma once

#include "devices/port/port.hpp"

namespace troupe::port {

/// A printer on the network (raw printing over TCP). Faults of `closed`: printer.unknown_name,
/// printer.timeout, printer.refused, printer.unreachable, printer.closed; of `done` also
/// port.not_open and port.busy.
///
/// A printer without paper closes its TCP window and answers probes for as long as it takes, so the
/// connection is kept: TCP_USER_TIMEOUT is left alone, since on Linux it would end it then. What
/// tells a dead printer from a paperless one is whether it acknowledges anything: four probes or
/// six repeats in a row without an answer end the connection (printer.unreachable). An idle
/// connection is watched by keepalive.
class tcp_port final : public byte_port {
public:
  tcp_port(boost::asio::io_context& context, port_address address, port_options options);
  ~tcp_port() override;

  void open(events events) override;
  void write(shared_bytes bytes, done done) override;
  void finish_job(done done) override;
  void close() override;
  std::string describe() const override;

private:
  class connection;
  boost::asio::io_context& context_;
  port_address address_;
  port_options options_;
  std::shared_ptr<connection> connection_;
};

} // namespace troupe::port
