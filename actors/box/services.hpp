#pragma once

#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/workers.hpp"
#include "messages/identifiers.hpp"
#include "messages/time.hpp"

#include <filesystem>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::box {

/// What all actors of one box share and none of them owns; outlives them. Not mutable state: each
/// member is safe to use from any actor.
struct services {
  boost::asio::io_context& loop;
  runtime::workers& workers;
  runtime::limits& limits;
  runtime::metrics& metrics;
  std::filesystem::path state_folder;
  std::string version; ///< "0.1.0"
  time_point started{};
};

/// How long one actor waits for another on this box before it says so. The slowest answer is the
/// ledger's commit on a tired SD card (measured elsewhere: up to some 2 s).
inline constexpr std::chrono::seconds neighbour_timeout{10};
/// Between the answer and a restart that was asked for, so that the answer gets out.
inline constexpr std::chrono::milliseconds restart_delay{300};

} // namespace troupe::box
