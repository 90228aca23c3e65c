#include "actors/box/scale.hpp"

#include "actors/box/device_names.hpp"
#include "actors/box/open_actions.hpp"
#include "actors/box/port_messages.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "messages/codec.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("box.scale");

/// The wait before the end of an action is written down again after the ledger refused.
constexpr auto finish_retry = 1s;

using scale_self = device_actor::extend<caf::reacts_to<port_opened>, caf::reacts_to<port_closed>,
                                        caf::reacts_to<port_received>, caf::reacts_to<finish_again>,
                                        caf::reacts_to<runtime::tick>>;

struct scale_state {
  scale_state() = default; // no aggregate: CAF would hand the actor to its first member
  ~scale_state() {
    if (port) port->close();
  }
  static inline const char* name = "scale";

  scale_self::stateful_pointer<scale_state> self = nullptr;
  const services* shared = nullptr;
  scale_options options;
  device_description description;
  device_neighbours near;
  std::optional<scale_core> core;
  std::unique_ptr<port::byte_port> port;
  std::uint64_t connection = 0;
  bool warned = false; ///< of the line's parity; once is enough
  runtime::timer timer{1};
  open_actions actions;
  device_state logged = device_state::unknown;
  runtime::counter* done = nullptr;
  runtime::counter* not_done = nullptr;
  runtime::counter* questions = nullptr;
  runtime::limit* waiting = nullptr;

  void carry_out(scale_core::effects effects);
  void carry_out(const scale_core::accept& wanted);
  void carry_out(const scale_core::mark_sent& wanted);
  void carry_out(const scale_core::finish& wanted);
  void carry_out(const scale_core::reply& wanted);
  void carry_out(const scale_core::open_port& wanted);
  void carry_out(const scale_core::write& wanted);
  void carry_out(const scale_core::publish& wanted);
  void carry_out(const scale_core::report& wanted);
  void carry_out(const scale_core::note_weight& wanted);
  void carry_out(const scale_core::refuse_cancel& wanted);

  scale_core::time now() const { return runtime::now(self); }
  void finish(const finish_action& wanted);
  void ended(const action_record& record);
  void take_up();
};

void scale_state::carry_out(scale_core::effects effects) {
  for (const auto& each : effects)
    std::visit([this](const auto& one) { carry_out(one); }, each);
  waiting->set_fill(core->waiting());
  if (const auto next = core->next_tick()) {
    if (!timer.armed() || timer.at() != *next) timer.arm_at(self, *next);
  } else {
    timer.cancel();
  }
}

void scale_state::carry_out(const scale_core::accept& wanted) {
  const trace_scope traced(wanted.request->trace);
  runtime::request_then(
      self, near.ledger, neighbour_timeout, accept_action{wanted.request, wanted.request->trace},
      [this, id = wanted.request->id](const action_accepted& answer) {
        carry_out(core->accepted(now(), id, answer));
      },
      [this, id = wanted.request->id](const fault& problem) {
        carry_out(core->accepted(now(), id, problem));
      });
}

void scale_state::carry_out(const scale_core::mark_sent& wanted) {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, box::mark_sent{wanted.id}, [](const action_record&) {},
      [](const fault& problem) {
        log_.warning("It is not written down that a command goes out: {}", problem.text);
      });
}

/// The ledger takes messages in their order, so both steps go into one commit.
void scale_state::carry_out(const scale_core::finish& wanted) {
  const bool from_sent =
      wanted.state == action_state::confirmed || wanted.state == action_state::unknown;
  if (from_sent) // it may be marked already: that is no problem
    runtime::request_then(
        self, near.ledger, neighbour_timeout, box::mark_sent{wanted.id},
        [](const action_record&) {}, [](const fault&) {});
  finish({wanted.id, wanted.state, wanted.code, wanted.text, wanted.result});
}

