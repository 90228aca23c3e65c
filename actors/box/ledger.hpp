#pragma once

#include "actors/box/services.hpp"
#include "actors/runtime/local_messages.hpp"
#include "messages/action.hpp"
#include "messages/event.hpp"

#include <caf/typed_actor.hpp>

#include <optional>
#include <utility>
#include <vector>

/// The durable memory of the box: actions, events, settings. Runs on a thread of its own (SQLite
/// blocks); what arrives while it commits goes into the next commit together.
namespace troupe::store {
class ledger;
}

namespace troupe::box {

/// Writes an action down. Answered when it is on disk; the same key gets the first answer.
struct accept_action {
  static constexpr bool local_message = true;
  std::shared_ptr<const action_request> request;
  trace_context trace = current_trace();
};
/// Notes that the first byte may go out. Answered when that is on disk.
struct mark_sent {
  static constexpr bool local_message = true;
  action_id id;
  trace_context trace = current_trace();
};
/// Ends an action (confirmed, failed, unknown, canceled). Answered by the record when on disk.
struct finish_action {
  static constexpr bool local_message = true;
  action_id id;
  action_state state = action_state::confirmed;
  std::string code;
  std::string text;
  value result{}; ///< what the action found out; null: nothing
  trace_context trace = current_trace();
};
/// A person says that an action in state `unknown` did print. Fault "action.not_unknown" (409).
struct confirm_by_hand {
  static constexpr bool local_message = true;
  action_id id;
  trace_context trace = current_trace();
};
/// What a device actor has to take up again after a restart.
struct pending_action {
  action_record record;
  std::shared_ptr<const action_request> request;
};
struct unfinished_actions {
  static constexpr bool local_message = true;
  std::vector<pending_action> accepted; ///< no byte was sent: do them, in this order
  std::vector<action_record> sent;      ///< cut off while sending: ask the device, else unknown
};
struct get_unfinished {
  static constexpr bool local_message = true;
  device_id device;
};
struct get_action {
  static constexpr bool local_message = true;
  action_id id;
};
/// The newest action with this key on this device; none when there is none.
struct find_action {
  static constexpr bool local_message = true;
  device_id device;
  std::string key;
};
/// What was asked, as long as it is kept ("print again"). Fault "action.payload_gone" (410).
struct load_request {
  static constexpr bool local_message = true;
  action_id id;
};
struct list_actions {
  static constexpr bool local_message = true;
  device_id device; ///< empty: of all
  std::optional<action_state> state;
  std::uint64_t before = 0; ///< numbers below this; 0: from the newest
  std::uint32_t limit = 50; ///< at most 500
};
struct action_page {
  static constexpr bool local_message = true;
  std::vector<action_record> actions; ///< newest first
  std::uint64_t next = 0;             ///< `before` of the next page; 0: there is none
};
/// Answered, when they are on disk, by the greatest sequence among them.
struct append_events {
  static constexpr bool local_message = true;
  std::vector<std::shared_ptr<const event>> events;
};
/// States of actions whose events an earlier life of the box did not come to keep.
struct get_untold {
  static constexpr bool local_message = true;
};
struct untold_actions {
  static constexpr bool local_message = true;
  std::vector<action_record> states; ///< oldest action first, each as its event tells it
};
struct read_events {
  static constexpr bool local_message = true;
  std::uint64_t after = 0;
  std::uint32_t limit = 500;
};
struct event_batch {
  static constexpr bool local_message = true;
  std::vector<event> events;     ///< oldest first
  std::uint64_t oldest_kept = 0; ///< smaller numbers are pruned; 0: nothing is kept
  std::uint64_t last_kept = 0;   ///< 0: nothing is kept
};
/// A server has all events up to this one (none: the box has no server). Those after it are kept
/// for the server, see `ledger_limits`. Goes to disk with the next group that has more to write.
struct note_forwarded {
  static constexpr bool local_message = true;
  std::optional<std::uint64_t> sequence;
};
/// How full the buffer for the server is.
struct get_buffer {
  static constexpr bool local_message = true;
};
struct event_buffer {
  static constexpr bool local_message = true;
  std::optional<std::uint64_t> forwarded; ///< none: no server
  std::uint64_t waiting = 0;              ///< events behind it
  std::uint64_t bound = 0;                ///< at most so many are kept
  std::chrono::hours longest{};           ///< and no longer than this
};
/// Takes `count` numbers that no other event will ever have.
struct reserve_sequences {
  static constexpr bool local_message = true;
  std::uint32_t count = 1000;
};
struct sequence_range {
  static constexpr bool local_message = true;
  std::uint64_t first = 1;
  std::uint32_t count = 0;
};
/// Settings are JSON texts under dotted names ("box.name", "device.counter", "origin.…").
struct put_setting {
  static constexpr bool local_message = true;
  std::string name;
  std::string json; ///< empty: removes it
};
struct get_settings {
  static constexpr bool local_message = true;
  std::string prefix;
};
struct setting_list {
  static constexpr bool local_message = true;
  std::vector<std::pair<std::string, std::string>> settings;
};

/// Whether what changes now would be kept: true, or the fault "store.…" that says why not, as the
/// last write met it or a look at the file does.
struct check_ledger {
  static constexpr bool local_message = true;
};
using ledger_actor = caf::typed_actor<
    caf::replies_to<check_ledger>::with<bool>,
    caf::replies_to<accept_action>::with<action_accepted>,
    caf::replies_to<mark_sent>::with<action_record>,
    caf::replies_to<finish_action>::with<action_record>,
    caf::replies_to<confirm_by_hand>::with<action_record>,
    caf::replies_to<get_unfinished>::with<unfinished_actions>,
    caf::replies_to<get_action>::with<action_record>,
    caf::replies_to<find_action>::with<std::optional<action_record>>,
    caf::reacts_to<note_forwarded>, caf::replies_to<get_buffer>::with<event_buffer>,
    caf::replies_to<load_request>::with<std::shared_ptr<const action_request>>,
    caf::replies_to<list_actions>::with<action_page>,
    caf::replies_to<append_events>::with<std::uint64_t>,
    caf::replies_to<get_untold>::with<untold_actions>,
    caf::replies_to<read_events>::with<event_batch>,
    caf::replies_to<reserve_sequences>::with<sequence_range>,
    caf::replies_to<put_setting>::with<bool>, caf::replies_to<get_settings>::with<setting_list>>;

/// What is kept for how long; the bounds are declared in the register of limits.
struct ledger_limits {
  std::chrono::hours longest_age{24 * 90};
  std::uint64_t payload_bytes = 256ull << 20;
  std::uint64_t actions = 100'000;
  std::uint64_t events = 100'000;
  std::uint64_t buffer_events = 100'000; ///< that wait for the server
  std::chrono::hours buffer_age{24 * 30};
};

/// A store that the program opened at its start, to say at once what is wrong with it; taken by the
/// first ledger actor.
using opened_store = std::shared_ptr<std::unique_ptr<store::ledger>>;

/// Takes the opened store, or opens the one in the state folder; ends with the fault's words when
/// that cannot be (a supervisor shows them). `detached`: on a thread of its own; tests in virtual
/// time take false.
ledger_actor spawn_ledger(caf::actor_system& system, const services& shared,
                          ledger_limits limits = {}, opened_store opened = {},
                          bool detached = true);

} // namespace troupe::box
