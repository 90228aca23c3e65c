#include "actors/server/box_session.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/box_session_core.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;
using core = box_session_core;
namespace close_code = transport::close_code;

const runtime::logger log_("server.link");

/// From the challenge to the hello, and from the hello to the welcome.
constexpr auto greeting_timeout = 15s;
/// The socket holds more than this: further commands wait in the store.
constexpr std::size_t socket_bytes = 1024 * 1024;
constexpr auto fetch_delay = 200ms;
/// The box is asked for its time: some times soon after its welcome, then now and then.
constexpr std::uint64_t early_questions = 5;
constexpr auto early_question_period = 1s;
constexpr auto question_period = 60s;
/// Back-off told to boxes: 5 s and up to so much more.
constexpr std::uint64_t bye_jitter_s = 15;

/// A frame of the box; the socket reads on when it was handled.
struct frame_came {
  static constexpr bool local_message = true;
  shared_bytes bytes;
};
struct socket_closed {
  static constexpr bool local_message = true;
  std::uint16_t code = 0;
};

using session_self =
    box_session_actor::extend<caf::reacts_to<frame_came>, caf::reacts_to<socket_closed>,
                              caf::reacts_to<runtime::tick>>;

struct session_state {
  session_state() = default;
  ~session_state();
  static inline const char* name = "box_session";

  session_self::stateful_pointer<session_state> self = nullptr;
  link_door_ptr door;
  transport::websocket_ptr socket;
  std::unique_ptr<std::string> base_url; ///< until the code is sent
  core decisions;
  shared_bytes nonce;
  shared_bytes welcome_proof;
  std::string server_name;
  runtime::timer deadline{1};
  runtime::timer fetch_again{2};
  runtime::timer question{3};
  std::uint64_t questions = 0; ///< that were asked; the newest waits for its answer
  runtime::actor_time asked_at{};
  time_point asked_wall{};
  std::uint64_t fetch_after = 0;
  std::uint64_t probes = 0;

  void greet();
  void on_frame(const shared_bytes& bytes);
  void carry_out(core::effects effects);
  template <class Frame>
  bool send(Frame frame);
  template <class Frame>
  void send_proven(std::string kind, Frame frame);
  void leave(std::uint16_t code, std::string_view text);
  caf::actor me() const { return caf::actor_cast<caf::actor>(self); }
  const box_id& box() const { return decisions.greeting().box; }
  void fetch(std::uint64_t after);
  void fail(const fault& problem) { carry_out(decisions.failed(problem)); }

  void operator()(const core::prove_hello&);
  void operator()(const core::note_farewell&);
  void operator()(const core::look_up_owner&);
  void operator()(const core::redeem_token&);
  void operator()(const core::ask_for_code&);
  void operator()(const core::admit&);
  void operator()(const core::ask_position&);
  void operator()(const core::send_welcome&);
  void operator()(const core::send_code&);
  void operator()(const core::send_paired&);
  void operator()(const core::send_ack& what) { send(link::event_ack{what.sequence}); }
  void operator()(const core::send_probe&) { send(link::probe{++probes}); }
  void operator()(const core::send_command&);
  void operator()(const core::send_forget&) { send_proven("forget", link::forget{}); }
  void operator()(const core::send_refusal&);
  void operator()(const core::send_bye&);
  void operator()(const core::close& what) { leave(what.code, what.text); }
  void operator()(core::publish&);
  void operator()(core::pass_live&);
  void operator()(core::pass_snapshot&);
  void operator()(core::pass_result&);
  void operator()(core::pass_trace&);
  void operator()(const core::pass_alive&);
  void operator()(const core::pass_time&);
  void ask_time();
  void operator()(const core::pass_farewell&);
  void operator()(const core::fetch& what) { fetch(what.after); }
};

session_state::~session_state() {
  if (socket) socket->cut();
}

void session_state::greet() {
  nonce = secure_random(nonce_bytes);
  send(link::challenge{door->server_id, nonce});
  deadline.arm(self, greeting_timeout);
  runtime::request_then(
      self, door->gate, neighbour_timeout, enter_link{me()}, [](bool) {},
      [this](const fault& problem) { fail(problem); });
}

