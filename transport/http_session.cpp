#include "transport/http_session.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace troupe::transport {

namespace {

constexpr std::size_t first_capacity = 4096;
/// Free bytes kept behind what was read, so that a read can stay pending without moving the buffer.
constexpr std::size_t least_spare = 1024;
/// A body's memory grows by at least this much, never to the whole announced length at once.
constexpr std::size_t body_step = 256 * 1024;

constexpr char continue_line[] = "HTTP/1.1 100 Continue\r\n\r\n";

fault too_big() {
  return {"http.body_too_big", "The request's body is larger than allowed.", "Send less at once.",
          413};
}

/// Whether a request can start with these bytes. Tells TLS and noise apart before a time-out does.
bool may_be_http(std::string_view data) {
  const auto c = static_cast<unsigned char>(data.front());
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || std::strchr("!#$%&'*+-.^_`|~", c);
}

} // namespace

http_session::http_session(std::shared_ptr<server_context> context,
                           std::unique_ptr<byte_stream> stream, connection_addresses addresses)
    : context_(std::move(context)), stream_(std::move(stream)), addresses_(std::move(addresses)),
      buffer_(new char[first_capacity]), capacity_(first_capacity), since_(context_->now),
      write_since_(context_->now) {
  request_.remote_address = addresses_.remote;
  request_.remote_port = addresses_.remote_port;
  request_.local_address = addresses_.local;
  request_.local_port = addresses_.local_port;
  request_.secure = addresses_.secure;
}

void http_session::start() {
  arm_read();
}

// ---- reading ----

