#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace troupe::box {

/// Calls back on the loop when something is mounted or taken away, as the kernel tells it. Where it
/// cannot be heard it stays silent.
class mount_watch {
public:
  mount_watch(boost::asio::io_context& loop, std::function<void()> changed);
  ~mount_watch();
  mount_watch(const mount_watch&) = delete;
  mount_watch& operator=(const mount_watch&) = delete;

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace troupe::box
