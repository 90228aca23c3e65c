#pragma once

#include "messages/bytes.hpp"
#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/printing.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"
#include "messages/value.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// The life of an action: accepted -> sent -> confirmed | failed | unknown.
/// `unknown` is what the box cannot know after a crash or a lost printer; it never repeats it by
/// itself. `canceled` was taken back before its first byte.
enum class action_state : std::uint8_t { accepted, sent, confirmed, failed, unknown, canceled };
constexpr auto names_of(action_state) {
  using s = action_state;
  return std::array{enum_name{s::accepted, "accepted"},   enum_name{s::sent, "sent"},
                    enum_name{s::confirmed, "confirmed"}, enum_name{s::failed, "failed"},
                    enum_name{s::unknown, "unknown"},     enum_name{s::canceled, "canceled"}};
}
constexpr bool is_final(action_state state) {
  return state != action_state::accepted && state != action_state::sent;
}

/// Asks a device to do something. Sent by homepage (later uplink) to the directory, which hands it
/// to the device; answered by `action_accepted` once it is on disk, or by a fault.
struct action_request {
  trace_context trace = current_trace();
  action_id id;    ///< made by the directory when empty
  std::string key; ///< idempotency key, unique a device; empty: none. At most 128 bytes
  device_id device;
  std::string action;          ///< print_receipt, print, cashbox, status, …
  printing::document document; ///< printers: what to print
  value arguments;             ///< other devices, and what the caller wants back in events
  session_id session;          ///< who waits for the event; empty: nobody in particular
  std::string origin;          ///< shown in the history: "https://shop.example", "homepage"
  action_id repeats;           ///< the action that this one prints again; empty: none

  static constexpr auto fields = describe<action_request>(
      "action_request", field("trace", &action_request::trace), field("id", &action_request::id),
      field("key", &action_request::key), field("device", &action_request::device),
      field("action", &action_request::action), field("document", &action_request::document),
      field("arguments", &action_request::arguments), field("session", &action_request::session),
      field("origin", &action_request::origin), field("repeats", &action_request::repeats));
};

/// What the ledger keeps of an action and everyone may read.
struct action_record {
  action_id id;
  std::uint64_t number = 0; ///< rises by one with each accepted action of this box
  std::string key;
  device_id device;
  std::string action;
  action_state state = action_state::accepted;
  std::string code; ///< ERROR_NO_PAPER … for failed and unknown
  std::string text; ///< in words, with what to do
  value result;     ///< what a confirmed action found out: a weight; null: nothing
  session_id session;
  std::string origin;
  trace_context trace;
  time_point accepted{};
  time_point updated{};
  std::uint64_t payload_bytes = 0;
  action_id repeats;       ///< the action that this one prints again
  bool repeatable = false; ///< the payload is still kept, so "print again" works

  static constexpr auto fields = describe<action_record>(
      "action", field("id", &action_record::id), field("number", &action_record::number),
      field("key", &action_record::key), field("device", &action_record::device),
      field("action", &action_record::action), field("state", &action_record::state),
      field("code", &action_record::code), field("text", &action_record::text),
      field("result", &action_record::result), field("session", &action_record::session),
      field("origin", &action_record::origin), field("trace", &action_record::trace),
      field("accepted", &action_record::accepted), field("updated", &action_record::updated),
      field("payload_bytes", &action_record::payload_bytes),
      field("repeats", &action_record::repeats), field("repeatable", &action_record::repeatable));
};

/// The answer to an action_request, and to the same key asked again: the action as it stands.
struct action_accepted {
  action_record record;
  bool duplicate = false; ///< the key was known: nothing was started

  static constexpr auto fields =
      describe<action_accepted>("action_accepted", field("record", &action_accepted::record),
                                field("duplicate", &action_accepted::duplicate));
};

} // namespace troupe
