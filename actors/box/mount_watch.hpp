#pragma once

#include "actors/box/descriptor_watch.hpp"

namespace troupe::box {

/// Calls back on the loop when something is mounted or taken away, as the kernel tells it. Null,
/// and a line in the log, where it cannot be heard.
std::unique_ptr<descriptor_watch> watch_mounts(boost::asio::io_context& loop,
                                               std::function<void()> changed);

} // namespace troupe::box
