#include "actors/box/printer.hpp"

#include "actors/box/print_job.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/spans.hpp"
#include "devices/printer/name_options.hpp"
#include "messages/codec.hpp"
#include "store/crash_point.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <fstream>
#include <map>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using store::crash_point;

const runtime::logger log_("box.printer");

/// How long a picture may take on a worker before the receipt is refused.
constexpr auto encode_timeout = 15s;
/// The wait before the end of an action is written down again after the ledger refused.
constexpr auto finish_retry = 1s;

// What the port tells, brought into the actor. `connection` tells a port from the one before it.
struct port_opened {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
};
struct port_closed {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  fault reason;
};
struct port_received {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  byte_vector bytes;
};
struct port_written {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  std::optional<fault> problem;
};
struct port_job_ended {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  std::optional<fault> problem;
};
struct port_stalled {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  bool yes = false;
};
struct finish_again {
  static constexpr bool local_message = true;
  finish_action wanted;
};

using printer_self = device_actor::extend<
    caf::reacts_to<port_opened>, caf::reacts_to<port_closed>, caf::reacts_to<port_received>,
    caf::reacts_to<port_written>, caf::reacts_to<port_job_ended>, caf::reacts_to<port_stalled>,
    caf::reacts_to<finish_again>, caf::reacts_to<network_changed>, caf::reacts_to<runtime::tick>>;

struct printer_state {
  printer_state() = default; // no aggregate: CAF would hand the actor to its first member
  ~printer_state() {
    if (port) port->close();
  }
  static inline const char* name = "printer";

  printer_self::stateful_pointer<printer_state> self = nullptr;
  const services* shared = nullptr;
  printer_options options;
  device_description description;
  device_neighbours near;
  std::optional<printer_core> core;
  std::unique_ptr<port::byte_port> port;
  std::uint64_t connection = 0;
  std::size_t pieces_written = 0;
  network_info_ptr network;
  runtime::timer timer{1};
  std::size_t ends_unwritten = 0;     ///< ends of actions that the ledger has not confirmed
  std::optional<caf::error> stopping; ///< asked to end: waits for the job under way
  std::map<action_id, caf::typed_response_promise<action_accepted>> submitters;
  std::map<action_id, caf::typed_response_promise<action_record>> cancelers;
  std::map<action_id, runtime::open_span> spans; ///< of actions under way, until their end
  runtime::counter* printed = nullptr;
  runtime::counter* not_printed = nullptr;
  runtime::limit* waiting = nullptr;

  void carry_out(printer_core::effects effects);
  void carry_out(const printer_core::encode& wanted);
  void carry_out(const printer_core::accept& wanted);
  void carry_out(const printer_core::mark_sent& wanted);
  void carry_out(const printer_core::finish& wanted);
  void carry_out(const printer_core::reply& wanted);
  void carry_out(const printer_core::open_port&);
  void carry_out(const printer_core::write& wanted);
  void carry_out(const printer_core::end_of_job&);
  void carry_out(const printer_core::publish& wanted);
  void carry_out(const printer_core::report& wanted);
  void carry_out(const printer_core::refuse_cancel& wanted);

  printer_core::time now() const { return runtime::now(self); }
  void finish(const finish_action& wanted);
  void ended(const action_record& record);
  void publish_action(const action_record& record);
  void take_up();
  void quit_when_done();
  printer::ticket ticket_facts(std::string box_name, std::string box_identifier) const;
};

/// An orderly stop lets the job under way come to its end, so that nobody has to guess.
void printer_state::quit_when_done() {
  if (stopping && !core->in_flight() && ends_unwritten == 0) self->quit(*stopping);
}

void printer_state::carry_out(printer_core::effects effects) {
  for (const auto& each : effects)
    std::visit([this](const auto& one) { carry_out(one); }, each);
  quit_when_done();
  waiting->set_fill(core->waiting());
  if (const auto next = core->next_tick()) {
    if (!timer.armed() || timer.at() != *next) timer.arm_at(self, *next);
  } else
    timer.cancel();
}

