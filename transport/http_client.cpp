#include "transport/http_client.hpp"

#include "transport/client_call.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <list>
#include <unordered_map>
#include <utility>

namespace troupe::transport {

namespace asio = boost::asio;
using boost::system::error_code;
using loop_timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                              asio::wait_traits<std::chrono::steady_clock>,
                                              asio::io_context::executor_type>;

class http_client::state final : public call_owner, public std::enable_shared_from_this<state> {
public:
  state(asio::io_context& loop, http_client_options options)
      : loop_(loop), options_(std::move(options)), pool_timer_(loop) {}

  ticket send(client_request request, answer_handler answered);
  void cancel(ticket which);
  void destroy();

  std::unique_ptr<connection_attempt>
  connect(const url& where, std::function<void(result<connected_stream>)> done) override {
    return connect_to(loop_, where, options_.connect, options_.connect.tunnel, std::move(done));
  }
  std::optional<pooled_connection> take_pooled(const std::string& origin) override;
  void give_pooled(pooled_connection connection) override;
  void ended(ticket which, result<client_response> answer) override;

private:
  struct running {
    std::shared_ptr<client_call> call;
    answer_handler answered;
    std::unique_ptr<loop_timer> timer;
  };
  struct idle {
    pooled_connection connection;
    std::chrono::steady_clock::time_point until;
  };
  void arm_pool_timer();
  void refuse_later(answer_handler answered, fault error);

  asio::io_context& loop_;
  http_client_options options_;
  std::unordered_map<ticket, running> running_;
  std::list<idle> pool_; ///< oldest first
  loop_timer pool_timer_;
  bool pool_timer_armed_ = false;
  ticket next_ticket_ = 1;
};

void http_client::state::refuse_later(answer_handler answered, fault error) {
  asio::post(loop_, [self = weak_from_this(), answered = std::move(answered),
                     error = std::move(error)]() mutable {
    if (self.lock()) answered(std::move(error));
  });
}

http_client::ticket http_client::state::send(client_request request, answer_handler answered) {
  const auto which = next_ticket_++;
  if (running_.size() >= options_.waiting) {
    refuse_later(std::move(answered),
                 {"transport.busy", "Too many requests are under way.", "Try again later.", 503});
    return which;
  }
  auto& entry = running_[which];
  entry.answered = std::move(answered);
  entry.timer = std::make_unique<loop_timer>(loop_);
  entry.timer->expires_after(request.timeout);
  entry.timer->async_wait([self = weak_from_this(), which](const error_code& error) {
    const auto state = self.lock();
    if (error || !state) return;
    const auto found = state->running_.find(which);
    if (found != state->running_.end())
      std::shared_ptr(found->second.call)
          ->fail({"transport.timeout", "There is no answer in time.", "Try again later.", 504});
  });
  entry.call = std::make_shared<client_call>(*this, which, std::move(request));
  asio::post(loop_, [self = weak_from_this(), which] {
    const auto state = self.lock();
    if (!state) return;
    const auto found = state->running_.find(which);
    if (found != state->running_.end()) std::shared_ptr(found->second.call)->start();
  });
  return which;
}

void http_client::state::cancel(ticket which) {
  const auto found = running_.find(which);
  if (found == running_.end()) return;
  std::shared_ptr(found->second.call)
      ->fail({"transport.cancelled", "The request was cancelled.", "", 499});
}

void http_client::state::ended(ticket which, result<client_response> answer) {
  auto node = running_.extract(which);
  if (node.empty()) return;
  // Not from within the call's own functions, and not within `cancel`.
  asio::post(loop_,
             [self = weak_from_this(), call = std::move(node.mapped().call),
              answered = std::move(node.mapped().answered), answer = std::move(answer)]() mutable {
               if (self.lock()) answered(std::move(answer));
             });
}

std::optional<pooled_connection> http_client::state::take_pooled(const std::string& origin) {
  for (auto it = pool_.rbegin(); it != pool_.rend(); ++it) {
    if (it->connection.origin != origin) continue;
    auto connection = std::move(it->connection);
    pool_.erase(std::next(it).base());
    return connection;
  }
  return std::nullopt;
}

void http_client::state::give_pooled(pooled_connection connection) {
  std::size_t same = 0;
  for (const auto& entry : pool_)
    same += entry.connection.origin == connection.origin;
  if (same >= options_.pooled_per_origin || options_.pooled_total == 0)
    return connection.connection.stream->close();
  if (pool_.size() >= options_.pooled_total) {
    pool_.front().connection.connection.stream->close();
    pool_.pop_front();
  }
  pool_.push_back({std::move(connection), std::chrono::steady_clock::now() + options_.pooled_for});
  arm_pool_timer();
}

void http_client::state::arm_pool_timer() {
  if (pool_timer_armed_ || pool_.empty()) return;
  pool_timer_armed_ = true;
  pool_timer_.expires_at(pool_.front().until);
  pool_timer_.async_wait([self = weak_from_this()](const error_code& error) {
    const auto state = self.lock();
    if (error || !state) return;
    state->pool_timer_armed_ = false;
    const auto now = std::chrono::steady_clock::now();
    while (!state->pool_.empty() && state->pool_.front().until <= now) {
      state->pool_.front().connection.connection.stream->close();
      state->pool_.pop_front();
    }
    state->arm_pool_timer();
  });
}

void http_client::state::destroy() {
  for (auto& [which, entry] : running_)
    entry.call->drop();
  running_.clear();
  pool_.clear();
  pool_timer_.cancel();
}

http_client::http_client(asio::io_context& loop, http_client_options options)
    : state_(std::make_shared<state>(loop, std::move(options))) {}

http_client::~http_client() {
  state_->destroy();
}

http_client::ticket http_client::send(client_request request, answer_handler answered) {
  return state_->send(std::move(request), std::move(answered));
}

void http_client::cancel(ticket which) {
  state_->cancel(which);
}

} // namespace troupe::transport
