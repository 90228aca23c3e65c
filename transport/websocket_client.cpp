#include "transport/websocket_client.hpp"

#include "transport/connector.hpp"
#include "transport/http.hpp"
#include "transport/response_reader.hpp"
#include "transport/websocket_connection.hpp"
#include "transport/websocket_handshake.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace troupe::transport {

namespace asio = boost::asio;
using boost::system::error_code;
using loop_timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                              asio::wait_traits<std::chrono::steady_clock>,
                                              asio::io_context::executor_type>;

namespace {

/// Of a refusal's body this much is shown.
constexpr std::size_t shown_bytes = 200;
constexpr std::size_t refusal_bytes = 64 * 1024;
constexpr std::size_t input_bytes = 4096;

/// Keeps one session alive until it is closed, and lets it check its time-outs.
class session_clock : public std::enable_shared_from_this<session_clock> {
public:
  session_clock(asio::io_context& loop, std::shared_ptr<websocket_connection> session,
                std::chrono::milliseconds interval)
      : timer_(loop), session_(std::move(session)), interval_(interval) {}

  void start() {
    timer_.expires_after(interval_);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (error || self->stopped_) return;
      self->session_->check_time(std::chrono::steady_clock::now());
      if (!self->stopped_) self->start();
    });
  }
  void stop() {
    stopped_ = true;
    timer_.cancel();
    session_.reset();
  }

private:
  loop_timer timer_;
  std::shared_ptr<websocket_connection> session_;
  std::chrono::milliseconds interval_;
  bool stopped_ = false;
};

std::chrono::milliseconds check_interval(const websocket_options& options) {
  using namespace std::chrono_literals;
  auto interval = 1000ms;
  for (const auto timeout :
       {options.ping_after, options.silence_limit, options.close_timeout, options.write_timeout})
    if (timeout > 0ms) interval = std::min(interval, std::max(timeout / 4, 5ms));
  return interval;
}

class handshake_run final : public stream_user, public std::enable_shared_from_this<handshake_run> {
public:
  using handler = std::function<void(result<websocket_ptr>)>;
  handshake_run(asio::io_context& loop, websocket_client_request request, handler opened)
      : loop_(loop), request_(std::move(request)), opened_(std::move(opened)), timer_(loop) {}

  void start() {
    auto parsed = parse_url(request_.url);
    if (!parsed) return fail_later(parsed.error());
    if (parsed->scheme != "ws" && parsed->scheme != "wss")
      return fail_later({"transport.url", "\"" + request_.url + "\" is no WebSocket address.",
                         "Give an address with ws:// or wss://.", 400});
    where_ = std::move(*parsed);
    attempt_ = connect_to(loop_, where_, request_.connect, true,
                          [weak = weak_from_this()](result<connected_stream> made) {
                            const auto self = weak.lock();
                            if (!self || !self->opened_) return;
                            if (!made) return self->fail(made.error());
                            self->connected(std::move(*made));
                          });
  }

  void cancel() {
    opened_ = nullptr;
    attempt_.reset();
    timer_.cancel();
    if (connection_.stream) connection_.stream->close();
  }

  void on_written(std::size_t bytes, stream_status status) override {
    if (!opened_ || status != stream_status::ok) return;
    output_.consume(bytes);
    flush();
  }

  void on_read(std::size_t bytes, stream_status status) override {
    const auto keep = shared_from_this();
    if (!opened_) return;
    if (status != stream_status::ok) return reader_.header_done() ? refused() : fail(cut());
    filled_ += bytes;
    const auto used = reader_.feed({input_.data(), filled_});
    if (!used) return fail(used.error());
    input_.erase(0, *used);
    filled_ -= *used;
    if (reader_.switched()) return switched();
    if (reader_.done()) return refused();
    read();
  }

private:
  static fault cut() {
    return {"transport.cut", "The connection was cut during the handshake.", "Try again.", 502};
  }