printer::ticket printer_state::ticket_facts(std::string box_name,
                                            std::string box_identifier) const {
  printer::ticket facts;
  facts.box_name = std::move(box_name);
  facts.identifier = std::move(box_identifier);
  facts.version = shared->version;
  facts.printer_name = printer::read_name_options(description.name).plain_name;
  facts.time = to_rfc3339(runtime::wall_now(self)).substr(0, 16);
  facts.time[10] = ' ';
  facts.time += " UTC";
  if (!network) return facts;
  for (const auto& each : network->interfaces)
    for (const auto& address : each.addresses)
      if (!each.loopback && !address.link_local) facts.addresses.push_back(address.text);
  const auto& primary = network->primary_address;
  const bool ipv6 = primary.find(':') != std::string::npos;
  facts.homepage = "http://" + (ipv6 ? "[" + primary + "]" : primary) + ":" +
                   std::to_string(options.http_port) + "/";
  return facts;
}

/// The setup code is printed, since who holds the ticket stands before the box.
std::string read_setup_code(const std::filesystem::path& state_folder) {
  std::ifstream in(state_folder / "setup-code");
  std::string code;
  in >> code;
  return code;
}

void printer_state::carry_out(const printer_core::encode& wanted) {
  const auto encode_with = [this, request = wanted.request](printer::ticket facts) {
    const trace_scope traced(request->trace);
    runtime::run_on_workers(
        self, shared->workers, encode_timeout,
        [request, facts = std::move(facts), device = description,
         folder = shared->state_folder]() mutable -> result<std::vector<shared_bytes>> {
          runtime::span_scope span("encode", "box", request->trace);
          if (request->action == "status") facts.setup_code = read_setup_code(folder);
          const auto document = document_of(*request, facts);
          if (!document) return document.error();
          auto pieces = encode_job(*document, device);
          if (!pieces) span->fail(pieces.error().text);
          return pieces;
        },
        [this, id = request->id](result<std::vector<shared_bytes>> pieces) {
          carry_out(core->encoded(now(), id, std::move(pieces)));
        });
  };
  if (wanted.request->action != "status") return encode_with({});
  runtime::request_then(
      self, near.identity, neighbour_timeout, get_identity{},
      [this, encode_with](const identity_info& who) {
        encode_with(ticket_facts(who.name, who.id.text));
      },
      [this, encode_with](const fault&) { encode_with(ticket_facts("", "")); });
}

void printer_state::carry_out(const printer_core::accept& wanted) {
  crash_point("action.before_accept");
  const trace_scope traced(wanted.request->trace);
  auto span = std::make_shared<runtime::open_span>("ledger accept", "box");
  runtime::request_then(
      self, near.ledger, neighbour_timeout, accept_action{wanted.request, wanted.request->trace},
      [this, id = wanted.request->id, span](const action_accepted& answer) {
        span->end();
        crash_point("action.after_accept");
        carry_out(core->accepted(now(), id, answer));
      },
      [this, id = wanted.request->id, span](const fault& problem) {
        span->fail(problem.text);
        span->end();
        carry_out(core->accepted(now(), id, problem));
      });
}

void printer_state::carry_out(const printer_core::mark_sent& wanted) {
  crash_point("action.before_sent");
  runtime::request_then(
      self, near.ledger, neighbour_timeout, box::mark_sent{wanted.id},
      [this, id = wanted.id](const action_record& record) {
        crash_point("action.after_sent");
        pieces_written = 0;
        carry_out(core->marked(now(), id, record));
      },
      [this, id = wanted.id](const fault& problem) {
        log_.error("Nothing is printed, since the ledger cannot write: {}", problem.text);
        carry_out(core->marked(now(), id, problem));
      });
}

void printer_state::carry_out(const printer_core::finish& wanted) {
  if (wanted.state == action_state::confirmed) crash_point("action.before_confirm");
  finish({wanted.id, wanted.state, wanted.code, wanted.text});
}

/// Writes the end of an action down, as often as it takes.
void printer_state::finish(const finish_action& wanted) {
  ++ends_unwritten;
  runtime::request_then(
      self, near.ledger, neighbour_timeout, wanted,
      [this](const action_record& record) {
        --ends_unwritten;
        ended(record);
        quit_when_done();
      },
      [this, wanted](const fault& problem) {
        --ends_unwritten;
        log_.warning("The end of action {} is not written down yet: {}", wanted.id.text,
                     problem.text);
        if (problem.code.starts_with("store.") || problem.code.starts_with("actor."))
          self->delayed_send(self, finish_retry, finish_again{wanted});
      });
}

