#pragma once

#include "actors/server/bus.hpp"
#include "actors/server/services.hpp"
#include "actors/server/store.hpp"
#include "messages/fleet.hpp"
#include "messages/printing.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// All boxes of the fleet, linked or not; one box_session actor a linked box.
namespace troupe::server {

using fleet_box_ptr = std::shared_ptr<const fleet_box>; ///< immutable; replaced at each change
using box_list = std::vector<fleet_box_ptr>;
using box_list_ptr = std::shared_ptr<const box_list>; ///< by name

struct get_boxes {
  static constexpr bool local_message = true;
};
/// Fault "box.unknown" (404).
struct get_box {
  static constexpr bool local_message = true;
  box_id id;
};
/// Changes name or note; the name is also sent to the box. Faults "box.bad_name", "box.bad_note"
/// (422).
struct change_box {
  static constexpr bool local_message = true;
  box_id id;
  std::optional<std::string> name;
  std::optional<std::string> note;
  std::string person;
};
/// Takes the box out of the fleet; when it is linked it forgets this server at once, otherwise when
/// it next comes.
struct delete_box {
  static constexpr bool local_message = true;
  box_id id;
  std::string person;
};
/// Decides which of two machines with one key is the box: "keep" the linked one and lock the other
/// out, or "replace" it by the newcomer. Fault "box.not_copied" (409) when there is none.
struct decide_copy {
  static constexpr bool local_message = true;
  box_id id;
  bool replace = false;
  std::string person;
};
/// Asks a box to do something. Answered by the record once it is on the server's disk (it goes to
/// the box at once when it is linked); the same key on the same box gets the first answer. Faults
/// "box.unknown" (404), "device.unknown" (404), "command.too_many" (503), "command.bad_key" (422).
struct send_command {
  static constexpr bool local_message = true;
  trace_context trace = current_trace();
  box_id box;
  device_id device; ///< empty: the box itself
  std::string action;
  value arguments;
  printing::document document;
  std::string key;
  std::string person;
  std::chrono::seconds valid_for{3600}; ///< not begun later than this
};
struct get_command {
  static constexpr bool local_message = true;
  command_id id;
};
/// Newest first.
struct find_commands {
  static constexpr bool local_message = true;
  std::optional<box_id> box;
  std::optional<device_id> device;
  std::string before;        ///< a command's id; empty: from the newest
  std::uint32_t limit = 100; ///< 1..1000
};
/// The watcher gets `boxes_changed` with the boxes that changed (or are gone), at most some times a
/// second a box, until it ends; answered by the present list.
struct watch_boxes {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct boxes_changed {
  static constexpr bool local_message = true;
  std::vector<fleet_box_ptr> changed;
  std::vector<box_id> gone;
};

using fleet_actor = caf::typed_actor<
    caf::replies_to<get_boxes>::with<box_list_ptr>, caf::replies_to<get_box>::with<fleet_box_ptr>,
    caf::replies_to<change_box>::with<fleet_box_ptr>, caf::replies_to<delete_box>::with<bool>,
    caf::replies_to<decide_copy>::with<fleet_box_ptr>,
    caf::replies_to<send_command>::with<command_record>,
    caf::replies_to<get_command>::with<command_record>,
    caf::replies_to<find_commands>::with<std::vector<command_record>>,
    caf::replies_to<watch_boxes>::with<box_list_ptr>>;

/// Boxes of one server; more are refused.
inline constexpr std::size_t box_bound = 100'000;
/// Commands of one box that have not ended; more are refused.
inline constexpr std::size_t open_commands_bound = 256;

} // namespace troupe::server