void http_session::make_room() {
  if (reading_ || spare() >= least_spare) return;
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (spare() >= least_spare) return;
  }
  const auto capacity = capacity_ * 2;
  std::unique_ptr<char[]> larger(new char[capacity]);
  std::memcpy(larger.get(), buffer_.get(), end_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

void http_session::read_into(read_target target, std::span<char> place) {
  reading_ = true;
  read_target_ = target;
  stream_->read(place, shared_from_this());
}

void http_session::arm_read() {
  if (reading_) return;
  if (phase_ == phase::body && !body_.empty()) {
    read_into(read_target::body,
              {reinterpret_cast<char*>(body_.data()) + body_filled_, body_.size() - body_filled_});
    return;
  }
  if (phase_ == phase::header) {
    if (begin_ == end_) begin_ = end_ = 0;
    make_room();
  }
  read_into(read_target::buffer, {buffer_.get() + end_, spare()});
}

/// While a handler works: notices the client's end, and takes a bounded part of what comes next.
void http_session::arm_read_ahead() {
  if (reading_ || ended_ || spare() < least_spare) return;
  if (end_ - after_ >= context_->options.header_bytes) return;
  read_into(read_target::buffer, {buffer_.get() + end_, spare()});
}

void http_session::on_read(std::size_t bytes, stream_status status) {
  const auto keep = shared_from_this();
  reading_ = false;
  if (phase_ == phase::closed) return;
  context_->counters.bytes_in += bytes;
  if (phase_ == phase::upgraded) {
    const auto successor = std::exchange(successor_, nullptr);
    successor->take_over({buffer_.get() + end_, bytes}, status);
    return;
  }
  if (phase_ == phase::lingering) {
    if (status != stream_status::ok) return close_now();
    return read_into(read_target::trash, context_->trash);
  }
  if (status != stream_status::ok) return on_end(status);
  if (phase_ == phase::header && begin_ == end_) since_ = context_->now;
  if (read_target_ == read_target::body)
    body_filled_ += bytes;
  else
    end_ += bytes;
  process();
}

void http_session::on_end(stream_status status) {
  ended_ = true;
  if (phase_ == phase::handling) tell_gone();
  if (status == stream_status::failed) return close_now();
  process();
}

void http_session::tell_gone() {
  if (auto gone = std::exchange(gone_, nullptr)) gone();
}

// ---- from bytes to requests ----

void http_session::process() {
  if (processing_) return;
  processing_ = true;
  std::size_t turns = context_->options.pipeline_depth;
  while (turns > 0 && advance())
    --turns;
  processing_ = false;
  flush();
  if (turns == 0 && phase_ == phase::header && !writing_) {
    context_->post([self = shared_from_this()] {
      if (self->phase_ == phase::header && !self->writing_) self->process();
    });
    return;
  }
  if (!writing_) continue_after_flush();
}

bool http_session::advance() {
  switch (phase_) {
  case phase::header:
    if (output_.size() >= context_->options.output_bytes) flush();
    return !writing_ && read_request();
  case phase::body:
    return advance_body();
  case phase::chunks:
    return advance_chunks();
  default:
    return false;
  }
}

bool http_session::read_request() {
  // Empty lines before a request are forgiven (RFC 9112 section 2.2).
  while (begin_ < end_ && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n'))
    ++begin_;
  if (begin_ == end_) return false;
  const auto& options = context_->options;
  const auto data = buffered();
  if (!may_be_http(data)) {
    refuse({"http.bad_request", "This is not HTTP.", "Speak HTTP/1.1 here.", 400});
    return true;
  }
  const auto header = header_end(data, scanned_ > 3 ? scanned_ - 3 : 0);
  if (header == std::string_view::npos) scanned_ = data.size();
  if (std::min(header, data.size()) > options.header_bytes) {
    const bool target = data.substr(0, options.header_bytes).find('\n') == std::string_view::npos;
    refuse({target ? "http.target_too_long" : "http.header_too_big",
            target ? "The request's address is longer than allowed."
                   : "The request's header is larger than allowed.",
            "Send a shorter one.", static_cast<std::uint16_t>(target ? 414 : 431)});
    return true;
  }
  if (header == std::string_view::npos) return false;
  make_room();
  scanned_ = 0;
  after_ = body_at_ = begin_ + header;
  if (const auto error =
          reader_.read_header(buffered().substr(0, header), options.header_count, request_)) {
    refuse(*error);
    return true;
  }
  return begin_body();
}

bool http_session::begin_body() {
  const auto& options = context_->options;
  since_ = context_->now;
  if (!reader_.chunked() && reader_.content_length() == 0) {
    handle_request();
    return true;
  }
  body_limit_ = options.body_limit ? options.body_limit(request_) : options.body_bytes;
  if (reader_.content_length() > body_limit_) {
    refuse(too_big());
    return true;
  }
  if (reader_.expects_continue() && after_ == end_) output_.text() += continue_line;
  phase_ = reader_.chunked() ? phase::chunks : phase::body;
  return true;
}

bool http_session::advance_body() {
  const auto length = reader_.content_length();
  if (body_.empty() && length <= capacity_ - after_) { // small: stays in the buffer
    if (end_ - after_ < length) return false;
    request_.body = as_bytes({buffer_.get() + after_, static_cast<std::size_t>(length)});
    after_ += length;
    handle_request();
    return true;
  }
  if (body_filled_ == body_.size())
    body_.resize(std::min<std::uint64_t>(length, std::max(body_step, body_.size() * 2)));
  const auto part = std::min(body_.size() - body_filled_, end_ - after_);
  if (part > 0) std::memcpy(body_.data() + body_filled_, buffer_.get() + after_, part);
  body_filled_ += part;
  after_ += part;
  if (body_filled_ < length) return body_filled_ == body_.size();
  request_.large_body = std::move(body_);
  request_.body = request_.large_body.view();
  handle_request();
  return true;
}

bool http_session::advance_chunks() {
  const auto used =
      reader_.read_chunks({buffer_.get() + after_, end_ - after_}, body_limit_, body_);
  if (!used) {
    refuse(used.error());
    return true;
  }
  after_ += *used;
  if (!reader_.chunks_done()) {
    if (!reading_) after_ = end_ = body_at_; // all used; the header's views stay
    return false;
  }
  request_.large_body = std::move(body_);
  request_.body = request_.large_body.view();
  handle_request();
  return true;
}

} // namespace troupe::transport
