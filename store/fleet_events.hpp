#pragma once

#include "messages/bytes.hpp"
#include "messages/identifiers.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "store/sql_connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The events of a fleet on disk. Plain functions, for jobs of the store.
namespace troupe::store {

/// Who events come from: a box (or the server, whose id is empty), and how far its own numbering is
/// on disk.
struct event_source {
  std::int64_t number = 0;
  std::string epoch;
  std::uint64_t last = 0;
};
/// The source of that box, made when it is new.
result<event_source> take_source(sql_connection& connection, const box_id& box);
/// Nothing when no event of the box was ever kept.
result<std::optional<event_source>> find_source(sql_connection& connection, const box_id& box);
[[nodiscard]] std::optional<fault> move_source(sql_connection& connection,
                                               const event_source& source);

struct event_row {
  std::uint64_t sequence = 0;
  box_id box;              ///< when read
  std::int64_t source = 0; ///< when written
  time_point received{};
  std::string device;
  std::string type;
  std::string content; ///< the event as msgpack
};
/// Many rows a statement.
[[nodiscard]] std::optional<fault> write_events(sql_connection& connection,
                                                const std::vector<event_row>& rows);

struct event_bounds {
  std::uint64_t oldest = 0; ///< 0: there is none
  std::uint64_t newest = 0;
};
result<event_bounds> bounds_of_events(sql_connection& connection);

struct event_query {
  std::optional<box_id> box;
  std::optional<device_id> device;
  std::string type_prefix;
  bool newest_first = true;
  std::uint64_t from = 0; ///< numbers below (newest first) or above (oldest first) this
  std::uint32_t limit = 100;
  std::uint32_t looked_at = 20'000; ///< rows examined at most
};
struct event_page {
  std::vector<event_row> rows;
  std::uint64_t reached = 0; ///< go on from here
  bool ended = false;        ///< there is nothing further
};
result<event_page> read_events(sql_connection& connection, const event_query& wanted);

/// Deletes at most `step` of the oldest events: those numbered below `keep_from`, and those
/// received before `keep_after`; never the newest. Gives how many went.
result<std::uint64_t> prune_events(sql_connection& connection, std::uint64_t keep_from,
                                   time_point keep_after, std::uint32_t step);

} // namespace troupe::store
