#pragma once

#include "messages/action.hpp"
#include "messages/bytes.hpp"
#include "messages/describe.hpp"
#include "messages/device.hpp"
#include "messages/event.hpp"
#include "messages/fleet.hpp"
#include "messages/identifiers.hpp"
#include "messages/log_record.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"
#include "messages/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a box and its server say to each other over one WebSocket (docs/link.md). Each binary
/// message is one frame: a variant below as msgpack.
namespace troupe::link {

inline constexpr std::string_view subprotocol = "troupe.link.1";
inline constexpr std::string_view path = "/api/v1/link";
/// Longest frame from a box: an event batch is cut to fit.
inline constexpr std::size_t box_frame_bytes = 1024 * 1024;
/// Longest frame from a server: a document of 12 MiB in a command and what stands around it.
inline constexpr std::size_t server_frame_bytes = 16 * 1024 * 1024;

// ---- from the server ----

/// First frame on a new connection: what the box must sign.
struct challenge {
  std::string server; ///< the server's identifier
  shared_bytes nonce; ///< 32 random bytes
  static constexpr auto fields = describe<challenge>(
      "challenge", field("server", &challenge::server), field("nonce", &challenge::nonce));
};

/// The box belongs to this server; the link is up. What the server has of its events tells where to
/// go on.
struct welcome {
  std::uint64_t last_event = 0; ///< newest event of the box's epoch that is on the server's disk
  time_point now{};             ///< the server's wall clock
  std::string server_name;
  shared_bytes proof; ///< the server's signature, see `server_statement`
  static constexpr auto fields = describe<welcome>(
      "welcome", field("last_event", &welcome::last_event), field("now", &welcome::now),
      field("server_name", &welcome::server_name), field("proof", &welcome::proof));
};

/// The box is not connected yet: this code, typed on the server, connects it.
struct pairing_code {
  std::string code; ///< 8 letters, shown as XXXX-XXXX
  std::chrono::seconds expires_in{};
  std::string connect_url; ///< where the owner types it; for the QR code
  static constexpr auto fields =
      describe<pairing_code>("pairing_code", field("code", &pairing_code::code),
                             field("expires_in_s", &pairing_code::expires_in),
                             field("connect_url", &pairing_code::connect_url));
};

/// The owner typed the code: the box keeps this and opens its link.
struct paired {
  std::string server;
  std::string server_name;
  shared_bytes server_key; ///< public key, DER SubjectPublicKeyInfo; kept, and checked from now on
  std::string person;      ///< who connected it
  shared_bytes proof;
  static constexpr auto fields = describe<paired>(
      "paired", field("server", &paired::server), field("server_name", &paired::server_name),
      field("server_key", &paired::server_key), field("person", &paired::person),
      field("proof", &paired::proof));
};

/// No link: closes after this. Codes: link.unknown_box (deleted or never connected), link.copied
/// (another machine speaks with the same key), link.bad_proof, link.too_old, link.busy,
/// pairing.expired; to a hello with a token also token.wrong, token.expired, token.used_up,
/// token.revoked.
struct refuse {
  std::string code;
  std::string text;
  std::string remedy;
  std::chrono::seconds retry_after{}; ///< zero: as the back-off says
  shared_bytes proof;                 ///< empty when the server does not know the box's nonce
  static constexpr auto fields = describe<refuse>(
      "refuse", field("code", &refuse::code), field("text", &refuse::text),
      field("remedy", &refuse::remedy), field("retry_after_s", &refuse::retry_after),
      field("proof", &refuse::proof));
};

/// Something to do. Sent again after each welcome until its end state came; the same id is never
/// done twice.
struct command {
  command_id id;
  std::uint64_t number = 0; ///< rises by one with each command for this box
  trace_context trace = current_trace();
  device_id device; ///< empty: the box itself (actions: restart, rename, forget,
                    ///< rename_device, remove_device, add_device, cancel, repeat,
                    ///< blink, decide_origin)
  std::string action;
  value arguments;
  printing::document document;
  std::string person;   ///< who asked, for the history
  time_point expires{}; ///< not begun after this
  static constexpr auto fields =
      describe<command>("command", field("id", &command::id), field("number", &command::number),
                        field("trace", &command::trace), field("device", &command::device),
                        field("action", &command::action), field("arguments", &command::arguments),
                        field("document", &command::document), field("person", &command::person),
                        field("expires", &command::expires));
};

/// All events up to this number are on the server's disk.
struct event_ack {
  std::uint64_t sequence = 0;
  static constexpr auto fields =
      describe<event_ack>("event_ack", field("sequence", &event_ack::sequence));
};

/// Another connection claims to be this box: answer with `alive` at once, or be replaced.
struct probe {
  std::uint64_t number = 0;
  static constexpr auto fields = describe<probe>("probe", field("number", &probe::number));
};

/// What time is it there? Answered at once by `time_told`; measures the link and the box's clock.
struct ask_time {
  std::uint64_t number = 0;
  static constexpr auto fields = describe<ask_time>("ask_time", field("number", &ask_time::number));
};

/// The owner removed the box from the fleet: it forgets the server and shows a code again.
struct forget {
  shared_bytes proof;
  static constexpr auto fields = describe<forget>("forget", field("proof", &forget::proof));
};

// ---- from the box ----

/// `farewell`: a person disconnected the box at its homepage. The server notes that, and the rest
/// is as with `pairing`, but the box is not taken back without a code.
enum class link_wish : std::uint8_t { link, pairing, farewell };
constexpr auto names_of(link_wish) {
  return std::array{enum_name<link_wish>{link_wish::link, "link"},
                    enum_name<link_wish>{link_wish::pairing, "pairing"},
                    enum_name<link_wish>{link_wish::farewell, "farewell"}};
}

/// The answer to `challenge`.
struct hello {
  std::uint32_t protocol = 1;
  link_wish wish = link_wish::link;
  box_id box;
  std::string name;
  std::string version;
  shared_bytes public_key;       ///< DER SubjectPublicKeyInfo, P-256
  shared_bytes signature;        ///< over `box_statement`
  shared_bytes nonce;            ///< 32 random bytes for the server's proof
  std::string instance;          ///< random, of this process: tells a reconnect from a copied disk
  std::string epoch;             ///< random, of this event numbering
  std::uint64_t first_event = 0; ///< oldest kept
  std::uint64_t last_event = 0;  ///< newest
  std::chrono::seconds valid_for{}; ///< pairing: what is left of the two hours since power-on
  std::string token;                ///< pairing by a connection token: its id; empty: by a code
  shared_bytes token_proof;         ///< over `token_statement`, by the token's secret
  static constexpr auto fields = describe<hello>(
      "hello", field("protocol", &hello::protocol), field("wish", &hello::wish),
      field("box", &hello::box), field("name", &hello::name), field("version", &hello::version),
      field("public_key", &hello::public_key), field("signature", &hello::signature),
      field("nonce", &hello::nonce), field("instance", &hello::instance),
      field("epoch", &hello::epoch), field("first_event", &hello::first_event),
      field("last_event", &hello::last_event), field("valid_for_s", &hello::valid_for),
      field("token", &hello::token), field("token_proof", &hello::token_proof));
};

/// The box and all its devices as they are; sent after `welcome` and when the box itself changes.
struct snapshot {
  box_report report;
  std::vector<device_snapshot> devices;
  static constexpr auto fields = describe<snapshot>("snapshot", field("report", &snapshot::report),
                                                    field("devices", &snapshot::devices));
};

/// Numbered events in order, none left out between two batches (a gap is an event of type "gap").
struct event_batch {
  std::vector<event> events;
  static constexpr auto fields =
      describe<event_batch>("events", field("events", &event_batch::events));
};

/// Live values (transient events of type device.value): newest per device, unnumbered, not kept.
struct live_values {
  std::vector<event> events;
  static constexpr auto fields =
      describe<live_values>("values", field("events", &live_values::events));
};

/// How a command stands; sent at each change. An end state is sent until the link is cut; after a
/// new welcome the command comes again and gets it again.
struct command_result {
  command_id id;
  action_state state = action_state::accepted;
  std::string code;
  std::string text;
  value data;       ///< what the device answered
  action_id action; ///< in the box's ledger; empty: not a device's action
  static constexpr auto fields = describe<command_result>(
      "result", field("id", &command_result::id), field("state", &command_result::state),
      field("code", &command_result::code), field("text", &command_result::text),
      field("data", &command_result::data), field("action", &command_result::action));
};

/// Spans and log lines of traces that came over this link, and warnings and errors of any.
struct trace_part {
  std::vector<span> spans;
  std::vector<log_record> lines;
  static constexpr auto fields = describe<trace_part>("trace", field("spans", &trace_part::spans),
                                                      field("lines", &trace_part::lines));
};

/// The answer to `probe`.
struct alive {
  std::uint64_t number = 0;
  static constexpr auto fields = describe<alive>("alive", field("number", &alive::number));
};

/// The answer to `ask_time`, by the box's wall clock.
struct time_told {
  std::uint64_t number = 0;
  time_point came{}; ///< the question
  time_point went{}; ///< this answer
  static constexpr auto fields =
      describe<time_told>("time_told", field("number", &time_told::number),
                          field("came", &time_told::came), field("went", &time_told::went));
};

/// A person disconnected the box at its homepage; the last frame of a link that is up.
struct farewell {
  static constexpr auto fields = describe<farewell>("farewell");
};

// ---- both ways ----

/// Closes in order: "come back in so many seconds" (zero: do not, or as the back-off says).
struct bye {
  std::chrono::seconds come_back_in{};
  std::string text;
  static constexpr auto fields =
      describe<bye>("bye", field("come_back_in_s", &bye::come_back_in), field("text", &bye::text));
};

using server_frame = std::variant<challenge, welcome, pairing_code, paired, refuse, command,
                                  event_ack, probe, forget, bye, ask_time>;
using box_frame = std::variant<hello, snapshot, event_batch, live_values, command_result,
                               trace_part, alive, farewell, bye, time_told>;

/// What the box signs with its key (ECDSA P-256, SHA-256): "troupe link 1 box", server, nonce of
/// the challenge, box, instance, wish, each led by its length in 4 bytes, big end first.
byte_vector box_statement(const challenge& asked, const hello& answer);
/// What the box proves with the secret of its connection token: "troupe link 1 token", server,
/// nonce of the challenge, box, public key of the box, token; likewise.
byte_vector token_statement(const challenge& asked, const hello& answer);
/// What the server signs in `proof`: "troupe link 1 server", kind of the frame ("welcome",
/// "paired", "refuse" + code, "forget"), server, box, nonce of the hello; likewise.
byte_vector server_statement(std::string_view kind, std::string_view server, const box_id& box,
                             const shared_bytes& box_nonce);

} // namespace troupe::link
