#include "actors/box/homepage_state.hpp"
#include "transport/dialects/odoo_answers.hpp"
#include "transport/dialects/odoo_requests.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using transport::json_value;

action_request request_for(const call& request, const device_id& device,
                           dialects::odoo_command command) {
  action_request out;
  out.trace = request.trace();
  out.key = std::move(command.key);
  out.device = device;
  out.action = std::move(command.action);
  out.document = std::move(command.document);
  out.arguments = std::move(command.arguments);
  out.origin = request.who().name();
  return out;
}

/// A tab that knows the answer objects of 19.1: it tested the protocol by its name, which no
/// earlier client does over HTTP. docs/odoo.md says why that is safe.
bool is_newer(const homepage_state& home, const session_id& tab) {
  return !tab.empty() &&
         std::find(home.newer_tabs.begin(), home.newer_tabs.end(), tab) != home.newer_tabs.end();
}

void note_newer(homepage_state& home, const session_id& tab) {
  if (tab.empty() || is_newer(home, tab)) return;
  home.newer_tabs.push_back(tab);
  if (home.newer_tabs.size() > homepage_state::newer_tabs_bound) home.newer_tabs.pop_front();
}

/// How one action is answered: `true` or `false` up to 19.0, an object since.
struct action_answer {
  call_ptr request;
  session_id tab;
  std::string device;
  box_id box;
  bool newer = false;
  double time = 0;

  void say(dialects::odoo_outcome outcome, json_value result, bool plainly) const {
    if (newer)
      request->answer_result(
          dialects::odoo_action_answer(outcome, std::move(result), tab, device, box, time));
    else
      request->answer_result(plainly);
  }
};

void act_on_box(homepage_state& home, const action_answer& answer, const json_value& data) {
  const auto name = dialects::odoo_action_name(data);
  if (name == "restart_odoo") {
    if (answer.request->who().kind != caller_kind::person)
      return answer.request->refuse({"rights.sign_in", "A till may not restart the box.",
                                     "Sign in on the box's homepage with its setup code.", 403});
    home.restart_soon.arm(home.self, std::chrono::seconds{2}); // as long as Odoo's box waits
  }
  answer.say(dialects::odoo_outcome::success, nullptr, true);
}

void act_on_device(homepage_state& home, action_answer answer, const device_snapshot& device,
                   const json_value& data) {
  const auto kind = device.description.kind;
  if (kind != device_kind::printer && kind != device_kind::scale)
    return answer.request->refuse(
        {"odoo.unknown_action", "This device takes no actions.", "", 422});
  auto command = kind == device_kind::scale ? dialects::read_odoo_scale_command(data)
                                            : dialects::read_odoo_command(data);
  if (!command) return answer.request->refuse(command.error());
  auto action = request_for(*answer.request, device.description.id, std::move(*command));
  action.session = answer.tab;
  auto request = answer.request;
  home.ask(request, home.neighbours.directory, std::move(action),
           [answer = std::move(answer)](const action_accepted& accepted) {
             const auto outcome = accepted.duplicate ? dialects::odoo_outcome::duplicate
                                                     : dialects::odoo_outcome::success;
             answer.say(outcome, "pending", true);
           });
}

} // namespace

void odoo_get_hello(homepage_state&, const call_ptr& request) {
  request->answer(transport::static_text_response(dialects::odoo_hello));
}

void odoo_handshake(homepage_state&, const call_ptr& request) {
  request->answer_result(true);
}

void odoo_status(homepage_state& home, const call_ptr& request) {
  request->answer_result(dialects::odoo_status_map(*home.devices));
}

void odoo_display(homepage_state&, const call_ptr& request) {
  request->refuse({"odoo.no_display", "This box has no customer display.",
                   "Connect one, or turn the customer display off in the till's settings.", 503});
}

/// `{weight}` while there is one that may be charged; nothing otherwise, never a false 0.
void odoo_scale_read(homepage_state& home, const call_ptr& request) {
  const auto* scale = dialects::default_odoo_scale(*home.devices);
  if (scale == nullptr) return request->answer_result(nullptr);
  request->answer_result(dialects::odoo_scale_weight(scale->status));
}

void odoo_default_printer(homepage_state& home, const call_ptr& request) {
  const auto data = request->rpc_params.find("data");
  auto command =
      dialects::read_odoo_command(data == request->rpc_params.end() ? json_value() : *data);
  if (!command) return request->refuse(command.error());
  const auto* printer = dialects::default_odoo_printer(*home.devices);
  if (printer == nullptr) return request->answer_result(false);
  home.ask(request, home.neighbours.directory,
           request_for(*request, printer->description.id, std::move(*command)),
           [request](const action_accepted&) { request->answer_result(true); });
}

void odoo_post_action(homepage_state& home, const call_ptr& request) {
  auto asked = dialects::read_odoo_action(std::move(request->rpc_params));
  if (!asked) return request->refuse(asked.error());
  const bool to_box = asked->device == home.neighbours.id.text;
  if (to_box && dialects::odoo_action_name(asked->data) == "test_protocol")
    note_newer(home, asked->session);
  action_answer answer{request,
                       asked->session,
                       asked->device,
                       home.neighbours.id,
                       is_newer(home, asked->session),
                       to_unix_seconds(home.now())};
  if (to_box) return act_on_box(home, answer, asked->data);
  const auto* device = dialects::find_odoo_device(*home.devices, asked->device);
  if (device == nullptr) return answer.say(dialects::odoo_outcome::disconnected, nullptr, false);
  act_on_device(home, std::move(answer), *device, asked->data);
}

void odoo_event_poll(homepage_state& home, const call_ptr& request) {
  auto listener = dialects::read_odoo_listener(request->rpc_params);
  if (!listener) return request->refuse(listener.error());
  home.polls.take(home.self->home_system(), caf::actor_cast<caf::actor>(home.self), request,
                  std::move(*listener), home.now());
}

} // namespace troupe::box
