#pragma once

#include <array>
#include <string_view>

/// Places at which a test can make the process die as by `kill -9`.
namespace troupe::store {

/// A crash point and what dying there means.
struct crash_point_description {
  std::string_view name;
  std::string_view meaning;
};

/// All crash points; tests iterate over them.
inline constexpr std::array crash_points{
    crash_point_description{"action.before_accept", "asked, nothing on disk"},
    crash_point_description{"action.after_accept", "on disk, the caller knows nothing"},
    crash_point_description{"action.after_answer", "on disk and answered, nothing sent"},
    crash_point_description{"action.before_sent", "about to be marked as sent"},
    crash_point_description{"action.after_sent", "marked as sent, no byte is out"},
    crash_point_description{"port.before_first_byte", "connected, no byte is out"},
    crash_point_description{"port.after_first_byte", "the first write is out"},
    crash_point_description{"port.half_written", "half of the bytes are out"},
    crash_point_description{"port.all_written", "all bytes are out, no answer yet"},
    crash_point_description{"action.before_confirm", "printed, not yet marked so"},
    crash_point_description{"action.after_confirm", "printed and marked so, nobody told"},
    crash_point_description{"event.before_append", "something happened, its event is not kept"},
    crash_point_description{"restart.before_pending",
                            "restarted, waiting actions not yet taken up"},
    crash_point_description{"ledger.in_migration",
                            "in the middle of making or changing the schema"},
    crash_point_description{"ledger.in_group", "a change is made, its group is open"},
    crash_point_description{"ledger.before_commit", "a group is complete, not on disk"},
    crash_point_description{"ledger.after_commit", "a group is on disk, nobody told"},
    crash_point_description{"ledger.before_checkpoint",
                            "the log is about to be copied into the file"},
    crash_point_description{"ledger.after_checkpoint", "the log was copied into the file"},
    crash_point_description{"ledger.in_prune", "old entries are deleted, their group is open"},
};

/// The environment variable that arms one crash point: "name" or "name:n" for its n-th passage.
inline constexpr const char* crash_point_variable = "TROUPE_CRASH_POINT";

/// Arms a crash point as the variable would ("" disarms): for children forked by a test.
void arm_crash_point(std::string_view name_and_passage);

/// True when some crash point is armed.
extern bool crash_point_armed;

/// Counts a passage and kills the process when its turn has come.
void pass_crash_point(std::string_view name);

/// Dies here by SIGKILL when this point is armed; otherwise one predictable branch.
inline void crash_point(std::string_view name) {
  if (crash_point_armed) [[unlikely]]
    pass_crash_point(name);
}

} // namespace troupe::store