void session_state::on_frame(const shared_bytes& bytes) {
  auto read = from_msgpack<link::box_frame>(bytes.view());
  if (read)
    carry_out(decisions.frame(std::move(*read)));
  else if (auto effects = decisions.garbage(read.error()); !effects.empty()) {
    log_.warning("Box \"{}\" sent what is no frame: {}", box().text, read.error().text);
    carry_out(std::move(effects));
  }
  if (socket && decisions.may_read()) socket->resume_reading();
}

void session_state::carry_out(core::effects effects) {
  for (auto& each : effects)
    std::visit(*this, each);
}

template <class Frame>
bool session_state::send(Frame frame) {
  return socket &&
         socket->send_binary(shared_bytes(to_msgpack(link::server_frame(std::move(frame)))));
}

/// The last word with the server's signature; without one when there is no time for it.
template <class Frame>
void session_state::send_proven(std::string kind, Frame frame) {
  const auto& hello = decisions.greeting();
  deadline.cancel();
  if (hello.nonce.size() != nonce_bytes) {
    send(std::move(frame));
    return leave(close_code::normal, {});
  }
  auto waiting = std::make_shared<Frame>(std::move(frame));
  runtime::request_then(
      self, door->gate, neighbour_timeout, sign_proof{std::move(kind), hello.box, hello.nonce},
      [this, waiting](const shared_bytes& proof) {
        waiting->proof = proof;
        send(std::move(*waiting));
        leave(close_code::normal, {});
      },
      [this, waiting](const fault&) {
        send(std::move(*waiting));
        leave(close_code::try_later, {});
      });
}

void session_state::leave(std::uint16_t code, std::string_view text) {
  if (auto closing = std::exchange(socket, nullptr)) {
    closing->resume_reading();
    closing->close(code, text);
  }
  self->quit();
}

void session_state::operator()(const core::prove_hello&) {
  deadline.arm(self, greeting_timeout);
  runtime::request_then(
      self, door->gate, greeting_timeout,
      check_hello{nonce, std::make_shared<const link::hello>(decisions.greeting())},
      [this](const checked_hello& checked) {
        welcome_proof = checked.proof;
        server_name = checked.server_name;
        if (!checked.genuine) log_.warning("Box {} could not prove its key", box().text);
        carry_out(decisions.proved(checked.genuine));
      },
      [this](const fault& problem) { fail(problem); });
}

void session_state::operator()(const core::note_farewell&) {
  runtime::request_then(
      self, door->fleet, neighbour_timeout, farewell_told{box(), decisions.greeting().public_key},
      [this](bool) { carry_out(decisions.farewell_noted()); },
      [this](const fault& problem) { fail(problem); });
}

void session_state::operator()(const core::look_up_owner&) {
  runtime::request_then(
      self, door->fleet, neighbour_timeout, who_connected{box(), decisions.greeting().public_key},
      [this](const std::string& owner) { carry_out(decisions.looked_up(owner)); },
      [this](const fault& problem) { fail(problem); });
}

void session_state::operator()(const core::redeem_token&) {
  const auto& hello = decisions.greeting();
  const auto statement = link::token_statement({door->server_id, nonce}, hello);
  auto claim =
      std::make_shared<token_claim>(token_claim{hello.token, hello.token_proof, statement});
  runtime::request_then(
      self, door->fleet, neighbour_timeout,
      add_box{hello.box, hello.name, hello.public_key, {}, std::move(claim)},
      [this](const fleet_box_ptr& added) { carry_out(decisions.redeemed(added->connected_by)); },
      [this](const fault& problem) {
        if (problem.code.starts_with("token."))
          carry_out(decisions.token_refused(problem));
        else
          fail(problem);
      });
}

