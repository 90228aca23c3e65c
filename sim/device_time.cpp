#include "sim/device_time.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <utility>

namespace troupe::sim {

device_time loop_time(boost::asio::io_context& context) {
  device_time time;
  time.now = [] { return device_time::clock::now(); };
  time.wall_now = [] {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  };
  time.after = [&context](device_time::clock::duration delay, std::function<void()> job) {
    if (delay <= device_time::clock::duration::zero()) {
      boost::asio::post(context, std::move(job));
      return;
    }
    auto timer = std::make_shared<boost::asio::steady_timer>(context, delay);
    timer->async_wait([timer, job = std::move(job)](boost::system::error_code error) {
      if (!error) job();
    });
  };
  return time;
}

device_time manual_time::source() {
  device_time time;
  time.now = [this] { return now_; };
  time.wall_now = [this] {
    constexpr std::chrono::seconds start{1'767'225'600}; // 2026-01-01
    return time_point(
        start + std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch()));
  };
  time.after = [this](device_time::clock::duration delay, std::function<void()> job) {
    jobs_.emplace(now_ + std::max(delay, device_time::clock::duration::zero()), std::move(job));
  };
  return time;
}

void manual_time::advance(device_time::clock::duration by) {
  auto end = now_ + by;
  while (!jobs_.empty() && jobs_.begin()->first <= end) {
    auto next = jobs_.extract(jobs_.begin());
    now_ = std::max(now_, next.key());
    next.mapped()();
  }
  now_ = end;
}

} // namespace troupe::sim
