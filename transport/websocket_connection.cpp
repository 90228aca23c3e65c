#include "transport/websocket_connection.hpp"

#include <openssl/rand.h>

#include <algorithm>

namespace troupe::transport {

namespace {

/// What a quiet connection holds: there may be many thousands.
constexpr std::size_t small_input = 1024;
constexpr std::size_t large_input = 64 * 1024;
/// From here on what is queued goes out at once instead of at the end of the turn.
constexpr std::size_t flush_at = 64 * 1024;
constexpr std::size_t close_reason_bytes = 123;

steady_time clock_now() {
  return std::chrono::steady_clock::now();
}

} // namespace

outgoing_message::outgoing_message(std::string text)
    : outgoing_message(std::make_shared<const std::string>(std::move(text))) {}
outgoing_message::outgoing_message(std::shared_ptr<const std::string> text)
    : bytes(text ? as_bytes(*text) : byte_span()) {
  owner = std::move(text);
}
outgoing_message::outgoing_message(shared_bytes content) {
  auto held = std::make_shared<const shared_bytes>(std::move(content));
  bytes = held->view();
  owner = std::move(held);
}

websocket_connection::websocket_connection(std::unique_ptr<byte_stream> stream, websocket_role role,
                                           websocket_options options, websocket_agreement agreement,
                                           std::string remote_address)
    : stream_(std::move(stream)), role_(role), options_(std::move(options)),
      agreement_(std::move(agreement)), remote_address_(std::move(remote_address)),
      reader_(role, options_.message_bytes, agreement_.deflate), heard_(clock_now()),
      pinged_(heard_), wrote_(heard_), closing_since_(heard_) {}

void websocket_connection::on_finished(std::function<void(websocket_connection*)> finished) {
  finished_ = std::move(finished);
}

void websocket_connection::count_bytes(std::uint64_t* in, std::uint64_t* out,
                                       std::shared_ptr<void> owner) {
  bytes_in_ = in;
  bytes_out_ = out;
  counters_owner_ = std::move(owner);
}

void websocket_connection::handle(callbacks handlers) {
  if (!told_closed_) handlers_ = std::make_shared<const callbacks>(std::move(handlers));
}

// ---- reading ----

void websocket_connection::start(std::span<const char> initial, bool read) {
  input_.assign(initial.begin(), initial.end());
  input_end_ = initial.size();
  reading_ = !read;
  process_input();
}

void websocket_connection::take_over(std::span<const char> bytes, stream_status status) {
  if (state_ == state::closed) return;
  if (input_.size() < input_end_ + bytes.size()) input_.resize(input_end_ + bytes.size());
  std::copy(bytes.begin(), bytes.end(), input_.begin() + static_cast<std::ptrdiff_t>(input_end_));
  arrived(bytes.size(), status, false); // the buffer is full because it was made to fit
}

void websocket_connection::read_some() {
  if (reading_ || paused_ || peer_ended_ || state_ == state::closed) return;
  if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
  // A read that filled the buffer hints at a long message: larger reads follow, for as long as
  // needed.
  const auto wanted = input_end_ + (full_read_ ? large_input : small_input);
  if (input_.size() < wanted)
    input_.resize(wanted);
  else if (!full_read_ && input_end_ == 0 && input_.size() > small_input)
    byte_vector(small_input).swap(input_);
  reading_ = true;
  stream_->read({reinterpret_cast<char*>(input_.data()) + input_end_, input_.size() - input_end_},
                shared_from_this());
}

void websocket_connection::on_read(std::size_t bytes, stream_status status) {
  arrived(bytes, status, input_end_ + bytes == input_.size());
}

void websocket_connection::arrived(std::size_t bytes, stream_status status, bool full) {
  const auto keep = shared_from_this();
  reading_ = false;
  if (state_ == state::closed) return;
  if (bytes_in_) *bytes_in_ += bytes;
  if (status == stream_status::end && state_ == state::finishing) {
    peer_ended_ = true; // our last words still go out
    return;
  }
  if (status != stream_status::ok) {
    tell_closed(close_code::abnormal, {});
    return close_stream();
  }
  heard_ = clock_now();
  input_end_ += bytes;
  full_read_ = full;
  process_input();
}

void websocket_connection::process_input() {
  if (in_feed_) return;
  const auto keep = shared_from_this();
  in_feed_ = true;
  while (wants_more() && input_begin_ < input_end_) {
    const auto used =
        reader_.feed(std::span(input_).subspan(input_begin_, input_end_ - input_begin_), *this);
    input_begin_ += used;
    if (reader_.done()) break;
  }
  in_feed_ = false;
  if (state_ >= state::finishing) input_begin_ = input_end_ = 0;
  read_some();
}

void websocket_connection::resume_reading() {
  if (!std::exchange(paused_, false)) return;
  heard_ = clock_now();
  want_flush(); // its turn goes on reading too
}

void websocket_connection::on_message(byte_span payload, bool text) {
  if (state_ != state::open) return;
  const auto handlers = handlers_;
  if (handlers->on_message) handlers->on_message(payload, text);
}

void websocket_connection::on_ping(byte_span payload) {
  if (state_ != state::open || output_.size() > options_.queue_bytes) return;
  push_frame(opcode::pong, payload, nullptr, false);
  want_flush();
}

void websocket_connection::on_close_frame(std::uint16_t code, std::string_view reason) {
  if (state_ == state::open) push_close(code, {});
  if (own_code_ != 0)
    tell_closed(own_code_, own_reason_);
  else
    tell_closed(code, reason);
  begin_finishing();
}

void websocket_connection::on_violation(std::uint16_t code, std::string_view text) {
  output_.drop_unstarted();
  if (state_ == state::open) push_close(code, text);
  tell_closed(code, text);
  begin_finishing();
}

// ---- writing ----

bool websocket_connection::send_text(outgoing_message message) {
  return send(opcode::text, std::move(message));
}

bool websocket_connection::send_binary(outgoing_message message) {
  return send(opcode::binary, std::move(message));
}

bool websocket_connection::send(opcode code, outgoing_message message) {
  if (state_ != state::open) return false;
  if (output_.size() + message.bytes.size() > options_.queue_bytes) {
    const auto handlers = handlers_;
    const auto choice =
        handlers->on_overflow ? handlers->on_overflow(output_.size()) : overflow::close;
    if (choice == overflow::close) {
      output_.drop_unstarted();
      close(close_code::try_later, "too slow");
    }
    return false;
  }
  if (agreement_.deflate.enabled && message.bytes.size() >= options_.deflate_from) {
    if (!deflater_)
      deflater_.emplace(agreement_.deflate.own_window_bits, agreement_.deflate.own_no_takeover);
    auto packed = std::make_shared<const std::string>(deflater_->pack(message.bytes));
    const auto view = as_bytes(*packed);
    push_frame(code, view, std::move(packed), true);
  } else {
    push_frame(code, message.bytes, std::move(message.owner), false);
  }
  was_half_full_ = was_half_full_ || output_.size() > options_.queue_bytes / 2;
  if (output_.size() >= flush_at)
    flush();
  else
    want_flush();
  return true;
}

std::array<std::uint8_t, 4> websocket_connection::next_mask() {
  if (masks_left_ == 0) {
    RAND_bytes(masks_.data(), static_cast<int>(masks_.size()));
    masks_left_ = masks_.size();
  }
  std::array<std::uint8_t, 4> mask;
  masks_left_ -= mask.size();
  std::copy_n(masks_.begin() + static_cast<std::ptrdiff_t>(masks_left_), mask.size(), mask.begin());
  return mask;
}

void websocket_connection::push_frame(opcode code, byte_span payload,
                                      std::shared_ptr<const void> owner, bool packed) {
  auto& text = output_.text();
  if (role_ == websocket_role::server) {
    append_frame_header(text, code, payload.size(), packed, nullptr);
    output_.append(http_body(std::move(owner), as_text(payload)));
    return;
  }
  const auto mask = next_mask();
  append_frame_header(text, code, payload.size(), packed, &mask);
  const auto start = text.size();
  text += as_text(payload);
  apply_mask({reinterpret_cast<std::uint8_t*>(text.data()) + start, payload.size()}, mask, 0);
}

void websocket_connection::push_close(std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code != close_code::none_received) {
    if (!valid_close_code(code)) code = close_code::normal;
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code & 0xff);
    payload += utf8_prefix(is_utf8(reason) ? reason : "", close_reason_bytes);
  }
  push_frame(opcode::close, as_bytes(payload), nullptr, false);
}