void printer_state::ended(const action_record& record) {
  if (record.state == action_state::confirmed) crash_point("action.after_confirm");
  (record.state == action_state::confirmed ? printed : not_printed)->add();
  if (const auto span = spans.find(record.id); span != spans.end()) {
    if (record.state != action_state::confirmed) span->second.fail(record.text);
    span->second.end();
    spans.erase(span);
  }
  {
    const trace_scope traced(record.trace);
    log_.info("{} {} on {}{}{}", record.action, name_of(record.state), record.device.text,
              record.text.empty() ? "" : ": ", record.text);
  }
  publish_action(record);
  if (const auto at = cancelers.find(record.id); at != cancelers.end()) {
    at->second.deliver(record);
    cancelers.erase(at);
  }
}

void printer_state::carry_out(const printer_core::reply& wanted) {
  const auto at = submitters.find(wanted.submission);
  if (at == submitters.end()) return;
  if (wanted.content)
    at->second.deliver(*wanted.content);
  else
    at->second.deliver(runtime::to_error(wanted.content.error()));
  submitters.erase(at);
  if (!wanted.content || wanted.content->duplicate) spans.erase(wanted.submission);
  crash_point("action.after_answer");
}

void printer_state::carry_out(const printer_core::open_port&) {
  const auto number = ++connection;
  const auto back = caf::actor_cast<caf::actor>(self->address());
  auto made = options.make_port(description.address);
  if (!made) return caf::anon_send(back, port_closed{number, made.error()});
  if (port) port->close();
  port = std::move(*made);
  // The callbacks hold the address only: a port must not keep its actor alive.
  const auto tell = [address = self->address()](auto message) {
    if (const auto handle = caf::actor_cast<caf::actor>(address))
      caf::anon_send(handle, std::move(message));
  };
  port->open({[tell, number] { tell(port_opened{number}); },
              [tell, number](byte_span bytes) {
                tell(port_received{number, byte_vector(bytes.begin(), bytes.end())});
              },
              [tell, number](bool yes) {
                tell(port_stalled{number, yes});
              },
              [tell, number](fault reason) {
                tell(port_closed{number, std::move(reason)});
              }});
}

void printer_state::carry_out(const printer_core::write& wanted) {
  if (wanted.of_job && pieces_written == 0) crash_point("port.before_first_byte");
  if (!wanted.of_job) return port->write(wanted.bytes, [](result<std::size_t>) {});
  port->write(
      wanted.bytes, [address = self->address(), number = connection](result<std::size_t> done) {
        if (const auto handle = caf::actor_cast<caf::actor>(address))
          caf::anon_send(handle,
                         port_written{number, done ? std::nullopt : std::optional(done.error())});
      });
}

void printer_state::carry_out(const printer_core::end_of_job&) {
  crash_point("port.all_written");
  port->finish_job([address = self->address(), number = connection](result<std::size_t> done) {
    if (const auto handle = caf::actor_cast<caf::actor>(address))
      caf::anon_send(handle,
                     port_job_ended{number, done ? std::nullopt : std::optional(done.error())});
  });
}

void printer_state::publish_action(const action_record& record) {
  caf::anon_send(near.events, publish_event{action_event(record)});
}

void printer_state::carry_out(const printer_core::publish& wanted) {
  publish_action(wanted.record);
}

void printer_state::carry_out(const printer_core::report& wanted) {
  if (wanted.status.state == device_state::trouble)
    log_.warning("{}: {}", description.name, wanted.status.text);
  caf::anon_send(near.directory, device_status_changed{description.id, wanted.status});
}

void printer_state::carry_out(const printer_core::refuse_cancel& wanted) {
  const auto at = cancelers.find(wanted.id);
  if (at == cancelers.end()) return;
  at->second.deliver(runtime::to_error(wanted.reason));
  cancelers.erase(at);
}

/// Asks the ledger what an earlier life of this actor left.
void printer_state::take_up() {
  crash_point("restart.before_pending");
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_unfinished{description.id},
      [this](const unfinished_actions& left) {
        std::vector<std::pair<action_record, printer_core::request_ptr>> accepted;
        for (const auto& each : left.accepted)
          accepted.emplace_back(each.record, each.request);
        carry_out(core->restore(now(), std::move(accepted), left.sent));
      },
      [this](const fault& problem) {
        // Without knowing what waits nothing may be printed; the supervisor tries again.
        self->quit(runtime::to_error(problem));
      });
}

using self_pointer = printer_self::stateful_pointer<printer_state>;

