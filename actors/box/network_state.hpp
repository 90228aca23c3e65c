#pragma once

#include "actors/box/network.hpp"
#include "actors/runtime/log.hpp"
#include "messages/bytes.hpp"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace troupe::box {

inline const runtime::logger network_log("box.network");

/// Reads interfaces, addresses and the default route from the kernel once.
network_info read_network();

/// Calls back on the loop when interfaces, addresses or routes change (rtnetlink multicast).
/// Several kernel messages that come together make one call. Without permission to listen it stays
/// silent.
class network_watch {
public:
  network_watch(boost::asio::io_context& loop, std::function<void()> changed);
  ~network_watch();

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace troupe::box
