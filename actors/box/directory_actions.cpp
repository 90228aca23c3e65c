#include "actors/box/directory_state.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"

namespace troupe::box {
fault unknown_device(const device_id& id) {
  return {"device.unknown", "This box has no device \"" + id.text + "\".",
          "Look at the list of devices on the homepage.", 404};
}

fault driver_down(const device_description& device) {
  return {"device.driver_down", "The driver of \"" + device.name + "\" does not run.",
          "It is started again by itself; look at the homepage for the reason.", 503};
}

/// Hands an action to its device, or holds it while the device's actor is being restarted.
void directory_state::perform(directory_entry& at, held_action action) {
  if (!at.handle) {
    if (at.given_up)
      action.promise.deliver(runtime::to_error(driver_down(at.snapshot.description)));
    else if (at.held.size() < held_actions_bound)
      at.held.push_back(std::move(action));
    else
      action.promise.deliver(runtime::to_error(
          {"device.busy", "The device is being restarted and too much waits for it.",
           "Try again in a moment.", 503}));
    return;
  }
  auto request = action.request;
  runtime::request_then(
      self, at.handle, neighbour_timeout * 2, std::move(request),
      [promise = action.promise](const action_accepted& answer) mutable {
        promise.deliver(answer);
      },
      [promise = action.promise](const fault& problem) mutable {
        promise.deliver(runtime::to_error(problem));
      });
}

caf::result<action_accepted> directory_state::take(const action_request& request) {
  auto* device = find(request.device);
  if (device == nullptr) return runtime::to_error(unknown_device(request.device));
  auto shared_request = std::make_shared<action_request>(request);
  if (shared_request->id.empty()) shared_request->id = new_action_id();
  auto promise = self->make_response_promise<action_accepted>();
  perform(*device, {std::move(shared_request), promise});
  return promise;
}

caf::result<action_accepted> directory_state::repeat(const repeat_action& wanted) {
  auto promise = self->make_response_promise<action_accepted>();
  runtime::request_then(
      self, neighbours.ledger, neighbour_timeout, load_request{wanted.id},
      [this, promise, wanted](const std::shared_ptr<const action_request>& first) mutable {
        auto* device = find(first->device);
        if (device == nullptr) {
          promise.deliver(runtime::to_error(unknown_device(first->device)));
          return;
        }
        auto again = std::make_shared<action_request>(*first);
        again->id = new_action_id();
        again->key.clear();
        again->trace = wanted.trace;
        again->origin = wanted.origin;
        again->repeats = wanted.id;
        perform(*device, {std::move(again), promise});
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<action_record> directory_state::cancel(const cancel_action& wanted) {
  auto promise = self->make_response_promise<action_record>();
  runtime::request_then(
      self, neighbours.ledger, neighbour_timeout, get_action{wanted.id},
      [this, promise, wanted](const action_record& record) mutable {
        const auto* device = find(record.device);
        if (device == nullptr || !device->handle || is_final(record.state)) {
          promise.deliver(runtime::to_error(
              {"action.already_ended", "This action does not wait any more.", "", 409}));
          return;
        }
        runtime::request_then(
            self, device->handle, neighbour_timeout, wanted,
            [promise](const action_record& ended) mutable { promise.deliver(ended); },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

/// What waited for a removed device is canceled and says so; what was on its way is unknown.
void directory_state::end_actions_of(const device_id& id) {
  const auto finish = [this](const action_record& record, action_state state, std::string text) {
    runtime::request_then(
        self, neighbours.ledger, neighbour_timeout,
        finish_action{record.id, state, "", std::move(text)},
        [this](const action_record& ended) {
          caf::anon_send(neighbours.events, publish_event{action_event(ended)});
        },
        [](const fault& problem) {
          directory_log.warning("An action did not end: {}", problem.text);
        });
  };
  runtime::request_then(
      self, neighbours.ledger, neighbour_timeout, get_unfinished{id},
      [finish](const unfinished_actions& left) {
        for (const auto& each : left.accepted)
          finish(each.record, action_state::canceled, "The device was removed before it was done.");
        for (const auto& each : left.sent)
          finish(each, action_state::unknown, "The device was removed while it was being done.");
      },
      [](const fault& problem) {
        directory_log.warning("Actions were left over: {}", problem.text);
      });
}

} // namespace troupe::box
