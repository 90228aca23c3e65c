#pragma once

#include "transport/utf8.hpp"
#include "transport/websocket_deflate.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Frames of RFC 6455 section 5 as pure code: bytes in, messages out, and back.
namespace troupe::transport {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// Who gets what a `frame_reader` finds. Views live during the call.
class frame_sink {
public:
  virtual ~frame_sink() = default;
  virtual void on_message(byte_span payload, bool text) = 0;
  virtual void on_ping(byte_span payload) = 0;
  virtual void on_pong(byte_span payload) = 0;
  virtual void on_close_frame(std::uint16_t code, std::string_view reason) = 0;
  /// The peer broke the protocol; nothing more is read. `code` to close with.
  virtual void on_violation(std::uint16_t code, std::string_view text) = 0;
  /// False stops reading after the present frame.
  virtual bool wants_more() const = 0;
};

class frame_reader {
public:
  frame_reader(websocket_role role, std::size_t message_bytes, const deflate_agreement& deflate);

  /// Reads frames; gives the bytes used (all, unless the sink wants no more). Changes `bytes`:
  /// payloads are unmasked in place.
  std::size_t feed(std::span<std::uint8_t> bytes, frame_sink& sink);
  /// Whether nothing more can come: a close frame or a violation was seen.
  bool done() const { return done_; }
  /// Gives memory of past large messages back.
  void trim();

private:
  bool read_header(std::span<std::uint8_t>& bytes, frame_sink& sink);
  bool check_header(frame_sink& sink);
  bool read_length(frame_sink& sink);
  void read_payload(std::span<std::uint8_t>& bytes, frame_sink& sink);
  void control_payload(byte_span part, frame_sink& sink);
  void data_payload(byte_span part, frame_sink& sink);
  void unpack(byte_span part, frame_sink& sink);
  void end_message(byte_span payload, frame_sink& sink);
  void end_control(frame_sink& sink);
  void end_close(byte_span payload, frame_sink& sink);
  void violation(frame_sink& sink, std::uint16_t code, std::string_view text);
  std::size_t header_size() const;

  websocket_role role_;
  std::size_t message_bytes_;
  deflate_agreement deflate_;
  std::optional<message_inflater> inflater_;

  std::array<std::uint8_t, 14> header_{};
  std::size_t header_filled_ = 0;
  bool in_payload_ = false;
  bool done_ = false;

  opcode opcode_ = opcode::continuation;
  bool final_ = false;
  std::uint64_t remaining_ = 0; ///< of the present frame's payload
  std::array<std::uint8_t, 4> mask_{};
  std::uint64_t mask_at_ = 0;

  bool in_message_ = false; ///< between the first and the last frame of a message
  bool message_text_ = false;
  bool message_packed_ = false;
  std::uint64_t packed_bytes_ = 0;
  byte_vector message_;
  utf8_check utf8_;

  std::array<std::uint8_t, 125> control_{};
  std::size_t control_filled_ = 0;
};

/// Appends a frame's header. A mask makes it a client's.
void append_frame_header(std::string& out, opcode code, std::size_t size, bool packed,
                         const std::array<std::uint8_t, 4>* mask);
/// XORs with the mask, from its byte `at`.
void apply_mask(std::span<std::uint8_t> bytes, const std::array<std::uint8_t, 4>& mask,
                std::uint64_t at);
/// Whether a code may stand in a close frame (section 7.4 and the registry).
bool valid_close_code(std::uint16_t code);

} // namespace troupe::transport