/// Writes the end of an action down, as often as it takes.
void scale_state::finish(const finish_action& wanted) {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, wanted,
      [this](const action_record& record) { ended(record); },
      [this, wanted](const fault& problem) {
        log_.warning("The end of action {} is not written down yet: {}", wanted.id.text,
                     problem.text);
        if (problem.code.starts_with("store.") || problem.code.starts_with("actor."))
          self->delayed_send(self, finish_retry, finish_again{wanted});
      });
}

void scale_state::ended(const action_record& record) {
  (record.state == action_state::confirmed ? done : not_done)->add();
  caf::anon_send(near.events, publish_event{action_event(record)});
  actions.ended(record, log_);
}

void scale_state::carry_out(const scale_core::reply& wanted) {
  actions.reply(wanted.submission, wanted.content);
}

/// The address, with the protocol's line settings where it says none.
std::string address_for(const std::string& given, const scale::line_settings& line) {
  auto parsed = port::parse_port_address(given);
  if (!parsed || parsed->kind != port::port_kind::serial) return given;
  auto& wanted = parsed->line;
  if (!wanted.baud) wanted.baud = line.baud;
  if (!wanted.bits) wanted.bits = line.bits;
  if (!wanted.parity) wanted.parity = static_cast<port::serial_parity>(line.parity);
  if (!wanted.stop) wanted.stop = line.stop;
  return port::to_string(*parsed);
}

void scale_state::carry_out(const scale_core::open_port& wanted) {
  const auto number = ++connection;
  if (port) port->close();
  port.reset();
  auto made = options.make_port(address_for(description.address, wanted.speaks->line));
  const auto tell = runtime::sender_to(self);
  if (!made) return tell(port_closed{number, made.error()});
  port = std::move(*made);
  port::byte_port::events events;
  events.opened = [tell, number] { tell(port_opened{number}); };
  events.received = [tell, number](byte_span bytes) {
    tell(port_received{number, byte_vector(bytes.begin(), bytes.end())});
  };
  events.closed = [tell, number](fault reason) { tell(port_closed{number, std::move(reason)}); };
  if (!std::exchange(warned, true))
    events.warned = [name = description.name](const fault& what) {
      log_.warning("{}: {} {}", name, what.text, what.remedy);
    };
  port->open(std::move(events));
}

void scale_state::carry_out(const scale_core::write& wanted) {
  questions->add();
  // A question that does not get out is as good as one that is not answered.
  if (port) port->write(shared_bytes::copy_of(wanted.bytes), [](result<std::size_t>) {});
}

void scale_state::carry_out(const scale_core::publish& wanted) {
  caf::anon_send(near.events, publish_event{action_event(wanted.record)});
}

void scale_state::carry_out(const scale_core::report& wanted) {
  if (!wanted.live && wanted.status.state != std::exchange(logged, wanted.status.state)) {
    if (wanted.status.state == device_state::trouble)
      log_.warning("{}: {}", description.name, wanted.status.text);
    else if (wanted.status.state == device_state::ready)
      log_.info("{} weighs, in the words of {}.", description.name,
                core->speaks() != nullptr ? core->speaks()->title : "no protocol");
  }
  caf::anon_send(near.directory, device_status_changed{description.id, wanted.status, wanted.live});
}

void scale_state::carry_out(const scale_core::note_weight& wanted) {
  event happened;
  happened.type = "device.weight";
  happened.device = description.id;
  happened.trace = {};
  happened.data = wanted.data;
  caf::anon_send(near.events, publish_event{std::move(happened)});
}

void scale_state::carry_out(const scale_core::refuse_cancel& wanted) {
  actions.refuse_cancel(wanted.id, wanted.reason);
}

/// Asks the ledger what an earlier life of this actor left.
void scale_state::take_up() {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_unfinished{description.id},
      [this](const unfinished_actions& left) {
        std::vector<action_record> accepted;
        for (const auto& each : left.accepted)
          accepted.push_back(each.record);
        carry_out(core->restore(now(), accepted, left.sent));
      },
      [this](const fault& problem) { self->quit(runtime::to_error(problem)); });
}

