#include "actors/box/homepage_state.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

constexpr std::uint32_t page_default = 50;
constexpr std::uint32_t page_most = 500;

/// The body of `POST …/actions`; what a caller may not set is set anew.
result<action_request> read_action(const call& request) {
  auto action = from_json<action_request>(request.request().body_text());
  if (!action) {
    action.error().status = action.error().code == "message.bad_json" ? 400 : 422;
    if (action.error().remedy.empty()) action.error().remedy = "See /openapi.json.";
    return action;
  }
  auto key = web::idempotency_key(request.request());
  if (!key) return key.error();
  action->key = std::move(*key);
  action->id = {};
  action->session = {};
  action->trace = request.trace();
  action->device = device_id(request.parameter(0));
  action->origin = request.who().name();
  if (action->action.empty())
    return fault{"action.unknown_action", "The body names no action.",
                 "Use print, cashbox or status.", 422};
  // Said by its document it may go ahead of receipts that wait for paper.
  if (action->action == "cashbox" && action->document.operations.empty())
    action->document.operations = {printing::drawer_pulse{}};
  return action;
}

void answer_accepted(const call_ptr& request, const action_accepted& accepted) {
  auto response =
      transport::json_response(to_json(accepted.record), accepted.duplicate ? 200 : 202);
  response.header("Location", "/api/v1/actions/" + accepted.record.id.text);
  request->answer(std::move(response));
}

void answer_record(const call_ptr& request, const action_record& record) {
  request->answer(transport::json_response(to_json(record)));
}

result<list_actions> read_query(const call& request) {
  list_actions wanted;
  const auto query = request.request().query;
  wanted.device = device_id(transport::query_value(query, "device").value_or(""));
  const auto state = transport::query_value(query, "state").value_or("");
  if (!state.empty() && !from_name(state, wanted.state.emplace()))
    return fault{"request.query", "There is no state of that name.",
                 "Use accepted, sent, confirmed, failed, unknown or canceled.", 400};
  const auto before = number_in_query(request.request(), "before", 0);
  if (!before) return before.error();
  const auto limit = number_in_query(request.request(), "limit", page_default);
  if (!limit) return limit.error();
  wanted.before = *before;
  wanted.limit = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*limit, 1, page_most));
  return wanted;
}

} // namespace

void post_action(homepage_state& home, const call_ptr& request) {
  if (home.find_device(request->parameter(0)) == nullptr ||
      !may_see(request->who(), request->parameter(0)))
    return request->refuse(unknown_device(request->parameter(0)));
  auto action = read_action(*request);
  if (!action) return request->refuse(action.error());
  if (!may_act(request->who(), action->action, action->device.text))
    return request->refuse(
        {"rights.not_covered",
         "The page's token does not cover \"" + action->action.substr(0, 64) + "\" on this device.",
         "Ask the server for a token with this action.", 403});
  home.ask(request, home.neighbours.directory, std::move(*action),
           [request](const action_accepted& accepted) { answer_accepted(request, accepted); });
}

void get_actions(homepage_state& home, const call_ptr& request) {
  auto wanted = read_query(*request);
  if (!wanted) return request->refuse(wanted.error());
  home.ask(request, home.neighbours.ledger, std::move(*wanted), [request](const action_page& page) {
    auto body = "{\"actions\":" + to_json(page.actions) + ",\"next\":";
    body += page.next == 0 ? "null" : std::to_string(page.next);
    request->answer(transport::json_response(body + "}"));
  });
}

void get_one_action(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.ledger, get_action{action_id(request->parameter(0))},
           [request](const action_record& record) {
             if (may_see(request->who(), record.device.text)) return answer_record(request, record);
             request->refuse({"action.unknown", "There is no such action.",
                              "It may be older than what the box keeps.", 404});
           });
}

void post_repeat(homepage_state& home, const call_ptr& request) {
  repeat_action message{action_id(request->parameter(0)), request->who().name()};
  home.ask(request, home.neighbours.directory, std::move(message),
           [request](const action_accepted& accepted) { answer_accepted(request, accepted); });
}

void post_confirm(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.ledger, confirm_by_hand{action_id(request->parameter(0))},
           [&home, request](const action_record& record) {
             answer_record(request, record);
             caf::anon_send(home.neighbours.events, publish_event{action_event(record)});
           });
}

void post_cancel(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.directory, cancel_action{action_id(request->parameter(0))},
           [request](const action_record& record) { answer_record(request, record); });
}

} // namespace troupe::box
