#pragma once

#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/workers.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::server {

/// What all actors of a server share and none of them owns; outlives them. Each member is safe to
/// use from any actor.
struct services {
  boost::asio::io_context& loop;
  runtime::workers& workers;
  runtime::limits& limits;
  runtime::metrics& metrics;
  std::filesystem::path state_folder;
  std::string version;
  time_point started{};
};

/// How long one actor waits for another on this server before it says so.
inline constexpr std::chrono::seconds neighbour_timeout{10};

} // namespace troupe::server