printer_self::behavior_type printer(self_pointer self, const services* shared,
                                    printer_options options, device_description description,
                                    device_neighbours near) {
  runtime::prepare(self, "printer " + description.id.text);
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.options = std::move(options);
  mine.description = std::move(description);
  mine.near = std::move(near);
  mine.core.emplace(printer_traits{answers_status(language_of(mine.description))},
                    mine.options.times);
  mine.printed = &shared->metrics.count("troupe_actions_total", "Actions that ended.",
                                        {{"device_type", "printer"}, {"outcome", "confirmed"}});
  mine.not_printed = &shared->metrics.count("troupe_actions_total", "Actions that ended.",
                                            {{"device_type", "printer"}, {"outcome", "other"}});
  mine.waiting =
      &shared->limits.declare("printer." + mine.description.id.text + ".waiting", "actions",
                              waiting_actions_bound, runtime::limit_policy::refuse);
  runtime::request_then(
      self, mine.near.network, neighbour_timeout,
      watch_network{caf::actor_cast<caf::actor>(self->address())},
      [self](const network_info_ptr& network) { self->state.network = network; },
      [](const fault&) {});
  self->set_exit_handler([self](caf::exit_msg& stop) {
    // An unfinished one is waited for as long as the supervisor's grace lasts.
    self->state.stopping = std::move(stop.reason);
    self->state.core->stop();
    self->state.quit_when_done();
  });
  mine.take_up();
  return {
      [self](const std::shared_ptr<const action_request>& request) -> caf::result<action_accepted> {
        auto& state = self->state;
        const trace_scope traced(request->trace);
        auto promise = self->make_response_promise<action_accepted>();
        state.submitters.emplace(request->id, promise);
        state.spans.emplace(request->id, runtime::open_span("print", "device"));
        state.carry_out(state.core->submit(state.now(), request));
        return promise;
      },
      [self](const cancel_action& wanted) -> caf::result<action_record> {
        auto& state = self->state;
        auto promise = self->make_response_promise<action_record>();
        state.cancelers.insert_or_assign(wanted.id, promise);
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
      [self](const port_written& told) {
        auto& state = self->state;
        if (told.connection != state.connection) return;
        if (++state.pieces_written == 1) crash_point("port.after_first_byte");
        if (state.pieces_written == 2) crash_point("port.half_written");
        state.carry_out(state.core->written(state.now(), told.problem));
      },
      [self](const port_job_ended& told) {
        auto& state = self->state;
        if (told.connection == state.connection)
          state.carry_out(state.core->job_ended(state.now(), told.problem));
      },
      [self](const port_stalled& told) {
        auto& state = self->state;
        if (told.connection == state.connection)
          state.carry_out(state.core->stalled(state.now(), told.yes));
      },
      [self](const finish_again& again) { self->state.finish(again.wanted); },
      [self](const network_changed& changed) { self->state.network = changed.network; },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.timer.due(self, tick)) state.carry_out(state.core->tick(state.now()));
      },
  };
}

bool one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

} // namespace

device_actor spawn_printer(caf::actor_system& system, const services& shared,
                           printer_options options, device_description description,
                           device_neighbours neighbours) {
  return system.spawn(printer, &shared, std::move(options), std::move(description),
                      std::move(neighbours));
}

result<device_description> complete_printer(device_description description) {
  description.kind = device_kind::printer;
  if (description.language.empty()) description.language = "escpos";
  if (!printer::language_named(description.language))
    return fault{"device.bad_language", "\"" + description.language + "\" is no printer language.",
                 "Take one of escpos, escpos_column, star, zpl, raw.", 422};
  if (description.subtype.empty())
    description.subtype = description.language == "zpl" ? "label_printer" : "receipt_printer";
  if (description.subtype != "receipt_printer" && description.subtype != "label_printer" &&
      description.subtype != "office_printer")
    return fault{"device.bad_subtype", "\"" + description.subtype + "\" is no kind of printer.",
                 "Take one of receipt_printer, label_printer, office_printer.", 422};
  if (description.connection.empty())
    description.connection = description.address.starts_with("tcp:") ? "network" : "direct";
  if (description.name.empty()) description.name = "Printer at " + description.address;
  if (description.name.size() > 256 || !one_line(description.name))
    return fault{"device.bad_name", "A name is one line of at most 64 characters.",
                 "Choose another name.", 422};
  return description;
}

bool printer_needs_restart(const device_description& before, const device_description& after) {
  // The name may hold options of the printer (…__IMC_SCALE70__).
  const auto options = [](const std::string& name) {
    return name.substr(printer::read_name_options(name).plain_name.size());
  };
  return before.language != after.language || options(before.name) != options(after.name);
}

} // namespace troupe::box
