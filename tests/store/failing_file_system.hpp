#pragma once

#include <string>

namespace troupe::store {

/// A SQLite file system that passes everything on to the system's, counts the steps that change
/// the disk (writes, syncs, truncations, deletions, opening with creation) and fails at a chosen
/// one.
class failing_file_system {
public:
  enum class kind { disk_full, write_error, sync_error, read_error };

  /// Registers it with SQLite once; `name` goes into `database_options`.
  static const std::string& name();

  /// From now on step `step` (1 = the next) fails, and all behind it when `lasting`.
  static void fail_at(long step, kind how, bool lasting);
  static void heal();
  /// Steps since the last `fail_at`.
  static long steps();
};

} // namespace troupe::store
