#include "actors/box/homepage_polls.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe::box {
namespace {

struct asker_gone {
  static constexpr bool local_message = true;
};

struct poll_state {
  static inline const char* name = "session_poll";
  call_ptr request;
  caf::actor homepage;
  std::uint64_t number = 0;
  runtime::timer patience{1};
};

void end(caf::stateful_actor<poll_state>* self) {
  caf::anon_send(self->state.homepage, poll_ended{self->state.number});
  self->quit();
}

caf::behavior session_poll(caf::stateful_actor<poll_state>* self, caf::actor homepage,
                           call_ptr request, std::uint64_t number) {
  runtime::prepare(self, "session_poll");
  self->state.request = std::move(request);
  self->state.homepage = std::move(homepage);
  self->state.number = number;
  self->monitor(self->state.homepage);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->state.request->on_gone([gone = caf::actor_cast<caf::actor_addr>(self)] {
    if (const auto poll = caf::actor_cast<caf::actor>(gone)) caf::anon_send(poll, asker_gone{});
  });
  self->state.patience.arm(self, poll_wait);
  return {
      [self](const poll_answer& found) {
        self->state.request->answer_result(found.content ? *found.content
                                                         : transport::json_value());
        end(self);
      },
      [self](const asker_gone&) {
        self->state.request->answer_result(nullptr);
        end(self);
      },
      [self](const runtime::tick& tick) {
        if (!self->state.patience.due(self, tick)) return;
        self->state.request->answer_result(nullptr);
        end(self);
      },
  };
}

} // namespace

caf::actor spawn_session_poll(caf::actor_system& system, caf::actor homepage, call_ptr request,
                              std::uint64_t number) {
  return system.spawn(session_poll, std::move(homepage), std::move(request), number);
}

} // namespace troupe::box