void session_state::operator()(const core::ask_for_code&) {
  const auto& hello = decisions.greeting();
  runtime::request_then(
      self, door->desk, neighbour_timeout,
      wait_for_owner{hello.box, hello.name, hello.public_key, hello.instance, hello.valid_for,
                     me()},
      [this](const code_to_show& given) {
        carry_out(decisions.coded(given));
        if (socket) socket->resume_reading(); // to notice when the box goes
      },
      [this](const fault& problem) {
        if (problem.code == "pairing.expired")
          carry_out(decisions.end(link_end::expired));
        else
          fail(problem);
      });
}

void session_state::operator()(const core::admit&) {
  const auto& hello = decisions.greeting();
  runtime::request_then(
      self, door->fleet, neighbour_timeout,
      admit_box{hello.box, hello.public_key, hello.instance, me()},
      [this](const admitted_box& answer) { carry_out(decisions.admitted(answer.verdict)); },
      [this](const fault& problem) { fail(problem); });
}

void session_state::operator()(const core::ask_position&) {
  runtime::request_then(
      self, door->bus, neighbour_timeout, get_box_position{box(), decisions.epoch()},
      [this](std::uint64_t last) {
        carry_out(decisions.positioned(last));
        if (socket) socket->resume_reading();
      },
      [this](const fault& problem) { fail(problem); });
}

void session_state::operator()(const core::send_welcome& what) {
  deadline.cancel();
  send(link::welcome{what.last, runtime::wall_now(self), std::exchange(server_name, {}),
                     std::exchange(welcome_proof, {})});
  nonce = {};
  base_url.reset();
  caf::anon_send(door->fleet, link_up{box(), me()});
  ask_time();
}

void session_state::operator()(const core::send_code& what) {
  deadline.cancel();
  send(link::pairing_code{what.content.code, what.content.expires_in,
                          (base_url ? *base_url : std::string()) +
                              "/#connect=" + what.content.code});
}

void session_state::operator()(const core::send_paired& what) {
  send_proven("paired",
              link::paired{door->server_id, server_name, door->server_key, what.person, {}});
}

void session_state::operator()(const core::send_command& what) {
  if (socket) socket->send_binary(what.frame);
}

void session_state::operator()(const core::send_refusal& what) {
  log_.info("Link of box \"{}\" refused: {}", box().text, what.code);
  if (decisions.greeting().wish == link::link_wish::link)
    caf::anon_send(door->fleet, link_refused{box(), {what.code, what.text, what.remedy}});
  send_proven("refuse" + what.code,
              link::refuse{what.code, what.text, what.remedy, what.retry_after, {}});
}

void session_state::operator()(const core::send_bye& what) {
  const auto jitter =
      std::chrono::seconds(what.come_back_in >= 5s ? fast_random() % bye_jitter_s : 0);
  send(link::bye{what.come_back_in + jitter, what.text});
  leave(close_code::try_later, what.text);
}

void session_state::operator()(core::publish& what) {
  events_told told{box(), {}, what.events.back().type, what.events.back().time};
  for (const auto& each : what.events)
    if (each.type.starts_with("device.")) told.about_devices.push_back(each);
  runtime::request_then(
      self, door->bus, neighbour_timeout,
      publish_batch{box(), decisions.epoch(), std::move(what.events), {}, what.after},
      [this, told = std::move(told)](std::uint64_t last) mutable {
        caf::anon_send(door->fleet, std::move(told));
        carry_out(decisions.published(last));
        if (socket && decisions.may_read()) socket->resume_reading();
      },
      [this](const fault& problem) { fail(problem); });
}

void session_state::operator()(core::pass_live& what) {
  caf::anon_send(door->bus, publish_live{box(), std::move(what.events)});
}

void session_state::operator()(core::pass_snapshot& what) {
  caf::anon_send(
      door->fleet,
      snapshot_told{box(), me(), std::make_shared<const link::snapshot>(std::move(what.content))});
}

void session_state::operator()(core::pass_result& what) {
  caf::anon_send(door->fleet, result_told{box(), std::move(what.content)});
}

void session_state::operator()(core::pass_trace& what) {
  caf::anon_send(door->logs, keep_trace_part{box(), std::move(what.content.spans),
                                             std::move(what.content.lines)});
}

void session_state::operator()(const core::pass_alive&) {
  caf::anon_send(door->fleet, alive_told{box(), me()});
}

