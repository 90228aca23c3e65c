#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::sim {

/// Something that a person at the counter does to a printer: docs/paper-room.md has the table. Sent
/// to a printer actor, answered by its snapshot or the fault "printer.play" (422).
struct play {
  static constexpr bool local_message = true;
  std::string what;  ///< paper, cover, power, plug, drawer, pace, fault, feed, tear, clear
  std::string state; ///< such as "out", "open"; for `fault` its name, or "none"
  bool on = true;    ///< only for `fault`
  std::optional<std::uint64_t> roll_dots{};   ///< only for paper "in": 100..10000000
  std::optional<std::uint64_t> after_bytes{}; ///< only for fault "dead"
};

/// Whether there is something of that name to do.
bool is_play(std::string_view what);

} // namespace troupe::sim
