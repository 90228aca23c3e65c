#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace troupe::box {

/// Watches a file descriptor by which the kernel tells of changes, without polling. The owner of
/// one kind of news (network, mounts, screens) opens the descriptor and says how it is read.
class descriptor_watch {
public:
  enum class kind : std::uint8_t {
    readable,   ///< there is something to read
    exceptional ///< what the kernel calls an exceptional condition (proc(5))
  };
  /// Takes the descriptor over. `ready` runs on the loop each time, until the
  /// destructor.
  descriptor_watch(boost::asio::io_context& loop, int descriptor, kind waits_for,
                   std::function<void(int descriptor)> ready);
  ~descriptor_watch();
  descriptor_watch(const descriptor_watch&) = delete;
  descriptor_watch& operator=(const descriptor_watch&) = delete;

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

/// A netlink socket that hears these groups; -1, with a reason in `errno`, when there is none.
int open_netlink(int protocol, unsigned groups);

} // namespace troupe::box
