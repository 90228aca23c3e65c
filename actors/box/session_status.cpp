#include "actors/box/session_streams.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"

#include <caf/all.hpp>

#include <string>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr auto status_patience = 10s;
/// What changes together is shown together.
constexpr auto status_settle = 150ms;
/// Told again without a change: the page sees that the box lives, and what its clock says.
constexpr auto status_period = 30s;

struct status_state {
  static inline const char* name = "session_status";
  caf::stateful_actor<status_state>* self = nullptr;
  transport::websocket_ptr page;
  status_page wanted;
  runtime::timer due{1};

  ~status_state() {
    if (page && page->is_open()) page->close(transport::close_code::going_away);
  }
  void tell() {
    due.arm(self, status_period);
    runtime::request_then(
        self, wanted.homepage, status_patience, get_status_text{},
        [this](const status_text& now) {
          if (!web::is_slow(*page)) page->send_text(now.json);
        },
        [](const fault&) {});
  }
  void take(const event& happened) {
    const auto& type = happened.type;
    if (type == "box.blinked") {
      page->send_text(std::string("{\"type\":\"blink\"}"));
      return;
    }
    const auto topic = type.substr(0, type.find('.'));
    if (topic == "device" || topic == "pairing" || topic == "link" || topic == "box")
      due.arm(self, status_settle);
  }
};

caf::behavior session_status(caf::stateful_actor<status_state>* self, transport::websocket_ptr page,
                             status_page wanted) {
  runtime::prepare(self, "session_status");
  auto& state = self->state;
  state.self = self;
  state.page = std::move(page);
  state.wanted = std::move(wanted);
  web::connect_page(state.page, caf::actor_cast<caf::actor_addr>(self));
  const auto leave = [self] {
    self->state.page->close(transport::close_code::restart, "come back");
    self->quit();
  };
  self->monitor(state.wanted.events);
  self->monitor(state.wanted.homepage);
  self->set_down_handler([leave](const caf::down_msg&) { leave(); });
  runtime::request_then(
      self, state.wanted.events, status_patience,
      subscribe_events{caf::actor_cast<caf::actor>(self), std::nullopt, {}}, [](std::uint64_t) {},
      [leave](const fault&) { leave(); });
  state.tell();
  return {
      [self](const event_arrived& arrived) {
        // Live values change nothing here; a blink is not kept either, and is shown.
        const auto& happened = arrived.content->content;
        if (!arrived.content->transient() || happened.type == "box.blinked")
          self->state.take(happened);
      },
      [](const web::page_drained&) {},
      [self](const web::page_closed&) { self->quit(); },
      [self](const runtime::tick& tick) {
        if (self->state.due.due(self, tick)) self->state.tell();
      },
  };
}

} // namespace

caf::actor spawn_session_status(caf::actor_system& system, transport::websocket_ptr page,
                                status_page wanted) {
  return system.spawn(session_status, std::move(page), std::move(wanted));
}

} // namespace troupe::box
