#pragma once

#include "actors/server/bus.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

/// The newest events in memory, and the older ones that readers want at the moment. Pure.
namespace troupe::server {

using made_event = std::shared_ptr<numbered_event>;

/// Events in a row: all there are with numbers above `after`, up to `last`.
struct event_run {
  std::uint64_t after = 0;
  std::uint64_t last = 0;
  event_list_ptr events;
};

/// Readers who are behind get the past in blocks of the same numbers, so that many of them share
/// what was read from the disk and made into text once.
class event_history {
public:
  static constexpr std::uint64_t block_events = 500;
  /// Some thousand events beside those in memory, while somebody reads the past.
  static constexpr std::size_t blocks_kept = 16;
  /// Number before the first of the block that holds what follows `number`.
  static constexpr std::uint64_t block_before(std::uint64_t number) {
    return number - number % block_events;
  }

  explicit event_history(std::size_t in_memory) : bound_(in_memory) {}

  /// The disk ends with this number; nothing is in memory.
  void start(std::uint64_t newest);
  /// What was just written, in order; all of it is one run. With their texts, when somebody
  /// listens.
  event_run add(std::vector<made_event>& fresh, bool with_texts);
  /// What a reader who has everything up to `number` gets next; nothing: only the disk knows it.
  std::optional<event_run> behind(std::uint64_t number);
  /// A block from the disk. Those that still grow are not kept.
  void keep(const event_run& block);
  void forget_blocks() { blocks_.clear(); }

  std::uint64_t newest() const { return newest_; }
  /// Numbers up to here are only on the disk.
  std::uint64_t before_memory() const { return before_memory_; }
  std::size_t in_memory() const { return memory_.size(); }

private:
  event_run run_in_memory(std::uint64_t after, std::uint64_t last) const;

  std::size_t bound_;
  std::uint64_t newest_ = 0;
  std::uint64_t before_memory_ = 0;
  std::deque<made_event> memory_;
  std::deque<event_run> blocks_; ///< the one wanted last at the end
};

} // namespace troupe::server
