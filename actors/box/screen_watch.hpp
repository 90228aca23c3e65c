#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace troupe::box {

/// Calls back on the loop when the kernel says that a screen was plugged in or out. Where it cannot
/// be heard it stays silent.
class screen_watch {
public:
  screen_watch(boost::asio::io_context& loop, std::function<void()> changed);
  ~screen_watch();
  screen_watch(const screen_watch&) = delete;
  screen_watch& operator=(const screen_watch&) = delete;

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace troupe::box
