#pragma once

#include "messages/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::transport {

/// Close codes of RFC 6455 section 7.4.1 (and the registry for 1012 to 1014).
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported = 1003;
inline constexpr std::uint16_t none_received = 1005; ///< never on the wire
inline constexpr std::uint16_t abnormal = 1006; ///< never on the wire: cut without a close frame
inline constexpr std::uint16_t bad_payload = 1007;
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t restart = 1012;
inline constexpr std::uint16_t try_later = 1013;
} // namespace close_code

/// Limits and time-outs of one WebSocket.
struct websocket_options {
  /// Subprotocols we speak, best first. A server picks the first the client offers too.
  std::vector<std::string> subprotocols{};
  /// Fields added to the 101 answer, in wire form ("Name: value\r\n").
  std::string header_lines{};
  std::size_t message_bytes = 1024 * 1024;      ///< longest message after inflation; above: 1009
  std::size_t queue_bytes = 4 * 1024 * 1024;    ///< waiting to be sent; above: the overflow policy
  bool deflate = true;                          ///< offer or accept permessage-deflate (RFC 7692)
  std::size_t deflate_from = 512;               ///< shorter messages are sent as they are
  std::chrono::milliseconds ping_after{20'000}; ///< silence before a ping; 0: never
  std::chrono::milliseconds silence_limit{50'000}; ///< silence before the cut (1006); 0: never
  std::chrono::milliseconds close_timeout{5'000};  ///< wait for the peer's close frame
  std::chrono::milliseconds write_timeout{30'000}; ///< nothing taken by the peer: cut
};

/// A message to send that many sessions share: serialized once, kept alive by its owner.
struct outgoing_message {
  outgoing_message(std::string text);
  outgoing_message(std::shared_ptr<const std::string> text);
  outgoing_message(shared_bytes bytes);

  std::shared_ptr<const void> owner;
  byte_span bytes;
};

/// What to do with a message that does not fit the queue any more.
enum class overflow : std::uint8_t {
  close, ///< close the session with 1013
  drop   ///< forget this message (the owner marks the gap)
};

/// One open WebSocket, server's or client's side. On the loop's thread only. No callback comes
/// after `on_close`; dropping the last outside reference does not close it: call `close`.
class websocket_session {
public:
  struct callbacks {
    /// `payload` lives during the call. Text is valid UTF-8.
    std::function<void(byte_span payload, bool text)> on_message;
    /// Exactly once. `code` is the peer's (1005 without one), or 1006 for a cut or time-out; when
    /// we closed first, our own.
    std::function<void(std::uint16_t code, std::string_view reason)> on_close;
    /// Asked when the queue is full; unset: close.
    std::function<overflow(std::size_t queued_bytes)> on_overflow;
    /// The queue fell below a quarter of its limit after having been above a half.
    std::function<void()> on_drained;
  };

  virtual ~websocket_session() = default;
  virtual void handle(callbacks handlers) = 0;
  /// False: not open any more, or dropped by the overflow policy.
  virtual bool send_text(outgoing_message message) = 0;
  virtual bool send_binary(outgoing_message message) = 0;
  /// Sends the close frame after what is queued, waits for the peer's, ends. `reason` is cut to 123
  /// bytes of whole UTF-8 characters.
  virtual void close(std::uint16_t code = close_code::normal, std::string_view reason = {}) = 0;
  /// Ends at once without a word.
  virtual void cut() = 0;
  /// The way may have changed: asks the peer at once; silence for so long is a cut.
  virtual void probe(std::chrono::milliseconds patience) = 0;
  /// Stops and continues reading (back-pressure to the peer); pings are not answered meanwhile.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  virtual bool is_open() const = 0;
  virtual std::size_t queued_bytes() const = 0;
  virtual std::string_view subprotocol() const = 0; ///< chosen one, or empty
  virtual std::string_view remote_address() const = 0;
};

using websocket_ptr = std::shared_ptr<websocket_session>;

} // namespace troupe::transport
