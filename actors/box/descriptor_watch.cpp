#include "actors/box/descriptor_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace troupe::box {

struct descriptor_watch::implementation : std::enable_shared_from_this<implementation> {
  using descriptor = boost::asio::posix::stream_descriptor;

  implementation(boost::asio::io_context& loop, int number, kind waits_for,
                 std::function<void(int)> callback)
      : handle(loop, number),
        event(waits_for == kind::readable ? descriptor::wait_read : descriptor::wait_error),
        ready(std::move(callback)) {}

  void wait() {
    handle.async_wait(event, [self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      self->ready(self->handle.native_handle());
      self->wait();
    });
  }

  descriptor handle;
  descriptor::wait_type event;
  std::function<void(int)> ready;
};

descriptor_watch::descriptor_watch(boost::asio::io_context& loop, int descriptor, kind waits_for,
                                   std::function<void(int descriptor)> ready)
    : implementation_(
          std::make_shared<implementation>(loop, descriptor, waits_for, std::move(ready))) {
  implementation_->wait();
}

descriptor_watch::~descriptor_watch() {
  boost::system::error_code ignored;
  implementation_->handle.close(ignored);
}

int open_netlink(int protocol, unsigned groups) {
  const int descriptor = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (descriptor < 0) return -1;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return descriptor;
  ::close(descriptor);
  return -1;
}

} // namespace troupe::box