void session_state::ask_time() {
  question.arm(self, ++questions < early_questions ? early_question_period : question_period);
  asked_at = runtime::now(self);
  asked_wall = runtime::wall_now(self);
  send(link::ask_time{questions});
}

void session_state::operator()(const core::pass_time& what) {
  if (what.content.number != questions || asked_wall == time_point{}) return;
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(runtime::now(self) - asked_at);
  const auto sample =
      measure_link(took, asked_wall, runtime::wall_now(self), what.content.came, what.content.went);
  asked_wall = {}; // each question is answered once
  caf::anon_send(door->fleet, link_measured{box(), me(), sample});
}

void session_state::operator()(const core::pass_farewell&) {
  caf::anon_send(door->fleet, link_left{box(), me()});
}

void session_state::fetch(std::uint64_t after) {
  if (!socket) return;
  fetch_after = after;
  if (socket->queued_bytes() > socket_bytes) return fetch_again.arm(self, fetch_delay);
  runtime::request_then(
      self, door->fleet, neighbour_timeout, fetch_commands{box(), after},
      [this](const command_frames_ptr& found) { carry_out(decisions.fetched(*found)); },
      [this](const fault& problem) { fail(problem); });
}

session_self::behavior_type session(session_self::stateful_pointer<session_state> self,
                                    link_door_ptr door, transport::websocket_ptr socket,
                                    std::string base_url) {
  runtime::prepare(self, "box_session");
  auto& mine = self->state;
  mine.self = self;
  mine.door = std::move(door);
  mine.socket = std::move(socket);
  mine.base_url = std::make_unique<std::string>(std::move(base_url));
  // Whom the link stands on: when one of them is started anew, the box comes anew.
  self->monitor(mine.door->fleet);
  self->monitor(mine.door->bus);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.leave(close_code::restart, "The server restarts a part of itself.");
  });
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.leave(close_code::going_away, {});
    self->quit(std::move(stop.reason));
  });
  mine.greet();
  return {
      [self](const offer_command& message) {
        auto& state = self->state;
        const bool later = message.content.frame.empty() ||
                           (state.socket && state.socket->queued_bytes() > socket_bytes);
        state.carry_out(later ? state.decisions.offered_later()
                              : state.decisions.offered(message.content));
      },
      [self](const ask_alive&) { self->state.carry_out(self->state.decisions.probe()); },
      [self](const end_link& message) {
        self->state.carry_out(self->state.decisions.end(message.reason));
      },
      [self](const say_goodbye& message) {
        self->state.carry_out(self->state.decisions.goodbye(message.come_back_in));
      },
      [self](const tell_paired& message) {
        self->state.carry_out(self->state.decisions.claimed(message.person));
      },
      [self](const frame_came& message) { self->state.on_frame(message.bytes); },
      [self](const socket_closed&) {
        self->state.socket = nullptr;
        self->state.decisions.closed();
        self->quit();
      },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.deadline.due(self, tick)) state.carry_out(state.decisions.greeted_too_long());
        if (state.fetch_again.due(self, tick)) state.fetch(state.fetch_after);
        if (state.question.due(self, tick)) state.ask_time();
      },
  };
}

} // namespace

box_session_actor spawn_box_session(const link_door_ptr& door, transport::websocket_ptr socket,
                                    std::string base_url) {
  auto handle = door->system->spawn(session, door, socket, std::move(base_url));
  const auto receiver = caf::actor_cast<caf::actor>(handle);
  auto* raw = socket.get();
  transport::websocket_session::callbacks callbacks;
  callbacks.on_message = [receiver, raw](byte_span payload, bool text) {
    raw->pause_reading(); // until this one was handled: at most one frame waits in the mailbox
    caf::anon_send(receiver,
                   frame_came{text ? shared_bytes() : byte_vector(payload.begin(), payload.end())});
  };
  callbacks.on_close = [receiver](std::uint16_t code, std::string_view) {
    caf::anon_send(receiver, socket_closed{code});
  };
  socket->handle(std::move(callbacks));
  return handle;
}

} // namespace troupe::server
