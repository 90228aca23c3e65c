#pragma once

#include "messages/bytes.hpp"
#include "transport/websocket_handshake.hpp"

#include <memory>
#include <string>

namespace troupe::transport {

enum class inflate_outcome : std::uint8_t { ok, broken, too_big };

/// Opens the messages of permessage-deflate (RFC 7692 section 7.2.2). Made at the first message.
class message_inflater {
public:
  explicit message_inflater(bool reset_each_message);
  ~message_inflater();
  /// Appends what comes out of a part of a message; `last` ends the message.
  inflate_outcome feed(byte_span part, bool last, std::size_t limit, byte_vector& out);

private:
  inflate_outcome run(byte_span part, std::size_t limit, byte_vector& out);
  struct stream;
  std::unique_ptr<stream> stream_;
  bool reset_each_message_;
};

/// Packs whole messages (RFC 7692 section 7.2.1).
class message_deflater {
public:
  message_deflater(int window_bits, bool reset_each_message);
  ~message_deflater();
  std::string pack(byte_span message);

private:
  struct stream;
  std::unique_ptr<stream> stream_;
  bool reset_each_message_;
};

} // namespace troupe::transport
