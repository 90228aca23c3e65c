#pragma once

#include "apps/troupe/caller.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace troupe::apps {

struct tail_options {
  std::string filter{}; ///< "&box=…&type=…", encoded
  std::optional<std::uint64_t> after{};
  std::uint64_t count = 0; ///< ends after so many; 0: never
  std::function<void(const value&)> show{};
  std::function<void()> shown{};                  ///< after each message, to flush
  std::function<void(const std::string&)> note{}; ///< what happens to the connection
};

/// Shows events until `count` is reached. A connection that breaks after it stood is made again,
/// behind the last event shown; one that cannot be made at first is a fault.
result<bool> tail_events(caller& server, const tail_options& options);

} // namespace troupe::apps
