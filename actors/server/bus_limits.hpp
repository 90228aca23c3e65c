#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::server {

/// Events that wait to be written; more are refused, and the links they came over are told to come
/// back later.
inline constexpr std::uint64_t bus_waiting_events = 200'000;
/// Events held in memory for quick resuming; older ones come from the store.
inline constexpr std::size_t bus_ring_events = 4'000;
/// Who may listen at a time.
inline constexpr std::uint64_t bus_listeners = 2'000;
/// What is kept on disk.
inline constexpr std::uint64_t bus_kept_events = 1'000'000;
inline constexpr std::chrono::hours bus_longest_age{24 * 90};

} // namespace troupe::server
