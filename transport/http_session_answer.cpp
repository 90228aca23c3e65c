// The second half of http_session: answers, time-outs, upgrade and end.
#include "transport/http_session.hpp"
#include "transport/websocket_handshake.hpp"

#include <algorithm>
#include <exception>

namespace troupe::transport {

namespace {

fault slow_request() {
  return {"http.timeout", "The request did not arrive in time.", "Send it again, faster.", 408};
}
fault slow_answer() {
  return {"http.no_answer", "The answer is not there in time.", "Try again later.", 503};
}
fault no_handler_answer() {
  return {"http.internal", "The request could not be answered because of an internal error.",
          "Try again; if it happens again, look into the log.", 500};
}

} // namespace

// ---- answers ----

void http_session::handle_request() {
  phase_ = phase::handling;
  since_ = context_->now;
  ++context_->counters.requests;
  try {
    context_->handler(http_exchange(shared_from_this()));
  } catch (const std::exception&) {
    // The exchange was dropped on the way and answered 500; the server lives on.
  }
}

void http_session::respond(http_response response) {
  if (phase_ != phase::handling) return;
  const bool keep = reader_.keep_alive() && !response.close && !context_->stopping;
  gone_ = nullptr;
  request_.body = {};
  request_.large_body = {};
  begin_ = after_;
  body_filled_ = 0;
  send(std::move(response), keep);
  if (!processing_) {
    const auto self = shared_from_this();
    process();
  }
}

void http_session::send(http_response response, bool keep_alive) {
  const auto status = std::min<std::size_t>(response.status / 100, 5);
  ++context_->counters.answers[status];
  const response_writer::mode mode{request_.method == http_method::head, !keep_alive,
                                   request_.version == 10};
  context_->writer.write(output_, std::move(response), mode);
  phase_ = keep_alive ? phase::header : phase::finishing;
  since_ = context_->now;
}

void http_session::refuse(const fault& error) {
  ++context_->counters.bad_requests;
  request_.method = http_method::other; // what was read of it may be the one before
  request_.version = 11;
  body_ = {};
  send(problem(error), false);
}

void http_session::abandon() {
  if (phase_ != phase::handling) return;
  ++context_->counters.dropped_exchanges;
  respond(problem(no_handler_answer()));
}

void http_session::on_gone(std::function<void()> gone) {
  if (phase_ != phase::handling) return;
  gone_ = std::move(gone);
  if (ended_) tell_gone();
}

// ---- writing ----

void http_session::flush() {
  if (writing_ || phase_ == phase::closed) return;
  while (!output_.empty()) {
    const auto pieces = output_.pieces();
    const auto written = stream_->write_now(pieces);
    if (written == 0) {
      writing_ = true;
      write_since_ = context_->now;
      stream_->write(pieces, shared_from_this());
      return;
    }
    context_->counters.bytes_out += written;
    output_.consume(written);
  }
}

void http_session::on_written(std::size_t bytes, stream_status status) {
  const auto keep = shared_from_this();
  writing_ = false;
  if (phase_ == phase::closed) return;
  if (status != stream_status::ok) return close_now();
  context_->counters.bytes_out += bytes;
  output_.consume(bytes);
  flush();
  if (!writing_) process();
}

/// Everything is written: what the present phase waits for now.
void http_session::continue_after_flush() {
  switch (phase_) {
  case phase::header:
  case phase::body:
  case phase::chunks:
    if (ended_ || (context_->stopping && phase_ == phase::header && begin_ == end_))
      return close_now();
    return arm_read();
  case phase::handling:
    return arm_read_ahead();
  case phase::finishing:
    return begin_linger();
  case phase::upgrading:
    return complete_upgrade();
  default:
    return;
  }
}

void http_session::begin_linger() {
  stream_->end_sending();
  if (ended_) return close_now();
  phase_ = phase::lingering;
  since_ = context_->now;
  if (!reading_) read_into(read_target::trash, context_->trash);
}

// ---- upgrade ----

bool http_session::upgrade(websocket_options options, std::function<void(websocket_ptr)> on_open) {
  if (phase_ != phase::handling) return false;
  auto accepted = accept_websocket(request_, options);
  if (!accepted) {
    auto answer = problem(accepted.error());
    if (accepted.error().status == 426)
      answer.header("Sec-WebSocket-Version", "13").header("Upgrade", "websocket");
    respond(std::move(answer));
    return false;
  }
  gone_ = nullptr;
  ++context_->counters.answers[1];
  output_.text() += accepted->answer;
  upgrade_ = std::make_unique<pending_upgrade>(
      pending_upgrade{std::move(options), std::move(accepted->agreement), std::move(on_open)});
  phase_ = phase::upgrading;
  if (!processing_) {
    const auto self = shared_from_this();
    process();
  }
  return true;
}

void http_session::complete_upgrade() {
  const auto self = shared_from_this();
  const auto upgrade = std::move(upgrade_);
  phase_ = phase::upgraded;
  context_->want_precision(upgrade->options.ping_after);
  context_->want_precision(upgrade->options.silence_limit);
  context_->want_precision(upgrade->options.close_timeout);
  context_->want_precision(upgrade->options.write_timeout);
  const auto socket = std::make_shared<websocket_connection>(
      std::move(stream_), websocket_role::server, std::move(upgrade->options),
      std::move(upgrade->agreement), addresses_.remote);
  socket->on_finished(
      [context = context_](websocket_connection* which) { context->remove(which); });
  socket->count_bytes(&context_->counters.bytes_in, &context_->counters.bytes_out, context_);
  context_->replace(this, socket);
  upgrade->on_open(socket);
  if (reading_) successor_ = socket; // the read that is still pending is handed over when it ends
  socket->start({buffer_.get() + after_, end_ - after_}, !reading_);
  if (ended_) socket->take_over({}, stream_status::end);
  if (context_->stopping) socket->finish();
}

// ---- time and end ----

std::chrono::milliseconds http_session::body_time_allowed() const {
  const auto received = phase_ == phase::chunks ? body_.size() : body_filled_ + (end_ - after_);
  const auto rate = std::max<std::uint64_t>(context_->options.body_bytes_per_second, 1);
  return context_->options.body_grace + std::chrono::milliseconds(received * 1000 / rate);
}

void http_session::check_time(steady_time now) {
  const auto& options = context_->options;
  if (writing_) {
    if (now - write_since_ > options.write_timeout) {
      ++context_->counters.timeouts;
      close_now();
    }
    return;
  }
  const auto waited = now - since_;
  switch (phase_) {
  case phase::header:
    if (begin_ != end_ && waited > options.header_timeout) return time_out(slow_request());
    if (begin_ == end_ && waited > options.idle_timeout) return close_now();
    return;
  case phase::body:
  case phase::chunks:
    if (waited > body_time_allowed()) time_out(slow_request());
    return;
  case phase::handling:
    if (waited <= options.answer_timeout) return;
    overdue_ = true;
    return time_out(slow_answer());
  case phase::lingering:
    if (waited > options.linger_timeout) close_now();
    return;
  default:
    return;
  }
}

void http_session::time_out(const fault& error) {
  const auto self = shared_from_this();
  ++context_->counters.timeouts;
  refuse(error);
  process();
  if (overdue_) tell_gone();
}

void http_session::finish() {
  const bool idle = phase_ == phase::header && begin_ == end_ && output_.empty();
  if (idle || phase_ == phase::lingering) close_now();
}

void http_session::cut() {
  close_now();
}

void http_session::close_now() {
  if (phase_ == phase::closed || phase_ == phase::upgraded) return;
  const auto self = shared_from_this();
  const bool was_handling = phase_ == phase::handling;
  phase_ = phase::closed;
  stream_->close();
  upgrade_ = nullptr;
  if (was_handling) tell_gone();
  context_->remove(this);
}

} // namespace troupe::transport
