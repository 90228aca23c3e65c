#pragma once

#include "messages/result.hpp"
#include "messages/time.hpp"
#include "transport/proxy.hpp"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

/// The way from the box to its server, and what is asked when it is closed.
namespace troupe::box {

/// How connections to the server are made at the moment. Asked at each attempt.
struct way_out {
  std::function<transport::proxy_settings()> proxy = transport::proxy_from_environment;
  std::function<time_point()> wall = [] {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  };
};

/// Looks closer at why the server was not reached: a certificate that cannot be checked may be a
/// log-in page of the network, or this box's clock. Asks at most once, for at most five seconds;
/// nothing of it is believed but for words. `explained` is called once, never from within the call;
/// dropping the probe cancels it.
class way_probe {
public:
  way_probe(boost::asio::io_context& loop, const way_out& way, const std::string& server_url,
            fault why, std::function<void(fault)> explained);
  ~way_probe();

  /// Whether there is something to look closer at.
  static bool is_worth_it(const fault& why);

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace troupe::box