void websocket_connection::want_flush() {
  if (turn_asked_ || state_ == state::closed) return;
  turn_asked_ = true;
  stream_->later(shared_from_this());
}

void websocket_connection::on_turn() {
  turn_asked_ = false;
  if (state_ == state::closed) return;
  flush();
  if (state_ != state::closed && input_begin_ < input_end_)
    process_input();
  else
    read_some();
}

void websocket_connection::flush() {
  if (writing_ || state_ == state::closed) return;
  while (!output_.empty()) {
    const auto pieces = output_.pieces();
    const auto written = stream_->write_now(pieces);
    if (written == 0) {
      writing_ = true;
      wrote_ = clock_now();
      stream_->write(pieces, shared_from_this());
      break;
    }
    if (bytes_out_) *bytes_out_ += written;
    output_.consume(written);
  }
  after_flush();
}

void websocket_connection::on_written(std::size_t bytes, stream_status status) {
  const auto keep = shared_from_this();
  writing_ = false;
  if (state_ == state::closed) return;
  if (status != stream_status::ok) {
    tell_closed(close_code::abnormal, {});
    return close_stream();
  }
  if (bytes_out_) *bytes_out_ += bytes;
  output_.consume(bytes);
  flush();
}

void websocket_connection::after_flush() {
  if (was_half_full_ && state_ == state::open && output_.size() < options_.queue_bytes / 4) {
    was_half_full_ = false;
    const auto handlers = handlers_;
    if (handlers->on_drained) handlers->on_drained();
  }
  if (state_ != state::finishing || writing_ || !output_.empty()) return;
  if (peer_ended_) return close_stream();
  state_ = state::lingering;
  if (role_ == websocket_role::server) stream_->end_sending();
  paused_ = false;
  read_some();
}

