#pragma once

#include <chrono>

namespace troupe::transport {

using steady_time = std::chrono::steady_clock::time_point;

/// What a server or client looks after: its time-outs and its end.
class managed_connection {
public:
  virtual ~managed_connection() = default;
  /// Called every now and then with the present time; ends what took too long.
  virtual void check_time(steady_time now) = 0;
  /// Ends orderly as soon as possible.
  virtual void finish() = 0;
  /// Ends at once.
  virtual void cut() = 0;
};

} // namespace troupe::transport
