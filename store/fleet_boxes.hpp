#pragma once

#include "messages/bytes.hpp"
#include "messages/fleet.hpp"
#include "messages/result.hpp"
#include "store/sql_connection.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The boxes of a fleet on disk. Plain functions, for jobs of the store.
namespace troupe::store {

struct box_row {
  fleet_box box; ///< `online` is false, `online_since` when it was last seen
  shared_bytes public_key;
  bool deleted = false; ///< told to forget this server when it next comes
  std::uint64_t last_command = 0;
};
result<std::vector<box_row>> load_boxes(sql_connection& connection);
/// Adds a box, or takes one back that was deleted.
[[nodiscard]] std::optional<fault> put_box(sql_connection& connection, const box_row& row);
/// What people give and decide; what is not there stays as it is.
struct box_words {
  std::optional<std::string> name = {}, note = {}, alert = {};
  std::optional<std::string> point_of_sale = {}; ///< its id
  std::optional<bool> point_question = {};
  std::optional<std::vector<std::string>> tags = {}; ///< without ends of lines
};
[[nodiscard]] std::optional<fault> write_box_words(sql_connection& connection, const box_id& box,
                                                   const box_words& words);
/// When somebody disconnected the box at its homepage; zero: it is connected.
[[nodiscard]] std::optional<fault> write_box_disconnected(sql_connection& connection,
                                                          const box_id& box, time_point at);
/// What the box tells: its report, devices, newest event; and when it was seen.
[[nodiscard]] std::optional<fault> write_box_report(sql_connection& connection,
                                                    const fleet_box& box, time_point seen);
[[nodiscard]] std::optional<fault> mark_box_deleted(sql_connection& connection, const box_id& box);

} // namespace troupe::store
