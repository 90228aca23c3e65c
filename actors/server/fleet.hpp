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
/// Changes what is given; the name is also sent to the box. Faults "box.bad_name", "box.bad_note",
/// "box.bad_tags" (422), "point_of_sale.unknown" (404), and for an answer to the question at which
/// point of sale it is, "box.point_answered" (409): somebody else was faster.
struct change_box {
  static constexpr bool local_message = true;
  box_id id;
  std::optional<std::string> name = {};
  std::optional<std::string> note = {};
  std::optional<std::string> point_of_sale = {}; ///< its id; empty: none
  bool answers_question = false;
  std::optional<std::vector<std::string>> tags = {};
  std::string person = {};
};
/// All points of sale, by name.
struct get_points_of_sale {
  static constexpr bool local_message = true;
};
struct shown_point_of_sale {
  point_of_sale content;
  std::size_t boxes = 0; ///< that belong to it
};
struct points_of_sale {
  static constexpr bool local_message = true;
  std::vector<shown_point_of_sale> all;
};
/// Faults "point_of_sale.bad_name" (422), "point_of_sale.name_taken" (409),
/// "point_of_sale.too_many" (409).
struct add_point_of_sale {
  static constexpr bool local_message = true;
  std::string name;
  std::string person;
};
/// Faults also "point_of_sale.unknown" (404).
struct rename_point_of_sale {
  static constexpr bool local_message = true;
  std::string id;
  std::string name;
};
/// Its boxes belong to none then. Answered by what it was. Fault "point_of_sale.unknown" (404).
struct remove_point_of_sale {
  static constexpr bool local_message = true;
  std::string id;
};
/// How well a box is reached. Fault "box.unknown" (404).
struct get_link_quality {
  static constexpr bool local_message = true;
  box_id id;
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
    caf::replies_to<watch_boxes>::with<box_list_ptr>,
    caf::replies_to<get_points_of_sale>::with<points_of_sale>,
    caf::replies_to<add_point_of_sale>::with<point_of_sale>,
    caf::replies_to<rename_point_of_sale>::with<point_of_sale>,
    caf::replies_to<remove_point_of_sale>::with<point_of_sale>,
    caf::replies_to<get_link_quality>::with<link_quality>>;

/// Boxes of one server; more are refused.
inline constexpr std::size_t box_bound = 100'000;
/// Points of sale of one server; more are refused.
inline constexpr std::size_t point_of_sale_bound = 1000;
/// Tags of one box, and the characters of one; more are refused.
inline constexpr std::size_t tags_bound = 16;
inline constexpr std::size_t longest_tag = 32;
/// Commands of one box that have not ended; more are refused.
inline constexpr std::size_t open_commands_bound = 256;

} // namespace troupe::server
