#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::store {

/// How much of the past the ledger keeps. Actions that wait or run are never pruned; those whose
/// end is unknown keep their document and record until only such are left, or `unknown_patience`
/// times as long as others. Events that a server does not have yet are kept for it beyond `events`
/// and `age`, by limits of their own; when they are too many, the device that has most of them
/// loses its oldest, so that a chatty one does not push out what others said. What is lost so is
/// noted in the setting "link.lost." and the device's id.
struct prune_limits {
  std::chrono::hours payload_age{24 * 7}; ///< how long documents can be printed again
  std::chrono::hours age{24 * 30};        ///< how long records and events are kept
  std::uint64_t payload_bytes = 64u << 20;
  std::uint64_t actions = 10'000;
  std::uint64_t events = 20'000;
  std::uint64_t buffer_events = 20'000; ///< that a server does not have yet
  std::chrono::hours buffer_age{24 * 30};
};

/// Age counts this many times slower for actions whose end is unknown.
inline constexpr int unknown_patience = 4;
/// The newest actions and events are kept whatever their age.
inline constexpr std::uint64_t kept_whatever_age = 100;
/// The most rows of each kind that one call deletes.
inline constexpr std::uint32_t prune_batch = 256;
/// One call deletes no further documents after this many bytes of them.
inline constexpr std::uint64_t prune_byte_batch = 8u << 20;
/// Free pages of 4 KiB that stay in the file for what comes next.
inline constexpr int free_pages_kept = 1024;
/// Pages of 4 KiB that one call gives back to the system.
inline constexpr int vacuum_batch = 256;
/// By how much one call lets the past grow older at most, whatever the clock says. The ledger is
/// pruned about once a minute; so a clock that jumped years ahead ages the past ten times too fast
/// instead of wiping it, and a box that was off for a month catches up in three days.
inline constexpr std::chrono::minutes prune_step{10};

/// What one call deleted.
struct pruned {
  std::uint64_t payloads = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t actions = 0;
  std::uint64_t events = 0;
  std::uint64_t lost = 0; ///< of these, events that a server never got
  bool more = false;      ///< a bound was reached: call again soon
};

} // namespace troupe::store
