#include "actors/box/mount_watch.hpp"

#include "actors/runtime/log.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <utility>

namespace troupe::box {
namespace {

const runtime::logger log_("box.mounts");

} // namespace

/// The kernel forgets a change when it was told.
std::unique_ptr<descriptor_watch> watch_mounts(boost::asio::io_context& loop,
                                               std::function<void()> changed) {
  const int descriptor = ::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0)
    return std::make_unique<descriptor_watch>(loop, descriptor, descriptor_watch::kind::exceptional,
                                              [changed = std::move(changed)](int) { changed(); });
  log_.warning("It cannot be noticed when a stick is put in: {}", std::strerror(errno));
  return nullptr;
}

} // namespace troupe::box
