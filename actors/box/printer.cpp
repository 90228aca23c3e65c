#include "actors/box/printer.hpp"

#include "actors/box/print_job.hpp"
#include "actors/box/printer_state.hpp"
#include "store/crash_point.hpp"

namespace troupe::box {
namespace {

using store::crash_point;

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
        state.actions.submitted(request->id, promise, "print");
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

} // namespace

device_actor spawn_printer(caf::actor_system& system, const services& shared,
                           printer_options options, device_description description,
                           device_neighbours neighbours) {
  return system.spawn(printer, &shared, std::move(options), std::move(description),
                      std::move(neighbours));
}

} // namespace troupe::box
