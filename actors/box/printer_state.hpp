#pragma once

#include "actors/box/open_actions.hpp"
#include "actors/box/port_messages.hpp"
#include "actors/box/printer.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "devices/printer/ticket.hpp"

#include <caf/all.hpp>

#include <memory>
#include <optional>
#include <string>

/// The printer actor's own state, for the files that hold its handlers.
namespace troupe::box {

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
  open_actions actions;
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

} // namespace troupe::box