// ---- time and end ----

void websocket_connection::close(std::uint16_t code, std::string_view reason) {
  if (state_ != state::open) return;
  own_code_ = code;
  own_reason_ = reason;
  push_close(code, reason);
  state_ = state::closing;
  closing_since_ = clock_now();
  if (paused_) resume_reading();
  want_flush();
}

void websocket_connection::begin_finishing() {
  state_ = state::finishing;
  closing_since_ = clock_now();
  paused_ = false;
  want_flush();
}

void websocket_connection::tell_closed(std::uint16_t code, std::string_view reason) {
  if (std::exchange(told_closed_, true)) return;
  const auto handlers = std::exchange(handlers_, std::make_shared<callbacks>());
  if (handlers->on_close) handlers->on_close(code, reason);
}

void websocket_connection::cut() {
  if (state_ == state::closed) return;
  const auto keep = shared_from_this();
  tell_closed(close_code::abnormal, {});
  close_stream();
}

void websocket_connection::close_stream() {
  if (state_ == state::closed) return;
  state_ = state::closed;
  stream_->close();
  if (auto finished = std::exchange(finished_, nullptr)) finished(this);
}

void websocket_connection::finish() {
  close(close_code::going_away, "shutting down");
}

void websocket_connection::probe(std::chrono::milliseconds patience) {
  if (state_ != state::open || paused_) return;
  probed_at_ = pinged_ = clock_now();
  probed_until_ = probed_at_ + patience;
  push_frame(opcode::ping, {}, nullptr, false);
  want_flush();
}

void websocket_connection::check_time(steady_time now) {
  using namespace std::chrono_literals;
  const auto keep = shared_from_this();
  if (state_ == state::closed) return;
  if (writing_ && now - wrote_ > options_.write_timeout) return cut();
  if (state_ != state::open) {
    if (now - closing_since_ <= options_.close_timeout) return;
    if (own_code_ != 0) tell_closed(own_code_, own_reason_);
    return cut();
  }
  reader_.trim();
  if (paused_) heard_ = now;
  if (probed_until_ && heard_ > probed_at_) probed_until_.reset();
  if (probed_until_ && now > *probed_until_) return cut();
  if (options_.silence_limit > 0ms && now - heard_ > options_.silence_limit) return cut();
  if (options_.ping_after > 0ms && now - heard_ > options_.ping_after &&
      now - pinged_ > options_.ping_after) {
    pinged_ = now;
    push_frame(opcode::ping, {}, nullptr, false);
    want_flush();
  }
}

} // namespace troupe::transport
