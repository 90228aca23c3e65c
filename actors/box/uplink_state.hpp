#pragma once

#include "actors/box/uplink.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// The uplink's own state, for the files that hold its handlers.
namespace troupe::box {

inline const runtime::logger uplink_log("box.uplink");
/// After the ledger or pairing did not answer.
constexpr std::chrono::seconds retry_delay{2};
/// How often the box's clock is held against the server's: while it is off, and while it is not.
constexpr std::chrono::seconds clock_soon{10};
constexpr std::chrono::seconds clock_later{600};

using uplink_self = uplink_actor::extend<
    caf::reacts_to<link_frame_arrived>, caf::reacts_to<link_ended>, caf::reacts_to<server_changed>,
    caf::reacts_to<event_arrived>, caf::reacts_to<devices_changed>, caf::reacts_to<network_changed>,
    caf::reacts_to<proxy_changed>, caf::reacts_to<log_arrived>, caf::reacts_to<runtime::tick>>;

/// How a command to the box itself stands; on disk before it takes effect.
struct box_command_state {
  action_state state = action_state::accepted;
  std::string action;
  std::string code;
  std::string text;
};

struct uplink_state {
  uplink_state() = default; // no aggregate: CAF would hand the actor to its first member
  static inline const char* name = "uplink";

  uplink_self::stateful_pointer<uplink_state> self = nullptr;
  const services* shared = nullptr;
  uplink_options options;
  uplink_neighbours near;
  runtime::timer wake{1};
  runtime::timer live{2};
  runtime::timer snapshot{3};
  runtime::timer traces{4};
  runtime::timer again{5}; ///< what the ledger or pairing did not answer
  runtime::timer restart{6};
  runtime::timer ack_due{7};
  runtime::timer clock{8};

  // uplink.cpp: the connection
  std::optional<uplink_core> core; ///< empty until the ledger told where the numbering stands
  link_line line;
  server_note_ptr server;
  bool server_known = false;
  std::string pairing; ///< whose numbering this is
  std::string epoch;
  std::uint64_t base = 0;        ///< events up to here are not this epoch's to forward
  bool was_linked = false;       ///< in this pairing, also by an earlier run
  bool devices_are_told = false; ///< on the present link
  std::size_t devices_told = 0;
  std::optional<time_point> completed; ///< when the box first was linked and had told all
  std::uint64_t forwarded = 0;         ///< by earlier runs, as far as it was written down
  time_point since{};                  ///< of the present state
  std::string published;
  std::optional<time_point> last_ack;
  runtime::actor_time up_at{};  ///< when the link came up, and
  time_point server_time{};     ///< what the server's watch showed then
  std::uint64_t generation = 0; ///< of the link: answers for an earlier one are left out

  void start();
  void load_position();
  void server_is(server_note_ptr now_is);
  void begin_epoch(std::uint64_t after, std::function<void()> then);
  void give_server_to_core();
  void carry_out(uplink_core::effects effects);
  void say_hello(const uplink_core::send_hello& wanted);
  void link_up(const uplink_core::link_up& up);
  void put_position(std::function<void()> then);
  void note_devices_told(std::size_t count);
  void look_at_clock();
  void forget(std::string why);
  void publish();
  template <class Frame>
  bool send(Frame frame) {
    return line.send(link::box_frame(std::move(frame)));
  }
  bool linked() const { return core && core->linked(); }
  auto now() const { return runtime::now(self); }

  // uplink_events.cpp: what goes up
  event_window window;
  rate_meter rate;
  runtime::limit* batches = nullptr;
  runtime::limit* lines_limit = nullptr;
  bool asking = false; ///< the hub, for events
  std::uint64_t newest = 0;
  std::map<device_id, event_ptr> values; ///< newest of each device, not sent yet
  network_info_ptr network = std::make_shared<const network_info>();
  device_list_ptr devices = std::make_shared<const device_list>();

  void take_event(const event_ptr& arrived);
  void pump();
  void send_batches(const std::vector<std::shared_ptr<const event>>& events);
  void confirmed(std::uint64_t sequence);
  void send_values();
  void snapshot_soon();
  void send_snapshot();
  void send_snapshot(const identity_info& me, const event_buffer& buffer,
                     std::vector<report_origin> origins);
  origins_actor origins_now() const {
    return options.origins ? options.origins() : origins_actor();
  }
  void tell_losses();
  double buffer_hours(const event_buffer& buffer) const;
  caf::result<link_info> info();

  // uplink_commands.cpp: what the server asks
  std::set<command_id> running;      ///< box commands of this run that have not ended
  std::deque<command_id> remembered; ///< box commands on disk, oldest first

  void load_commands();
  void take_command(const link::command& wanted);
  /// By the server's watch as it was at the last link, carried on by our own steady one.
  time_point server_now() const;
  bool is_expired(const link::command& wanted) const;
  void begin_action(const link::command& wanted);
  void tell_action(const command_id& id, const action_record& record);
  void tell_failure(const command_id& id, const fault& problem);
  void follow_action(const event& happened);

  // uplink_traces.cpp
  struct followed_trace {
    trace_context trace;
    std::set<std::array<std::uint8_t, 8>> spans; ///< sent
    std::uint64_t line = 0;                      ///< newest sent
    bool ended = false;
  };
  std::map<command_id, followed_trace> followed;
  std::deque<log_record> lines; ///< warnings and errors that wait

  void follow_trace(const link::command& wanted);
  void trace_moved(const command_id& id, bool ended);
  void send_traces();
  void take_lines(const log_arrived& arrived);
};
using uplink_pointer = uplink_self::stateful_pointer<uplink_state>;

/// What the directory is given as key of a command's action.
inline constexpr std::string_view command_key = "command:";

} // namespace troupe::box
