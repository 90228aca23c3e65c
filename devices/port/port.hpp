#pragma once

#include "devices/port/port_address.hpp"
#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

/// Wires to devices that take bytes and may answer with bytes.
namespace troupe::port {

/// Bytes and writes that may wait in one port; more are refused (port.busy).
inline constexpr std::size_t max_waiting_bytes = 64 * 1024 * 1024;
inline constexpr std::size_t max_waiting_writes = 256;

/// One wire to one device. It belongs to the thread that runs its io_context: all calls are made
/// there and all callbacks come there, never from inside the call that caused them. A port is used
/// for one connection: open, then anything, then close; for the next, make another.
class byte_port {
public:
  struct events {
    std::function<void()> opened;
    /// Bytes from the device; they live as long as the call.
    std::function<void(byte_span)> received;
    /// True: bytes wait and the device has taken none for `port_options::stall_after`; out of
    /// paper, most likely. They are kept and go on waiting: whether to give up is the owner's
    /// decision. False: it takes them again.
    std::function<void(bool)> stalled;
    /// The connection could not be made or has ended; nothing follows. Bytes whose `done` did not
    /// come may or may not have reached the device.
    std::function<void(fault)> closed;
    /// Something is not as it was wished, but bytes go all the same. For the log.
    std::function<void(fault)> warned{};
  };
  /// How many bytes went, or why not.
  using done = std::function<void(result<std::size_t>)>;

  virtual ~byte_port() = default;

  /// Connects. `opened` or `closed` comes later.
  virtual void open(events events) = 0;
  /// Sends bytes after all those before. `done` comes when the last was handed to the system.
  virtual void write(shared_bytes bytes, done done) = 0;
  /// Ends the job made of all writes since the last end. `done` gives its bytes when they are safe
  /// as far as the port can tell: acknowledged by the device's network, or on disk under their
  /// name.
  virtual void finish_job(done done) = 0;
  /// Lets go at once, also of what waits. No callback comes after it returns.
  virtual void close() = 0;
  /// The address, for people.
  virtual std::string describe() const = 0;
};

struct port_options {
  /// For the look-up of the name and the connection together.
  std::chrono::milliseconds connect_timeout{5'000};
  /// How long waiting bytes may make no progress before `stalled` tells so.
  std::chrono::milliseconds stall_after{3'000};
};

/// A port of the kind that the address names; not opened yet.
std::unique_ptr<byte_port> make_port(boost::asio::io_context& context, const port_address& address,
                                     const port_options& options = {});

} // namespace troupe::port