using self_pointer = scale_self::stateful_pointer<scale_state>;

void prepare_state(self_pointer self, const services* shared, scale_options options,
                   device_description description, device_neighbours near) {
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.options = std::move(options);
  mine.description = std::move(description);
  mine.near = std::move(near);
  mine.core.emplace(scale::protocol_named(mine.description.language), mine.options.times);
  mine.done = &shared->metrics.count("troupe_actions_total", "Actions that ended.",
                                     {{"device_type", "scale"}, {"outcome", "confirmed"}});
  mine.not_done = &shared->metrics.count("troupe_actions_total", "Actions that ended.",
                                         {{"device_type", "scale"}, {"outcome", "other"}});
  mine.questions =
      &shared->metrics.count("troupe_scale_questions_total", "Questions sent to scales.");
  mine.waiting =
      &shared->limits.declare("scale." + mine.description.id.text + ".waiting", "actions",
                              waiting_readings_bound, runtime::limit_policy::refuse);
}

scale_self::behavior_type scale_driver(self_pointer self, const services* shared,
                                       scale_options options, device_description description,
                                       device_neighbours near) {
  runtime::prepare(self, "scale " + description.id.text);
  prepare_state(self, shared, std::move(options), std::move(description), std::move(near));
  self->state.take_up();
  return {
      [self](const std::shared_ptr<const action_request>& request) -> caf::result<action_accepted> {
        auto& state = self->state;
        const trace_scope traced(request->trace);
        auto promise = self->make_response_promise<action_accepted>();
        state.actions.submitted(request->id, promise, request->action);
        state.carry_out(state.core->submit(state.now(), request));
        return promise;
      },
      [self](const cancel_action& wanted) -> caf::result<action_record> {
        auto& state = self->state;
        auto promise = self->make_response_promise<action_record>();
        state.actions.cancel_asked(wanted.id, promise);
        state.carry_out(state.core->cancel(state.now(), wanted.id));
        return promise;
      },
      [self](const port_opened& told) {
        auto& state = self->state;
        if (told.connection == state.connection) state.carry_out(state.core->opened(state.now()));
      },
      [self](const port_closed& told) {
        auto& state = self->state;
        if (told.connection == state.connection)
          state.carry_out(state.core->closed(state.now(), told.reason));
      },
      [self](const port_received& told) {
        auto& state = self->state;
        if (told.connection == state.connection)
          state.carry_out(state.core->received(state.now(), told.bytes));
      },
      [self](const finish_again& again) { self->state.finish(again.wanted); },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.timer.due(self, tick)) state.carry_out(state.core->tick(state.now()));
      },
  };
}

} // namespace

device_actor spawn_scale(caf::actor_system& system, const services& shared, scale_options options,
                         device_description description, device_neighbours neighbours) {
  return system.spawn(scale_driver, &shared, std::move(options), std::move(description),
                      std::move(neighbours));
}

bool is_scale_address(std::string_view address) {
  return address.starts_with("serial:") || address.starts_with("sim-scale:");
}

result<device_description> complete_scale(device_description description) {
  description.kind = device_kind::scale;
  description.subtype.clear();
  if (description.language == "auto") description.language.clear();
  if (!description.language.empty() && scale::protocol_named(description.language) == nullptr) {
    std::string known;
    for (const auto& each : scale::protocols())
      known += (known.empty() ? "" : ", ") + std::string(each.name);
    return fault{"device.bad_language",
                 "\"" + description.language + "\" is no protocol of a scale.",
                 "Take one of " + known + ", or none: then it is found out.", 422};
  }
  if (description.connection.empty())
    description.connection = description.address.starts_with("tcp:") ? "network" : "serial";
  if (description.name.empty()) description.name = "Scale at " + description.address;
  if (auto problem = tidy_device_name(description.name)) return *problem;
  return description;
}

bool scale_needs_restart(const device_description& before, const device_description& after) {
  return before.language != after.language;
}

} // namespace troupe::box
