#pragma once

#include "actors/runtime/clock.hpp"
#include "actors/server/bus.hpp"
#include "messages/time.hpp"
#include "store/fleet_events.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <optional>
#include <vector>

/// What the bus writes down in one go. Runs on the store's thread, away from the loop.
namespace troupe::server {

/// An event as CloudEvents with the server's number; "gap" and live ones have none of their own.
std::shared_ptr<const std::string> cloud_event_of(const fleet_event& content,
                                                  std::uint64_t passing = 0);

struct event_group {
  struct batch {
    publish_batch content;
    caf::typed_response_promise<std::uint64_t> promise;
    runtime::actor_time until{};  ///< nobody waits for the answer any longer
    std::uint64_t answer = 0;     ///< the newest number of its box on disk
    std::optional<fault> refused; ///< instead of the answer; nothing of it was written
  };
  std::vector<batch> batches;
  time_point now{};
  bool make_json = false; ///< somebody listens

  // What came out.
  std::vector<std::shared_ptr<numbered_event>> fresh;
  std::uint64_t repeated = 0; ///< left out, since they were on disk
  std::uint64_t last = 0;     ///< newest number on disk

  /// Numbers what is new, writes it, moves the boxes' positions.
  [[nodiscard]] std::optional<fault> write(store::sql_connection& connection);

private:
  [[nodiscard]] std::optional<fault> add(store::sql_connection& connection, batch& from);
  void number(event content, const box_id& box, std::int64_t source);

  std::map<box_id, store::event_source> sources_;
  std::vector<store::event_row> rows_;
};

} // namespace troupe::server
