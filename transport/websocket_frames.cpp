#include "transport/websocket_frames.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::transport {

namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t packed_bit = 0x40;
constexpr std::uint8_t reserved_bits = 0x30;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::size_t largest_control = 125;
/// Messages kept in memory between two messages at most.
constexpr std::size_t kept_message_bytes = 64 * 1024;

bool is_control(opcode code) {
  return static_cast<std::uint8_t>(code) >= 8;
}

} // namespace

bool valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

void apply_mask(std::span<std::uint8_t> bytes, const std::array<std::uint8_t, 4>& mask,
                std::uint64_t at) {
  std::array<std::uint8_t, 8> turned;
  for (std::size_t i = 0; i < 8; ++i)
    turned[i] = mask[(at + i) & 3];
  std::uint64_t wide;
  std::memcpy(&wide, turned.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= wide;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  for (; i < bytes.size(); ++i)
    bytes[i] ^= turned[i & 7];
}

void append_frame_header(std::string& out, opcode code, std::size_t size, bool packed,
                         const std::array<std::uint8_t, 4>* mask) {
  const std::uint8_t masked = mask ? mask_bit : 0;
  const auto put = [&](std::size_t byte) { out += static_cast<char>(byte); };
  put(final_bit | (packed ? packed_bit : 0) | static_cast<std::uint8_t>(code));
  if (size < 126) {
    put(masked | size);
  } else if (size <= 0xffff) {
    put(masked | 126u);
    put(size >> 8), put(size & 0xff);
  } else {
    put(masked | 127u);
    for (int shift = 56; shift >= 0; shift -= 8)
      put(size >> shift & 0xff);
  }
  if (mask) out.append(reinterpret_cast<const char*>(mask->data()), mask->size());
}

frame_reader::frame_reader(websocket_role role, std::size_t message_bytes,
                           const deflate_agreement& deflate)
    : role_(role), message_bytes_(message_bytes), deflate_(deflate) {}

std::size_t frame_reader::feed(std::span<std::uint8_t> bytes, frame_sink& sink) {
  const auto size = bytes.size();
  while (!done_ && sink.wants_more()) {
    if (!in_payload_ && !read_header(bytes, sink)) break;
    if (done_) break;
    read_payload(bytes, sink);
    if (in_payload_) break;
  }
  return done_ ? size : size - bytes.size();
}

void frame_reader::trim() {
  if (!in_message_ && message_.capacity() > kept_message_bytes) byte_vector().swap(message_);
}

void frame_reader::violation(frame_sink& sink, std::uint16_t code, std::string_view text) {
  done_ = true;
  sink.on_violation(code, text);
}

std::size_t frame_reader::header_size() const {
  if (header_filled_ < 2) return 2;
  const std::uint8_t length = header_[1] & 0x7f;
  return 2 + (length == 127 ? 8u : length == 126 ? 2u : 0u) + (header_[1] & mask_bit ? 4u : 0u);
}

bool frame_reader::read_header(std::span<std::uint8_t>& bytes, frame_sink& sink) {
  while (header_filled_ < header_size()) {
    if (bytes.empty()) return false;
    header_[header_filled_++] = bytes[0];
    bytes = bytes.subspan(1);
    if (header_filled_ == 2 && !check_header(sink)) return false;
  }
  header_filled_ = 0;
  in_payload_ = true;
  return read_length(sink);
}

bool frame_reader::check_header(frame_sink& sink) {
  const auto fail = [&](std::string_view text) {
    violation(sink, close_code::protocol_error, text);
    return false;
  };
  const std::uint8_t first = header_[0];
  const std::uint8_t code = first & 0x0f;
  final_ = first & final_bit;
  opcode_ = static_cast<opcode>(code);
  if ((code > 2 && code < 8) || code > 10) return fail("unknown opcode");
  if (first & reserved_bits) return fail("reserved bit set");
  if (((header_[1] & mask_bit) != 0) != (role_ == websocket_role::server))
    return fail(role_ == websocket_role::server ? "frame not masked" : "frame masked");
  const bool packed = first & packed_bit;
  if (is_control(opcode_)) {
    if (!final_) return fail("fragmented control frame");
    if ((header_[1] & 0x7f) > largest_control) return fail("control frame too long");
    return packed ? fail("reserved bit set") : true;
  }
  if (opcode_ == opcode::continuation) {
    if (!in_message_) return fail("continuation without a start");
    return packed ? fail("reserved bit set") : true;
  }
  if (in_message_) return fail("new message inside a message");
  if (packed && !deflate_.enabled) return fail("reserved bit set");
  in_message_ = true;
  message_text_ = opcode_ == opcode::text;
  message_packed_ = packed;
  packed_bytes_ = 0;
  message_.clear();
  utf8_.reset();
  return true;
}

bool frame_reader::read_length(frame_sink& sink) {
  std::size_t at = 2;
  const std::uint8_t length = header_[1] & 0x7f;
  remaining_ = length;
  if (length >= 126) {
    const std::size_t bytes = length == 126 ? 2 : 8;
    remaining_ = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      remaining_ = remaining_ << 8 | header_[at++];
    if (remaining_ < (length == 126 ? 126u : 0x10000u) || remaining_ >> 63) {
      violation(sink, close_code::protocol_error, "length not in its shortest form");
      return false;
    }
  }
  if (header_[1] & mask_bit) std::copy_n(header_.begin() + at, 4, mask_.begin());
  mask_at_ = 0;
  control_filled_ = is_control(opcode_) ? 0 : control_filled_;
  if (is_control(opcode_)) return true;
  packed_bytes_ += message_packed_ ? remaining_ : 0;
  const auto sum = message_packed_ ? packed_bytes_ : message_.size() + remaining_;
  if (remaining_ > message_bytes_ || sum > message_bytes_) {
    violation(sink, close_code::too_big, "message too big");
    return false;
  }
  return true;
}

void frame_reader::read_payload(std::span<std::uint8_t>& bytes, frame_sink& sink) {
  const auto part = bytes.first(std::min<std::uint64_t>(remaining_, bytes.size()));
  bytes = bytes.subspan(part.size());
  if (role_ == websocket_role::server) apply_mask(part, mask_, mask_at_);
  mask_at_ += part.size();
  remaining_ -= part.size();
  in_payload_ = remaining_ > 0;
  if (is_control(opcode_))
    control_payload(part, sink);
  else
    data_payload(part, sink);
}

void frame_reader::control_payload(byte_span part, frame_sink& sink) {
  std::copy(part.begin(), part.end(), control_.begin() + control_filled_);
  control_filled_ += part.size();
  if (!in_payload_) end_control(sink);
}

void frame_reader::data_payload(byte_span part, frame_sink& sink) {
  if (message_packed_) return unpack(part, sink);
  if (message_text_ && !utf8_.feed(part))
    return violation(sink, close_code::bad_payload, "text is not UTF-8");
  const bool last = final_ && !in_payload_;
  if (last && message_.empty()) return end_message(part, sink);
  message_.insert(message_.end(), part.begin(), part.end());
  if (last) end_message(message_, sink);
}

void frame_reader::unpack(byte_span part, frame_sink& sink) {
  if (!inflater_) inflater_.emplace(deflate_.peer_no_takeover);
  const auto before = message_.size();
  const bool last = final_ && !in_payload_;
  const auto outcome = inflater_->feed(part, last, message_bytes_, message_);
  if (outcome == inflate_outcome::too_big)
    return violation(sink, close_code::too_big, "message too big");
  if (outcome == inflate_outcome::broken)
    return violation(sink, close_code::bad_payload, "compressed data is broken");
  if (message_text_ && !utf8_.feed(byte_span(message_).subspan(before)))
    return violation(sink, close_code::bad_payload, "text is not UTF-8");
  if (last) end_message(message_, sink);
}

void frame_reader::end_message(byte_span payload, frame_sink& sink) {
  in_message_ = false;
  if (message_text_ && !utf8_.complete())
    return violation(sink, close_code::bad_payload, "text is not UTF-8");
  sink.on_message(payload, message_text_);
}

void frame_reader::end_control(frame_sink& sink) {
  const auto payload = byte_span(control_).first(control_filled_);
  if (opcode_ == opcode::ping)
    sink.on_ping(payload);
  else if (opcode_ == opcode::pong)
    sink.on_pong(payload);
  else
    end_close(payload, sink);
}

void frame_reader::end_close(byte_span payload, frame_sink& sink) {
  if (payload.size() == 1)
    return violation(sink, close_code::protocol_error, "close frame of one byte");
  std::uint16_t code = close_code::none_received;
  std::string_view reason;
  if (payload.size() >= 2) {
    code = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
    reason = as_text(payload.subspan(2));
    if (!valid_close_code(code))
      return violation(sink, close_code::protocol_error, "unknown close code");
    if (!is_utf8(reason))
      return violation(sink, close_code::bad_payload, "close reason is not UTF-8");
  }
  done_ = true;
  sink.on_close_frame(code, reason);
}

} // namespace troupe::transport
