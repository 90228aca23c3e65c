#pragma once

#include "actors/box/descriptor_watch.hpp"

namespace troupe::box {

/// Calls back on the loop when the kernel says that a screen was plugged in or out. Null where it
/// cannot be heard.
std::unique_ptr<descriptor_watch> watch_screens(boost::asio::io_context& loop,
                                                std::function<void()> changed);

} // namespace troupe::box
