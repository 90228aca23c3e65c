#pragma once

#include "actors/box/descriptor_watch.hpp"
#include "actors/box/network.hpp"
#include "actors/runtime/log.hpp"
#include "messages/bytes.hpp"

#include <functional>
#include <memory>

namespace troupe::box {

inline const runtime::logger network_log("box.network");

/// Reads interfaces, addresses and the default route from the kernel once.
network_info read_network();

/// Calls back on the loop when interfaces, addresses or routes change (rtnetlink multicast).
/// Several kernel messages that come together make one call. Null, and a line in the log, without
/// permission to listen.
std::unique_ptr<descriptor_watch> watch_network_changes(boost::asio::io_context& loop,
                                                        std::function<void()> changed);

} // namespace troupe::box
