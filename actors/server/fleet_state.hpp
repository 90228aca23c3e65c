#pragma once

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/watchers.hpp"
#include "actors/server/box_session.hpp"
#include "actors/server/fleet_links.hpp"
#include "store/fleet_boxes.hpp"
#include "store/points_of_sale.hpp"

#include <caf/all.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

/// The inside of the fleet's actor; fleet.cpp (people and pages), fleet_link.cpp (links),
/// fleet_token.cpp (connection tokens) and fleet_command.cpp (commands) work on it.
namespace troupe::server {

inline const runtime::logger fleet_log("server.fleet");

using fleet_self = fleet_links_actor::extend<caf::reacts_to<runtime::tick>>;

struct open_command {
  command_record record;
  bool handed = false;
};
struct box_entry {
  fleet_box box;
  fleet_box_ptr shown; ///< what readers got; none: `box` changed since
  shared_bytes public_key;
  bool deleted = false;
  bool changed_on_disk = false; ///< waits in `unwritten`
  std::uint64_t last_command = 0;
  caf::actor session; ///< none: offline
  std::string instance;
  std::string locked_out; ///< the instance that the owner decided against
  std::string copy;       ///< the instance that was turned away; until it is the box
  std::map<command_id, open_command> commands;
  link_meter meter;
};
/// A newcomer that waits until the older link was probed.
struct probing {
  admit_box newcomer;
  caf::typed_response_promise<admitted_box> promise;
  runtime::actor_time until{};
};

struct fleet_state {
  fleet_state() = default;
  static inline const char* name = "fleet";

  fleet_self::stateful_pointer<fleet_state> self = nullptr;
  const services* shared = nullptr;
  store_actor store;
  bus_actor bus;
  bool ready = false; ///< all is read from the store
  std::vector<std::function<void()>> when_ready;
  std::unordered_map<box_id, box_entry> boxes;
  std::map<std::string, point_of_sale> points; ///< by id
  std::unordered_map<caf::actor_addr, box_id> links;
  std::unordered_map<box_id, probing> probes;
  std::unordered_map<command_id, box_id> command_boxes; ///< open commands
  std::multimap<runtime::actor_time, command_id> expiries;
  std::set<box_id> unwritten; ///< reports that changed since they were written
  std::set<box_id> untold;    ///< changes the watchers do not know yet
  std::vector<box_id> untold_gone;
  runtime::watcher_list watchers;
  box_list_ptr list; ///< by name; none: made when asked for
  std::size_t online = 0;
  runtime::timer retry{1};
  runtime::timer write{2};
  runtime::timer tell{3};
  runtime::timer probe{4};
  runtime::timer expiry{5};
  runtime::timer prune{6};
  runtime::timer untold_again{7};

  runtime::limit* box_limit = nullptr;
  runtime::limit* point_limit = nullptr;
  runtime::gauge* online_boxes = nullptr;
  runtime::counter* commands_taken = nullptr;

  // fleet.cpp
  void load();
  box_entry* find(const box_id& id);
  result<fleet_box_ptr> show(const box_id& id);
  const fleet_box_ptr& shown(box_entry& entry);
  box_list_ptr all();
  void changed(box_entry& entry, bool on_disk = false);
  void tell_watchers();
  void write_reports();
  void publish(const box_id& box, std::string type, value data, device_id device = {},
               trace_context trace = {});
  void alert(box_entry& entry, std::string text);

  // fleet_link.cpp
  void admit(const admit_box& message, caf::typed_response_promise<admitted_box> promise);
  void link(box_entry& entry, const admit_box& message,
            caf::typed_response_promise<admitted_box> promise);
  void turn_away(box_entry& entry, const admit_box& message,
                 caf::typed_response_promise<admitted_box> promise);
  void decide(const decide_copy& message, caf::typed_response_promise<fleet_box_ptr> promise);
  void up(const link_up& message);
  void down(const caf::actor_addr& session);
  void offline(box_entry& entry);
  void take(const farewell_told& message, caf::typed_response_promise<bool> promise);
  void take(const link_left& message);
  void come_back(box_entry& entry);
  void leave(const box_entry& entry, caf::typed_response_promise<bool> promise);
  void take(const snapshot_told& message);
  void take(const link_refused& message);
  void take(const link_measured& message);
  void stage_failed(box_entry& entry, connect_problem why);
  void take(const events_told& message);
  void answer(const alive_told& message);
  void end_probes();

  // fleet_command.cpp
  void command(const send_command& message, caf::typed_response_promise<command_record> promise);
  void accepted(const command_record& record, shared_bytes frame, bool handed);
  void take(const result_told& message);
  void end_command(box_entry& entry, const command_id& id, action_state state, std::string code,
                   std::string text);
  void write_command(box_entry& entry, command_record record);
  void command_event(const command_record& record, bool again = false);
  void tell_untold();
  void watch_expiry(const command_record& record, runtime::actor_time::duration more = {});
  void expire();
  void cancel_all(box_entry& entry, const char* code, const char* text);
};

/// Watchers are told at most so often.
inline constexpr std::chrono::milliseconds tell_period{250};

using fleet_pointer = fleet_self::stateful_pointer<fleet_state>;

// fleet_token.cpp
/// In the store's transaction: whether the box may come with its token, counted and noted in the
/// audit; gives who made the token.
result<std::string> redeem_token(store::sql_connection& connection, const token_claim& claim,
                                 const store::box_row& row, time_point now);

// fleet_points.cpp
fault point_unknown();
points_of_sale points_of(const fleet_state& state);
void add_point(fleet_pointer self, const add_point_of_sale& message,
               caf::typed_response_promise<point_of_sale> promise);
void rename_point(fleet_pointer self, const rename_point_of_sale& message,
                  caf::typed_response_promise<point_of_sale> promise);
void remove_point(fleet_pointer self, const remove_point_of_sale& message,
                  caf::typed_response_promise<point_of_sale> promise);
/// Tags as they are kept: without blanks around them, each once. Fault "box.bad_tags".
result<std::vector<std::string>> checked_tags(const std::vector<std::string>& given);

/// Writes, then does what follows and answers with what that gives.
template <class T, class Write>
void write_then(fleet_pointer self, Write write, caf::typed_response_promise<T> promise,
                std::function<T()> then) {
  run_in_store(
      self, self->state.store,
      [write = std::move(write)](store::sql_connection& connection) -> result<bool> {
        if (auto problem = write(connection)) return *problem;
        return true;
      },
      [promise, then](bool) mutable { promise.deliver(then()); },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
}

fault box_unknown(const box_id& id);
/// A name from a box, made fit whatever it is.
std::string fit_name(const std::string& text, const box_id& id);

// fleet_members.cpp
void change(fleet_pointer self, const change_box& message,
            caf::typed_response_promise<fleet_box_ptr> promise);
void remove(fleet_pointer self, const delete_box& message,
            caf::typed_response_promise<bool> promise);
void add(fleet_pointer self, const add_box& message,
         caf::typed_response_promise<fleet_box_ptr> promise);

caf::result<command_record> get_command_of(fleet_pointer self, const get_command& message);
caf::result<std::vector<command_record>> find_commands_of(fleet_pointer self,
                                                          const find_commands& message);
caf::result<command_frames_ptr> fetch_commands_of(fleet_pointer self,
                                                  const fetch_commands& message);

} // namespace troupe::server
