#pragma once

#include "messages/action.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <string>

namespace troupe::store {

/// A row of the table of actions.
struct action_row {
  action_record record;
  bool touched = false; ///< a byte may have reached the device
};

/// "SELECT <the columns of read_row> FROM actions ".
extern const std::string select_actions;
/// Reads the present row of such a statement.
action_row read_row(const query& found);

/// CRC-32 of kept content.
std::int64_t checksum_of(byte_span content);

inline std::int64_t to_microseconds(time_point at) {
  return at.time_since_epoch().count();
}
inline time_point from_microseconds(std::int64_t count) {
  return time_point(std::chrono::microseconds(count));
}

} // namespace troupe::store