  void fail_later(fault error) {
    asio::post(loop_, [self = shared_from_this(), error = std::move(error)]() mutable {
      self->fail(std::move(error));
    });
  }
  void fail(fault error) {
    auto opened = std::exchange(opened_, nullptr);
    timer_.cancel();
    if (connection_.stream) connection_.stream->close();
    if (opened) opened(std::move(error));
  }

  void connected(connected_stream made) {
    connection_ = std::move(made);
    key_ = make_websocket_key();
    timer_.expires_after(request_.connect.connect_timeout);
    timer_.async_wait([weak = weak_from_this()](const error_code& error) {
      const auto self = weak.lock();
      if (!error && self && self->opened_)
        self->fail({"transport.timeout", "The server does not answer the handshake in time.",
                    "Try again later.", 504});
    });
    auto& out = output_.text();
    out += "GET " + where_.target + " HTTP/1.1\r\nHost: " + where_.authority() + "\r\n";
    out += websocket_request_lines(key_, request_.options);
    for (const auto& [name, value] : request_.headers)
      out += name + ": " + value + "\r\n";
    out += "\r\n";
    read();
    flush();
  }

  void flush() {
    while (!output_.empty()) {
      const auto pieces = output_.pieces();
      const auto written = connection_.stream->write_now(pieces);
      if (written == 0) return connection_.stream->write(pieces, shared_from_this());
      output_.consume(written);
    }
  }

  void read() {
    if (input_.size() < filled_ + input_bytes) input_.resize(filled_ + input_bytes);
    connection_.stream->read({input_.data() + filled_, input_.size() - filled_},
                             shared_from_this());
  }

  void refused() {
    auto& answer = reader_.answer();
    if (request_.refused) {
      answer.url = where_.text();
      request_.refused(answer);
      if (!opened_) return;
    }
    auto text = "The server refuses the WebSocket with status " + std::to_string(answer.status);
    if (!answer.body.empty()) text += ": " + answer.body.substr(0, shown_bytes);
    fail({"transport.handshake", text + ".", "Check the address and the permission.", 502});
  }

  void switched() {
    http_headers headers;
    for (const auto& [name, value] : reader_.answer().headers)
      headers.add(name, value);
    auto agreement = check_websocket_answer(headers, key_, request_.options);
    if (!agreement) return fail(agreement.error());
    timer_.cancel();
    const auto interval = check_interval(request_.options);
    const auto session = std::make_shared<websocket_connection>(
        std::move(connection_.stream), websocket_role::client, std::move(request_.options),
        std::move(*agreement), connection_.remote_address);
    const auto clock = std::make_shared<session_clock>(loop_, session, interval);
    // The clock holds the session and its own timer holds the clock: here a weak end, or both would
    // outlive the loop.
    session->on_finished([clock = std::weak_ptr(clock)](websocket_connection*) {
      if (const auto running = clock.lock()) running->stop();
    });
    clock->start();
    auto opened = std::exchange(opened_, nullptr);
    opened(websocket_ptr(session));
    session->start({input_.data(), filled_}, true);
  }

  asio::io_context& loop_;
  websocket_client_request request_;
  handler opened_;
  loop_timer timer_;
  url where_;
  std::unique_ptr<connection_attempt> attempt_;
  connected_stream connection_;
  std::string key_;
  output_queue output_;
  response_reader reader_{false, refusal_bytes};
  std::string input_;
  std::size_t filled_ = 0;
};

class running_handshake final : public websocket_attempt {
public:
  explicit running_handshake(std::shared_ptr<handshake_run> run) : run_(std::move(run)) {}
  ~running_handshake() override { run_->cancel(); }

private:
  std::shared_ptr<handshake_run> run_;
};

} // namespace

std::unique_ptr<websocket_attempt>
open_websocket(asio::io_context& loop, websocket_client_request request,
               std::function<void(result<websocket_ptr>)> opened) {
  auto run = std::make_shared<handshake_run>(loop, std::move(request), std::move(opened));
  run->start();
  return std::make_unique<running_handshake>(std::move(run));
}

} // namespace troupe::transport
