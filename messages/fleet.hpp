#pragma once

#include "messages/action.hpp"
#include "messages/describe.hpp"
#include "messages/device.hpp"
#include "messages/event.hpp"
#include "messages/identifiers.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"
#include "messages/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The fleet as its server knows it.
namespace troupe {

/// A network interface of a box.
struct report_interface {
  std::string name;                   ///< "eth0"
  std::string mac;                    ///< "dc:a6:32:00:00:01"
  std::vector<std::string> addresses; ///< "192.168.1.20/24", link-local ones too
  bool operator==(const report_interface&) const = default;
  static constexpr auto fields = describe<report_interface>(
      "interface", field("name", &report_interface::name), field("mac", &report_interface::mac),
      field("addresses", &report_interface::addresses));
};

enum class origin_standing : std::uint8_t { allowed, asking, refused };
constexpr auto names_of(origin_standing) {
  using s = origin_standing;
  return std::array{enum_name<s>{s::allowed, "allowed"}, enum_name<s>{s::asking, "asking"},
                    enum_name<s>{s::refused, "refused"}};
}
/// How pages of an origin stand with a box.
struct report_origin {
  std::string origin; ///< "https://shop.example"
  origin_standing standing = origin_standing::asking;
  std::string by; ///< who decided: "config", "owner", "server"; empty: it asks
  bool operator==(const report_origin&) const = default;
  static constexpr auto fields = describe<report_origin>(
      "origin", field("origin", &report_origin::origin),
      field("standing", &report_origin::standing), field("by", &report_origin::by));
};

/// What a box tells about itself.
struct box_report {
  std::string name;
  std::string version;
  std::vector<std::string> addresses; ///< primary first
  std::string homepage;               ///< "http://192.168.1.20:8069/"
  time_point started{};               ///< of the program
  std::uint64_t buffered_events = 0;  ///< waiting to be forwarded
  std::uint64_t buffer_events = 0;    ///< how many the box keeps for the server
  double buffer_hours = 0;            ///< how long that lasts at the present rate
  std::vector<report_interface> interfaces;
  std::vector<report_origin> origins; ///< whose pages may use the box, may not, or ask
  static constexpr auto fields = describe<box_report>(
      "box_report", field("name", &box_report::name), field("version", &box_report::version),
      field("addresses", &box_report::addresses), field("homepage", &box_report::homepage),
      field("started", &box_report::started),
      field("buffered_events", &box_report::buffered_events),
      field("buffer_events", &box_report::buffer_events),
      field("buffer_hours", &box_report::buffer_hours),
      field("interfaces", &box_report::interfaces), field("origins", &box_report::origins));
};

/// How far a box has come since it was connected. Each is a step of the list that people see.
enum class connect_stage : std::uint8_t {
  none,   ///< it belongs to no server
  taken,  ///< its code or token was taken
  linked, ///< box and server speak
  proven, ///< both have proven who they are
  done    ///< the box has told its devices
};
constexpr auto names_of(connect_stage) {
  using s = connect_stage;
  return std::array{enum_name<s>{s::none, "none"}, enum_name<s>{s::taken, "taken"},
                    enum_name<s>{s::linked, "linked"}, enum_name<s>{s::proven, "proven"},
                    enum_name<s>{s::done, "done"}};
}
/// Why the step behind the stage was not reached; empty: nothing went wrong.
struct connect_problem {
  std::string code;
  std::string text;
  std::string remedy;
  bool operator==(const connect_problem&) const = default;
  static constexpr auto fields = describe<connect_problem>(
      "problem", field("code", &connect_problem::code), field("text", &connect_problem::text),
      field("remedy", &connect_problem::remedy));
};

/// Where things are sold: a shop, a counter. A box belongs to one at most.
struct point_of_sale {
  std::string id;
  std::string name; ///< 1..64 characters, unique without regard to case
  time_point created{};
  std::string created_by;
  static constexpr auto fields = describe<point_of_sale>(
      "point_of_sale", field("id", &point_of_sale::id), field("name", &point_of_sale::name),
      field("created", &point_of_sale::created), field("created_by", &point_of_sale::created_by));
};

/// How well a box is reached: measured by the server on the link, by questions that the box answers
/// with its time.
struct link_quality {
  time_point measured{};            ///< the newest answer; 1970: there is none
  std::uint32_t samples = 0;        ///< answers looked at
  std::int64_t round_trip_us = 0;   ///< in the middle of them, without the box's own time
  std::int64_t jitter_us = 0;       ///< from one answer to the next, on average
  std::int64_t clock_offset_us = 0; ///< how much the box's clock is ahead
  std::int64_t clock_error_us = 0;  ///< by which the offset may be wrong: half the round trip
  std::uint32_t lost_links = 0;     ///< within a day, or since `watched_since`
  time_point watched_since{};
  static constexpr auto fields =
      describe<link_quality>("link_quality", field("measured", &link_quality::measured),
                             field("samples", &link_quality::samples),
                             field("round_trip_us", &link_quality::round_trip_us),
                             field("jitter_us", &link_quality::jitter_us),
                             field("clock_offset_us", &link_quality::clock_offset_us),
                             field("clock_error_us", &link_quality::clock_error_us),
                             field("lost_links", &link_quality::lost_links),
                             field("watched_since", &link_quality::watched_since));
};

/// A box of the fleet as pages and programs see it.
struct fleet_box {
  box_id id;
  std::string name; ///< 1..64 characters
  std::string note; ///< the owner's; at most 2000 characters
  bool online = false;
  time_point online_since{};                  ///< or offline since
  device_state state = device_state::unknown; ///< the worst of its devices; offline: unknown
  std::string alert;      ///< what the owner must decide ("link.copied" in words); empty: nothing
  time_point connected{}; ///< when it came into the fleet
  std::string connected_by;
  time_point disconnected{}; ///< when somebody disconnected it at its homepage; zero: nobody did
  std::string point_of_sale; ///< its id; empty: none
  std::string point_of_sale_name;
  bool point_question = false;   ///< nobody said yet which point of sale it belongs to
  std::vector<std::string> tags; ///< as they were given
  connect_stage stage = connect_stage::none;
  connect_problem stage_problem;
  box_report report;
  std::vector<device_snapshot> devices;
  std::string last_event; ///< type of the newest event
  time_point last_event_at{};
  static constexpr auto fields = describe<fleet_box>(
      "fleet_box", field("id", &fleet_box::id), field("name", &fleet_box::name),
      field("note", &fleet_box::note), field("online", &fleet_box::online),
      field("online_since", &fleet_box::online_since), field("state", &fleet_box::state),
      field("alert", &fleet_box::alert), field("connected", &fleet_box::connected),
      field("connected_by", &fleet_box::connected_by),
      field("disconnected", &fleet_box::disconnected),
      field("point_of_sale", &fleet_box::point_of_sale),
      field("point_of_sale_name", &fleet_box::point_of_sale_name),
      field("point_question", &fleet_box::point_question), field("tags", &fleet_box::tags),
      field("stage", &fleet_box::stage), field("stage_problem", &fleet_box::stage_problem),
      field("report", &fleet_box::report), field("devices", &fleet_box::devices),
      field("last_event", &fleet_box::last_event),
      field("last_event_at", &fleet_box::last_event_at));
};

using command_id = identifier<struct command_kind>; ///< made by the server, sorts by time

/// A command and how it stands. `waiting` on a box that is offline is `accepted` here.
struct command_record {
  command_id id;
  std::uint64_t number = 0; ///< of this box's commands
  std::string key;          ///< the caller's Idempotency-Key, unique a box; empty: none
  box_id box;
  device_id device; ///< empty: the box itself
  std::string action;
  action_state state = action_state::accepted;
  std::string code;
  std::string text;     ///< in words, with what to do
  value data;           ///< what the device answered
  action_id box_action; ///< in the box's ledger
  std::string person;
  trace_context trace;
  time_point created{};
  time_point updated{};
  time_point expires{};
  static constexpr auto fields = describe<command_record>(
      "command", field("id", &command_record::id), field("number", &command_record::number),
      field("key", &command_record::key), field("box", &command_record::box),
      field("device", &command_record::device), field("action", &command_record::action),
      field("state", &command_record::state), field("code", &command_record::code),
      field("text", &command_record::text), field("data", &command_record::data),
      field("box_action", &command_record::box_action), field("person", &command_record::person),
      field("trace", &command_record::trace), field("created", &command_record::created),
      field("updated", &command_record::updated), field("expires", &command_record::expires));
};

/// An event of the fleet: one of a box, or the server's own ("box.online", "command.confirmed",
/// "box.connected", …; then `content.sequence` is 0). Numbered by the server.
struct fleet_event {
  std::uint64_t sequence = 0; ///< of the server; 0: live only, not kept
  box_id box;
  event content;
  static constexpr auto fields = describe<fleet_event>(
      "fleet_event", field("sequence", &fleet_event::sequence), field("box", &fleet_event::box),
      field("content", &fleet_event::content));
};

} // namespace troupe
