#pragma once

#include "messages/action.hpp"
#include "messages/event.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "store/database.hpp"
#include "store/prune.hpp"
#include "store/state_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::store {

/// An action with what it was asked to do.
struct kept_action {
  action_record record;
  action_request request;
};

/// What waits for a device, oldest first.
struct pending_actions {
  std::vector<kept_action> ready;
  std::vector<action_record> broken; ///< unreadable; now `failed` with a text
  std::uint64_t last = 0;            ///< the highest number looked at
  bool more = false;                 ///< a bound was reached: ask again with `after` = `last`
};

/// Which actions to list.
struct action_filter {
  device_id device;                  ///< empty: all
  std::optional<action_state> state; ///< empty: all
  std::uint64_t before = 0;          ///< only numbers below this; 0: from the newest
  std::uint32_t limit = 50;          ///< at most `ledger::list_limit`
};

/// How full the ledger is, for the register of limits and the metrics.
struct ledger_size {
  std::uint64_t actions = 0;       ///< records
  std::uint64_t unfinished = 0;    ///< of these accepted or sent
  std::uint64_t payloads = 0;      ///< documents that can be printed again
  std::uint64_t payload_bytes = 0; ///< their size
  std::uint64_t events = 0;
  std::uint64_t file_bytes = 0; ///< the database file
  std::uint64_t log_bytes = 0;  ///< the part of its log that waits for a checkpoint
};

/// Whether something may have reached the device; see `ledger::finish`.
enum class first_byte : bool { not_out, perhaps_out };

/// A record with what only the ledger knows of it.
struct action_row;

/// How a ledger is opened.
struct ledger_options {
  database_options database;
  std::string program_version; ///< written into the file, so that an older program can name it
};

/// The box's memory that survives any death: actions, events, settings, in one SQLite file in the
/// state folder. For one thread; has no clock: times are passed in.
///
/// Changes are made in groups: `begin`, changes, `commit`. What a change returns may be told to
/// others only after `commit` succeeded. When a change gives a fault whose code begins with
/// "store.", the group is lost: further changes and `commit` give that fault, nothing of the group
/// counts, and the next group starts afresh. Other faults (an unknown action, an impossible
/// transition) leave the group as it is.
///
/// The same key on the same device gets the first answer, always, with one exception: when the
/// first attempt ended `failed` or `canceled` and no byte of it can have reached the device, the
/// key may be used again and starts a new attempt, since nothing can print twice.
class ledger {
public:
  /// The longest idempotency key, in bytes.
  static constexpr std::size_t key_limit = 128;
  /// The largest payload of one action, in bytes of msgpack.
  static constexpr std::size_t payload_limit = 32u << 20;
  /// Actions that may wait or run at a time; more are refused as "action.too_many_waiting".
  static constexpr std::uint64_t unfinished_limit = 4096;
  /// The most that `list`, `pending` and `read_events` give at a time.
  static constexpr std::uint32_t list_limit = 1000;
  /// `pending` stops behind the action with which its payloads reach this many bytes.
  static constexpr std::uint64_t pending_byte_limit = 32u << 20;
  /// The longest name of a setting and the longest text of one, in bytes.
  static constexpr std::size_t setting_name_limit = 256;
  static constexpr std::size_t setting_text_limit = 1u << 20;
  /// A commit copies the log into the file by itself when the log has this many pages (4 KiB).
  static constexpr std::size_t log_page_limit = 2048;
  /// `checkpoint` is worth its cost from this many pages on.
  static constexpr std::size_t log_page_aim = 256;

  /// Opens or makes `ledger.db` in the state folder (made with mode 0700, the file with 0600) and
  /// holds the folder against other processes. Faults: store.newer and those of `state_folder`
  /// and `database`.
  static result<std::unique_ptr<ledger>> open(const std::filesystem::path& folder,
                                              const ledger_options& options = {});
  /// A ledger that lives as long as this object: for simulated boxes, thousands of which have no
  /// disk of their own.
  static result<std::unique_ptr<ledger>> in_memory();
  ~ledger();

