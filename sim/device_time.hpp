#pragma once

#include "messages/time.hpp"

#include <chrono>
#include <functional>
#include <map>

namespace boost::asio {
class io_context;
}

namespace troupe::sim {

/// Where simulated devices have their time from. `after` runs a job once, later, on the thread of
/// the caller, never from inside the call; with zero delay as soon as what runs now is done.
struct device_time {
  using clock = std::chrono::steady_clock;
  std::function<clock::time_point()> now;
  std::function<void(clock::duration delay, std::function<void()> job)> after;
  std::function<time_point()> wall_now;
};

/// The real time on an event loop. Jobs that wait when the loop ends are dropped.
device_time loop_time(boost::asio::io_context& context);

/// Time that stands still until a test moves it. Lives longer than the devices that use it.
class manual_time {
public:
  device_time source();
  /// Runs what is due within this time, in order.
  void advance(device_time::clock::duration by);
  /// Runs what is due now.
  void settle() { advance({}); }

private:
  device_time::clock::time_point now_{};
  std::multimap<device_time::clock::time_point, std::function<void()>> jobs_;
};

} // namespace troupe::sim
