// What a printer's core decided, carried out.
#include "actors/box/print_job.hpp"
#include "actors/box/printer_state.hpp"
#include "actors/box/rights_setup_code.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "devices/printer/name_options.hpp"
#include "messages/codec.hpp"
#include "store/crash_point.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using store::crash_point;

const runtime::logger log_("box.printer");

/// How long a picture may take on a worker before the receipt is refused.
constexpr auto encode_timeout = 15s;
/// The wait before the end of an action is written down again after the ledger refused.
constexpr auto finish_retry = 1s;

} // namespace

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

void printer_state::carry_out(const printer_core::encode& wanted) {
  const auto encode_with = [this, request = wanted.request](printer::ticket facts) {
    const trace_scope traced(request->trace);
    runtime::run_on_workers(
        self, shared->workers, encode_timeout,
        [request, facts = std::move(facts), device = description,
         folder = shared->state_folder]() mutable -> result<std::vector<shared_bytes>> {
          runtime::span_scope span("encode", "box", request->trace);
          // It is printed, since who holds the ticket stands before the box.
          if (request->action == "status") facts.setup_code = kept_setup_code(folder);
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
  publish_action(record);
  actions.ended(record, log_);
}

void printer_state::carry_out(const printer_core::reply& wanted) {
  if (actions.reply(wanted.submission, wanted.content)) crash_point("action.after_answer");
}

void printer_state::carry_out(const printer_core::open_port&) {
  const auto number = ++connection;
  const auto back = caf::actor_cast<caf::actor>(self->address());
  auto made = options.make_port(description.address);
  if (!made) return caf::anon_send(back, port_closed{number, made.error()});
  if (port) port->close();
  port = std::move(*made);
  const auto tell = runtime::sender_to(self);
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
  port->write(wanted.bytes,
              [tell = runtime::sender_to(self), number = connection](result<std::size_t> done) {
                tell(port_written{number, done ? std::nullopt : std::optional(done.error())});
              });
}

void printer_state::carry_out(const printer_core::end_of_job&) {
  crash_point("port.all_written");
  port->finish_job(
      [tell = runtime::sender_to(self), number = connection](result<std::size_t> done) {
        tell(port_job_ended{number, done ? std::nullopt : std::optional(done.error())});
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
  actions.refuse_cancel(wanted.id, wanted.reason);
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

} // namespace troupe::box
