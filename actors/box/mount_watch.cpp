#include "actors/box/mount_watch.hpp"

#include "actors/runtime/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace troupe::box {
namespace {

const runtime::logger log_("box.mounts");

} // namespace

struct mount_watch::implementation : std::enable_shared_from_this<implementation> {
  implementation(boost::asio::io_context& loop, std::function<void()> callback)
      : table(loop), changed(std::move(callback)) {}

  bool open() {
    const int descriptor = ::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    boost::system::error_code problem;
    table.assign(descriptor, problem);
    if (!problem) return true;
    ::close(descriptor);
    return false;
  }

  /// The kernel calls a change an exceptional condition (proc(5)), and forgets it when it was told.
  void wait() {
    table.async_wait(boost::asio::posix::stream_descriptor::wait_error,
                     [self = shared_from_this()](boost::system::error_code error) {
                       if (error) return;
                       self->changed();
                       self->wait();
                     });
  }

  boost::asio::posix::stream_descriptor table;
  std::function<void()> changed;
};

mount_watch::mount_watch(boost::asio::io_context& loop, std::function<void()> changed)
    : implementation_(std::make_shared<implementation>(loop, std::move(changed))) {
  if (implementation_->open())
    implementation_->wait();
  else
    log_.warning("It cannot be noticed when a stick is put in: {}", std::strerror(errno));
}

mount_watch::~mount_watch() {
  boost::system::error_code ignored;
  implementation_->table.close(ignored);
}

} // namespace troupe::box
