#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace troupe::transport {

enum class stream_status : std::uint8_t {
  ok,
  end,   ///< the other side closed its sending direction orderly
  failed ///< reset, cut, or closed by ourselves
};

/// Who uses a stream. Kept alive by its pending reads and writes.
class stream_user {
public:
  virtual ~stream_user() = default;
  virtual void on_read(std::size_t bytes, stream_status status) = 0;
  virtual void on_written(std::size_t bytes, stream_status status) = 0;
  /// The answer to `byte_stream::later`.
  virtual void on_turn() {}
};

/// A two-way stream of bytes on one loop: a socket, TLS over one, or memory in a test. At most one
/// read and one write are pending. Answers never come from within the call.
class byte_stream {
public:
  virtual ~byte_stream() = default;
  /// Reads at least one byte into `into`, which must stay until the answer.
  virtual void read(std::span<char> into, std::shared_ptr<stream_user> user) = 0;
  /// Writes what can be taken at once, without waiting. 0: nothing, use `write`.
  virtual std::size_t write_now(std::span<const byte_span> pieces) = 0;
  /// Writes at least one byte of `pieces`, whose contents must stay until the answer.
  virtual void write(std::span<const byte_span> pieces, std::shared_ptr<stream_user> user) = 0;
  /// Calls `on_turn` once the loop has done what it is at, so that small writes are gathered.
  virtual void later(std::shared_ptr<stream_user> user) = 0;
  /// Says that nothing more will be sent. Nothing may be pending to be written.
  virtual void end_sending() = 0;
  /// Cuts both directions; what is pending ends with `failed`.
  virtual void close() = 0;
};

} // namespace troupe::transport