  // Groups.
  [[nodiscard]] std::optional<fault> begin();
  /// When this returns nothing, the group is on disk.
  [[nodiscard]] std::optional<fault> commit();
  void rollback();
  bool in_group() const { return in_group_; }

  // Actions: changes.

  /// Takes an action on. A known key (or identifier) gives `duplicate` with the record as it
  /// stands. `repeats` names the action that this one prints again. Faults: action.bad_key,
  /// action.too_large, action.too_many_waiting.
  result<action_accepted> accept(const action_request& request, time_point now,
                                 const action_id& repeats = {});
  /// accepted -> sent; must be committed before the first byte goes to the device.
  result<action_record> mark_sent(const action_id& id, time_point now);
  /// accepted -> failed; sent -> confirmed, failed or unknown. `touched` says whether a byte may
  /// have reached the device (never, when the action was not marked as sent). `found` is what the
  /// action found out.
  result<action_record> finish(const action_id& id, action_state state, std::string_view code,
                               std::string_view text, time_point now,
                               first_byte touched = first_byte::perhaps_out,
                               const value& found = {});
  /// unknown -> confirmed: a person looked and it printed. Fault: action.not_unknown.
  result<action_record> confirm_by_hand(const action_id& id, time_point now);
  /// accepted -> canceled.
  result<action_record> cancel(const action_id& id, std::string_view text, time_point now);

  // Actions: reading. Outside and inside of groups.

  /// What waits for a device (empty: for any) with a number above `after`, oldest first. An action
  /// whose payload cannot be read becomes `failed` (in a group of its own when none is open).
  result<pending_actions> pending(const device_id& device, time_point now, std::uint32_t limit = 64,
                                  std::uint64_t after = 0);
  /// Those that were `sent` when the ledger was opened and still are: the box died in the middle.
  result<std::vector<action_record>> interrupted();
  /// What an action was asked to do, for "print again". Faults: action.not_found,
  /// action.payload_gone, action.payload_broken.
  result<action_request> load_request(const action_id& id);
  result<std::optional<action_record>> find(const action_id& id);
  /// The newest action with this key on this device.
  result<std::optional<action_record>> find_key(const device_id& device, std::string_view key);
  /// Newest first.
  result<std::vector<action_record>> list(const action_filter& filter);

  // Events.

  /// Reserves `count` sequence numbers and gives the first: above all that were ever reserved,
  /// also by a process that died. A change; the numbers may be used after its commit.
  result<std::uint64_t> reserve_sequences(std::uint32_t count);
  /// Keeps an event; its sequence must be reserved and above the last one's (event.bad_sequence).
  /// With the event "action.STATE" that state of its action is no longer `untold`.
  [[nodiscard]] std::optional<fault> append(const event& happened);
  /// States of actions whose event was never kept, since the box died in between; oldest action
  /// first, each as its event would have told it. At most `list_limit` actions.
  result<std::vector<action_record>> untold();
  /// Events with a sequence above `after`, in order. Unreadable ones are left out.
  result<std::vector<event>> read_events(std::uint64_t after, std::uint32_t limit,
                                         const device_id& device = {});
  std::uint64_t last_sequence() const { return totals_.last_sequence; }     ///< 0: none was kept
  std::uint64_t oldest_sequence() const { return totals_.oldest_sequence; } ///< 0: none is kept

  /// Up to which event a server has them; none: there is no server. A change.
  [[nodiscard]] std::optional<fault> set_forwarded(std::optional<std::uint64_t> sequence);
  std::optional<std::uint64_t> forwarded() const { return totals_.forwarded; }
  result<std::uint64_t> count_events_after(std::uint64_t sequence);

