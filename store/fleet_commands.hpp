#pragma once

#include "messages/bytes.hpp"
#include "messages/fleet.hpp"
#include "messages/result.hpp"
#include "store/sql_connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The commands of a fleet on disk. Plain functions, for jobs of the store.
namespace troupe::store {

struct command_row {
  command_record record;
  bool handed = false; ///< a link may have carried it to the box
};
/// Writes a new command with its frame, and its number as the box's newest. Each state that is
/// written here or below counts as untold until `mark_command_told`.
[[nodiscard]] std::optional<fault> put_command(sql_connection& connection, const command_row& row,
                                               byte_span frame);
/// Writes how a command stands; when it has ended its frame is dropped.
[[nodiscard]] std::optional<fault> write_command(sql_connection& connection,
                                                 const command_record& record);
/// With the event of a state neither that state nor an earlier one is untold any more. False when
/// it was told already.
result<bool> mark_command_told(sql_connection& connection, const command_id& id,
                               action_state state);
/// States whose event is not kept yet, of so many commands, in order: a record for each.
result<std::vector<command_record>> untold_commands(sql_connection& connection,
                                                    std::uint32_t limit);
result<std::optional<command_record>> find_command(sql_connection& connection,
                                                   const command_id& id);
result<std::optional<command_record>>
find_command_by_key(sql_connection& connection, const box_id& box, const std::string& key);
/// All that have not ended, of all boxes, in order.
result<std::vector<command_row>> unfinished_commands(sql_connection& connection);

struct command_frame {
  std::uint64_t number = 0;
  shared_bytes frame;
};
/// Frames of a box's unfinished commands behind a number, in order, up to so many bytes (at least
/// one); they count as handed from now on.
result<std::vector<command_frame>> hand_over_commands(sql_connection& connection, const box_id& box,
                                                      std::uint64_t after, std::size_t bytes);

struct command_query {
  std::optional<box_id> box;
  std::optional<device_id> device;
  std::string before; ///< a command's id; empty: from the newest
  std::uint32_t limit = 100;
};
result<std::vector<command_record>> list_commands(sql_connection& connection,
                                                  const command_query& wanted);
/// Deletes at most `step` ended commands that are older than the newest `keep`.
result<std::uint64_t> prune_commands(sql_connection& connection, std::uint64_t keep,
                                     std::uint32_t step);

} // namespace troupe::store
