#include "actors/box/screen_watch.hpp"

#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace troupe::box {
namespace {

constexpr unsigned kernels_own = 1; ///< the group of the kernel's own messages

/// "change@/devices/…/drm/card0", then "SUBSYSTEM=drm" and others, each ended by a zero.
bool is_about_screens(std::string_view message) {
  return message.find(std::string_view("\0SUBSYSTEM=drm\0", 15)) != std::string_view::npos;
}

/// Whether one of the messages that came is about screens; lost ones may have been.
bool read_messages(int descriptor) {
  std::array<char, 8192> buffer;
  bool moved = false;
  while (true) {
    const auto size = ::recv(descriptor, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == ENOBUFS) moved = true;
    if (size <= 0 && errno != ENOBUFS) return moved;
    if (size > 0)
      moved = moved || is_about_screens({buffer.data(), static_cast<std::size_t>(size)});
  }
}

} // namespace

std::unique_ptr<descriptor_watch> watch_screens(boost::asio::io_context& loop,
                                                std::function<void()> changed) {
  const int descriptor = open_netlink(NETLINK_KOBJECT_UEVENT, kernels_own);
  if (descriptor < 0) return nullptr;
  return std::make_unique<descriptor_watch>(loop, descriptor, descriptor_watch::kind::readable,
                                            [changed = std::move(changed)](int from) {
                                              if (read_messages(from)) changed();
                                            });
}

} // namespace troupe::box
