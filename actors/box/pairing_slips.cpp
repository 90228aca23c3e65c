#include "actors/box/pairing_slip.hpp"
#include "actors/box/pairing_state.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "security/digest.hpp"

#include <algorithm>
#include <utility>

/// The code on paper.
namespace troupe::box {
namespace {

constexpr std::string_view slip_origin = "box";
constexpr std::string_view slip_key = "pairing:";

} // namespace

/// Once a code and printer, and only where paper comes out at once.
void state_of_pairing::print_slips() {
  if (!options.print_codes || !core || core->code().empty()) return;
  for (const auto& each : *devices)
    if (prints_at_once(each) && !slips.contains(each.description.id))
      print_slip(each.description.id);
}

void state_of_pairing::print_slip(const device_id& device) {
  slips[device];
  runtime::request_then(
      self, near.identity, neighbour_timeout, get_identity{},
      [this, device](const identity_info& me) {
        const auto code = core->code();
        if (code.empty()) return;
        auto until = to_rfc3339(info().expires_at).substr(0, 16) + " UTC";
        until[10] = ' ';
        action_request wanted;
        wanted.device = device;
        wanted.action = "print";
        wanted.origin = slip_origin;
        // Not the code itself: keys are shown in the history.
        wanted.key = std::string(slip_key) + security::sha256_hex(code).substr(0, 16);
        wanted.document = make_slip({me.name, shown_code(code), core->connect_url(), until});
        runtime::request_then(
            self, near.directory, neighbour_timeout, std::move(wanted),
            [this, device, code](const action_accepted& accepted) {
              if (core->code() == code) {
                slips[device] = accepted.record.id;
                return;
              }
              caf::anon_send(near.directory, cancel_action{accepted.record.id});
            },
            [](const fault& problem) {
              pairing_log.warning("The code could not be printed: {}", problem.text);
            });
      },
      [](const fault& problem) {
        pairing_log.warning("The box's name is not known: {}", problem.text);
      });
}

/// A slip that still waits must not come out with a code that counts no more.
void state_of_pairing::take_back_slips() {
  for (const auto& [device, action] : std::exchange(slips, {}))
    if (!action.empty()) caf::anon_send(near.directory, cancel_action{action});
}

/// Those of an earlier run of the program.
void state_of_pairing::take_back_old_slips() {
  list_actions waiting;
  waiting.state = action_state::accepted;
  waiting.limit = 500;
  runtime::request_then(
      self, near.ledger, neighbour_timeout, std::move(waiting),
      [this](const action_page& page) {
        for (const auto& each : page.actions)
          if (each.origin == slip_origin && each.key.starts_with(slip_key) &&
              std::none_of(slips.begin(), slips.end(),
                           [&](const auto& slip) { return slip.second == each.id; }))
            caf::anon_send(near.directory, cancel_action{each.id});
      },
      [](const fault& problem) {
        pairing_log.warning("Old slips are not known: {}", problem.text);
      });
}

} // namespace troupe::box
