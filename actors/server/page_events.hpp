#pragma once

#include "actors/runtime/metrics.hpp"
#include "actors/server/bus.hpp"
#include "actors/server/people.hpp"
#include "transport/websocket.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Open pages that follow the events: one actor a WebSocket.
namespace troupe::server {

/// What of the events a reader wants.
struct event_filter {
  box_id box = {};                     ///< empty: all
  device_id device = {};               ///< likewise
  std::vector<std::string> types = {}; ///< beginnings: "device.", "action.failed"; empty: all
  bool everything() const { return box.empty() && device.empty() && types.empty(); }
  /// A gap concerns everybody.
  bool wants(const fleet_event& event) const;
};

/// The events of a batch that a reader wants and does not have yet, as one JSON array; empty when
/// there is none. Live values (number 0) always count as new. Pure.
std::string join_events(const std::vector<event_ptr>& events, const event_filter& filter,
                        std::uint64_t after);

/// One message to a reader.
struct event_text {
  std::shared_ptr<const std::string> text;
  std::uint64_t last = 0; ///< number of the newest event in it; 0: only live values
};
/// From the event at `at` on, a message of at most so many bytes (a larger event is alone in its
/// own); `at` then is behind it, the text is missing at the end. What a socket takes at once has a
/// bound, and a commit may bring thousands of events. Pure.
event_text next_text(const std::vector<event_ptr>& events, std::size_t& at,
                     const event_filter& filter, std::uint64_t after, std::size_t bytes);
/// All of them.
std::vector<event_text> event_texts(const std::vector<event_ptr>& events,
                                    const event_filter& filter, std::uint64_t after,
                                    std::size_t bytes);

/// The texts of the lists that come at the moment, made once for all readers who want everything.
class batch_texts {
public:
  /// Lists remembered: the one that is new, and blocks of the past that many readers go through.
  static constexpr std::size_t remembered = 8;
  const std::vector<event_text>& of(const event_list_ptr& events);

private:
  std::deque<std::pair<event_list_ptr, std::vector<event_text>>> made_; ///< newest use at the end
};

/// What all pages get together has a bound, so that boxes are heard however much pages ask for:
/// each message takes its turn. Pure.
class page_turns {
public:
  using clock = std::chrono::steady_clock;
  /// More than a gigabit wire carries.
  static constexpr std::uint64_t bytes_per_second = 200'000'000;
  /// Turns that nobody took are kept this long.
  static constexpr std::chrono::milliseconds saved{50};

  /// Takes the next turn, for so many bytes; how long until it comes.
  clock::duration take(clock::time_point now, std::size_t bytes);

private:
  clock::time_point next_ = clock::time_point::min();
};

/// What the pages of a server share.
struct page_share {
  batch_texts texts;
  page_turns turns;
  runtime::counter* waits = nullptr; ///< messages that waited for their turn
};

struct event_page {
  bus_actor bus;
  event_filter filter;
  std::optional<std::uint64_t> after;
  std::string digest; ///< of the secret it was opened with
  std::shared_ptr<page_share> share;
};
/// Tells a page every event it wants until it closes, in order, none lost and none twice; of live
/// values the newest of each device when it reads slowly. Ends when it gets an `access_changed` in
/// which its secret is no longer good.
caf::actor spawn_event_page(caf::actor_system& system, transport::websocket_ptr page,
                            event_page wanted);

} // namespace troupe::server