  // Settings: named JSON texts (devices, allowed origins, the box's name).
  result<std::optional<std::string>> get(std::string_view name);
  [[nodiscard]] std::optional<fault> put(std::string_view name, std::string_view json);
  [[nodiscard]] std::optional<fault> remove(std::string_view name);
  /// Names that begin with `prefix`, in order.
  result<std::vector<std::pair<std::string, std::string>>> all(std::string_view prefix = {});

  // Upkeep.

  /// Deletes what is too old or too much; a change. See `prune_limits`.
  result<pruned> prune(time_point now, const prune_limits& limits);
  ledger_size size() const;
  /// "store.moved" when the file is no longer where the next start would look for it.
  std::optional<fault> moved() const { return database_->moved(); }
  /// Copies the log into the file; for quiet moments, when `checkpoint_due`.
  [[nodiscard]] std::optional<fault> checkpoint();
  bool checkpoint_due() const { return database_->log_pages() >= log_page_aim; }

private:
  struct totals {
    std::uint64_t actions = 0;
    std::uint64_t unfinished = 0;
    std::uint64_t payloads = 0;
    std::uint64_t payload_bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t last_sequence = 0;
    std::uint64_t oldest_sequence = 0;
    std::uint64_t reserved = 0;
    std::optional<std::uint64_t> forwarded;
    std::int64_t prune_time = 0;
    std::int64_t prune_time_kept = 0;
  };
  ledger(std::optional<state_folder> folder, std::unique_ptr<database> database);
  static result<std::unique_ptr<ledger>> read_in(std::unique_ptr<ledger> made);
  [[nodiscard]] std::optional<fault> load_totals();
  [[nodiscard]] std::optional<fault> load_interrupted();
  [[nodiscard]] std::optional<fault> refresh_events();

  std::optional<fault> needs_group() const;
  fault spoil(fault problem);

  result<std::vector<action_row>> rows_of(query& found);
  result<action_row> row_of(const action_id& id);
  result<std::optional<action_row>> known_action(const action_request& request);
  [[nodiscard]] std::optional<fault> insert_action(action_record& record,
                                                   const action_request& request);
  result<action_record> change_state(action_row found, action_state to, std::string_view code,
                                     std::string_view text, time_point now, bool touched,
                                     const value& result = {});
  result<action_record> transition(const action_id& id, action_state to, std::string_view code,
                                   std::string_view text, time_point now, first_byte touched,
                                   const value& result = {});
  result<action_request> read_payload(const action_record& record);
  [[nodiscard]] std::optional<fault> note_told(const event& happened);
  [[nodiscard]] std::optional<fault>
  fail_broken(std::vector<action_row> rows, std::vector<action_record>& failed, time_point now);

  void advance_prune_time(time_point now);
  [[nodiscard]] std::optional<fault> keep_prune_time();
  [[nodiscard]] std::optional<fault> prune_payloads(const prune_limits& limits, std::int64_t now,
                                                    pruned& done);
  [[nodiscard]] std::optional<fault> prune_actions(const prune_limits& limits, std::int64_t now,
                                                   pruned& done);
  [[nodiscard]] std::optional<fault> prune_events(const prune_limits& limits, std::int64_t now,
                                                  pruned& done);
  [[nodiscard]] std::optional<fault> prune_buffer(const prune_limits& limits, std::int64_t now,
                                                  pruned& done);
  [[nodiscard]] std::optional<fault> drop_unforwarded(const std::string& device,
                                                      std::uint64_t count, pruned& done);
  [[nodiscard]] std::optional<fault> drop_payload(std::uint64_t number, std::uint64_t bytes,
                                                  pruned& done);
  [[nodiscard]] std::optional<fault> drop_actions(query& found, pruned& done);
  [[nodiscard]] std::optional<fault> shrink();

  std::optional<state_folder> folder_; ///< none: in memory
  std::unique_ptr<database> database_;
  std::filesystem::path file_;
  totals totals_;
  totals before_; ///< as the open group found them
  bool in_group_ = false;
  std::optional<fault> lost_; ///< why the open group cannot be committed
  std::vector<std::uint64_t> interrupted_;
};

} // namespace troupe::store
