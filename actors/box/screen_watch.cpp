#include "actors/box/screen_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace troupe::box {

struct screen_watch::implementation : std::enable_shared_from_this<implementation> {
  implementation(boost::asio::io_context& loop, std::function<void()> callback)
      : socket(loop), changed(std::move(callback)) {}

  bool open() {
    const int descriptor =
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (descriptor < 0) return false;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = 1; // the kernel's own messages
    boost::system::error_code problem;
    if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
      socket.assign(descriptor, problem);
    if (socket.is_open()) return true;
    ::close(descriptor);
    return false;
  }

  /// "change@/devices/…/drm/card0", then "SUBSYSTEM=drm" and others, each ended by a zero.
  bool is_about_screens(std::size_t size) const {
    const std::string_view text(buffer.data(), size);
    return text.find(std::string_view("\0SUBSYSTEM=drm\0", 15)) != std::string_view::npos;
  }

  void wait() {
    socket.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        if (error) return;
                        bool moved = false;
                        while (true) {
                          const auto size = ::recv(self->socket.native_handle(),
                                                   self->buffer.data(), self->buffer.size(), 0);
                          if (size < 0 && errno == ENOBUFS) moved = true;
                          if (size <= 0 && errno != ENOBUFS) break;
                          if (size > 0)
                            moved = moved || self->is_about_screens(static_cast<std::size_t>(size));
                        }
                        if (moved) self->changed();
                        self->wait();
                      });
  }

  boost::asio::posix::stream_descriptor socket;
  std::function<void()> changed;
  std::array<char, 8192> buffer{};
};

screen_watch::screen_watch(boost::asio::io_context& loop, std::function<void()> changed)
    : implementation_(std::make_shared<implementation>(loop, std::move(changed))) {
  if (implementation_->open()) implementation_->wait();
}

screen_watch::~screen_watch() {
  boost::system::error_code ignored;
  implementation_->socket.close(ignored);
}

} // namespace troupe::box
