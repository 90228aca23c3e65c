#include "actors/box/session_epos.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "messages/codec.hpp"

#include <caf/all.hpp>

#include <map>
#include <utility>

namespace troupe::box {
namespace {

struct client_gone {
  static constexpr bool local_message = true;
};

struct epos_state {
  static inline const char* name = "session_epos";
  caf::stateful_actor<epos_state>* self = nullptr;
  epos_job job;
  action_id action;
  bool taking_back = false;
  runtime::timer deadline{1};
  /// Ends of actions that came before we knew the number of ours.
  std::map<action_id, std::pair<action_state, std::string>> early;

  void start();
  void print();
  void accepted(const action_record& record);
  void take(const event& content);
  void ended(action_state how, const std::string& code);
  void take_back(std::string_view why);
  void answer(bool success, std::string_view code);
  std::uint32_t status() const { return dialects::epos_status_of(job.status); }
};

void epos_state::start() {
  const auto me = caf::actor_cast<caf::actor>(self);
  runtime::request_then(
      self, job.events, neighbour_timeout, subscribe_events{me, std::nullopt, {job.action.device}},
      [this](std::uint64_t) { print(); },
      [this](const fault&) { answer(false, dialects::epos_code::print_system_error); });
}

void epos_state::print() {
  runtime::request_then(
      self, job.directory, neighbour_timeout, std::move(job.action),
      [this](const action_accepted& message) { accepted(message.record); },
      [this](const fault& problem) {
        job.request->answer(epos_refusal(problem));
        self->quit();
      });
}

void epos_state::accepted(const action_record& record) {
  action = record.id;
  if (is_final(record.state)) return ended(record.state, record.code);
  if (const auto found = early.find(action); found != early.end())
    return ended(found->second.first, found->second.second);
  early.clear();
  const auto trouble = dialects::epos_trouble_in(status());
  if (!trouble.empty()) take_back(trouble);
}

void epos_state::take(const event& content) {
  if (content.type == "device.removed")
    return action.empty() ? void() : answer(false, dialects::epos_code::device_not_found);
  if (content.type == "device.status") {
    // Events carry what the device said as data; the codec reads it back.
    if (auto now = from_json<device_status>(to_json(content.data))) job.status = std::move(*now);
    const auto trouble = dialects::epos_trouble_in(status());
    if (!action.empty() && !trouble.empty()) take_back(trouble);
    return;
  }
  constexpr std::string_view prefix = "action.";
  action_state state{};
  if (content.type.rfind(prefix, 0) != 0 ||
      !from_name(std::string_view(content.type).substr(prefix.size()), state) || !is_final(state))
    return;
  if (action.empty())
    early.emplace(content.action, std::pair(state, content.data.text_or("code")));
  else if (content.action == action)
    ended(state, content.data.text_or("code"));
}

void epos_state::ended(action_state how, const std::string& code) {
  if (taking_back && how == action_state::canceled) return; // answered with the reason
  if (how == action_state::confirmed) return answer(true, {});
  answer(false, dialects::epos_code_for(code, status()));
}

/// Answers `why` if nothing was printed; otherwise the outcome has to be waited for, save when the
/// time is over.
void epos_state::take_back(std::string_view why) {
  if (taking_back) return;
  taking_back = true;
  runtime::request_then(
      self, job.directory, neighbour_timeout, cancel_action{action},
      [this, why](const action_record&) { answer(false, why); },
      [this, why](const fault&) {
        taking_back = false;
        if (why == dialects::epos_code::timeout) answer(false, why);
      });
}

void epos_state::answer(bool success, std::string_view code) {
  auto bits = status();
  if (success) bits |= dialects::epos_bits::print_success;
  job.request->answer(epos_response({.success = success,
                                     .code = std::string(code),
                                     .status = bits,
                                     .job = job.job,
                                     .device = job.device}));
  self->quit();
}

caf::behavior session_epos(caf::stateful_actor<epos_state>* self, epos_job job) {
  runtime::prepare(self, "session_epos");
  auto& state = self->state;
  state.self = self;
  state.job = std::move(job);
  const trace_scope scope(state.job.request->trace());
  state.job.request->on_gone([address = caf::actor_cast<caf::actor_addr>(self)] {
    if (const auto session = caf::actor_cast<caf::actor>(address))
      caf::anon_send(session, client_gone{});
  });
  state.deadline.arm(self, state.job.timeout);
  state.start();
  const auto time_is_over = [self] {
    if (self->state.action.empty()) return self->state.answer(false, dialects::epos_code::timeout);
    self->state.take_back(dialects::epos_code::timeout);
  };
  return {
      [self](const event_arrived& message) { self->state.take(message.content->content); },
      // Who waits no longer believes that nothing came out.
      [time_is_over](const client_gone&) { time_is_over(); },
      [self, time_is_over](const runtime::tick& tick) {
        if (self->state.deadline.due(self, tick)) time_is_over();
      },
  };
}

} // namespace

transport::http_response epos_response(const dialects::epos_answer& answer) {
  transport::http_response response;
  response.content_type = "text/xml; charset=utf-8";
  response.body = dialects::write_epos(answer);
  return response;
}

caf::actor spawn_session_epos(caf::actor_system& system, epos_job job) {
  return system.spawn(session_epos, std::move(job));
}

} // namespace troupe::box
