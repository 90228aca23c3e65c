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
  static constexpr auto fields = describe<box_report>(
      "box_report", field("name", &box_report::name), field("version", &box_report::version),
      field("addresses", &box_report::addresses), field("homepage", &box_report::homepage),
      field("started", &box_report::started),
      field("buffered_events", &box_report::buffered_events),
      field("buffer_events", &box_report::buffer_events),
      field("buffer_hours", &box_report::buffer_hours));
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
      field("disconnected", &fleet_box::disconnected), field("report", &fleet_box::report),
      field("devices", &fleet_box::devices), field("last_event", &fleet_box::last_event),
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
