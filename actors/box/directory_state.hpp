#pragma once

#include "actors/box/directory.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/watchers.hpp"

#include <caf/all.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

/// The inside of the directory: which devices there are (directory.cpp), and handing actions to
/// them (directory_actions.cpp).
namespace troupe::box {

inline const runtime::logger directory_log("box.directory");

struct child_moved {
  static constexpr bool local_message = true;
  runtime::child_changed change;
};

/// An action for a device whose actor is being restarted, and who waits for its answer.
struct held_action {
  std::shared_ptr<const action_request> request;
  caf::typed_response_promise<action_accepted> promise;
};

/// One device as the directory has it.
struct directory_entry {
  device_snapshot snapshot;
  bool keep = true;
  device_actor handle;
  bool given_up = false; ///< its actor failed too often; tried again after a long pause
  std::vector<held_action> held;
};

using directory_self = directory_actor::extend<caf::reacts_to<child_moved>>;

struct directory_state {
  directory_state() = default; // no aggregate: CAF would hand the actor to its first member
  static inline const char* name = "directory";

  directory_self::stateful_pointer<directory_state> self = nullptr;
  directory_options options;
  device_neighbours neighbours;
  runtime::supervisor_actor supervisor;
  std::vector<std::unique_ptr<directory_entry>> entries;
  device_list_ptr list = std::make_shared<const device_list>();
  runtime::watcher_list watchers;
  runtime::limit* device_limit = nullptr;
  std::optional<caf::error> stopping; ///< asked to end: waits for the devices

  directory_entry* find(const device_id& id);
  result<device_snapshot> add(device_description description, bool keep);
  void start_child(directory_entry& of);
  void load_kept();
  void child_changed(const runtime::child_changed& change);
  void set_status(directory_entry& of, device_status status);
  void set_value(directory_entry& of, device_status status);
  void show_list();
  void refresh(std::string_view event_type, const device_id& id, value data);
  void perform(directory_entry& at, held_action action);
  caf::result<action_accepted> take(const action_request& request);
  caf::result<action_accepted> repeat(const repeat_action& wanted);
  caf::result<action_record> cancel(const cancel_action& wanted);
  caf::result<device_snapshot> change(const change_device& wanted);
  caf::result<bool> remove(const device_id& id);
  void end_actions_of(const device_id& id);
  void keep(const directory_entry& changed);
};

fault unknown_device(const device_id& id);
fault driver_down(const device_description& device);

} // namespace troupe::box
