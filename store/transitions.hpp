#pragma once

#include "messages/action.hpp"

namespace troupe::store {

/// Whether an action may go from one state to another by itself. (unknown -> confirmed is for
/// people only, see `ledger::confirm_by_hand`.)
constexpr bool may_become(action_state from, action_state to) {
  switch (from) {
  case action_state::accepted:
    return to == action_state::sent || to == action_state::failed || to == action_state::canceled;
  case action_state::sent:
    return to == action_state::confirmed || to == action_state::failed ||
           to == action_state::unknown;
  default:
    return false;
  }
}

/// Whether the key of an action in this state may start a new attempt: it ended without success
/// and no byte of it can have reached the device.
constexpr bool releases_key(action_state state, bool touched) {
  return !touched && (state == action_state::failed || state == action_state::canceled);
}

/// A state that is on disk owes an event: its bit stands in the action's row until that is kept
/// too.
constexpr int untold_bit(action_state state) {
  if (is_final(state)) return 4;
  return state == action_state::sent ? 2 : 1;
}

/// What pruning and the indexes need to know of a state.
enum class hold : std::uint8_t { settled = 0, unknown = 1, unfinished = 2 };
constexpr hold hold_of(action_state state) {
  if (!is_final(state)) return hold::unfinished;
  return state == action_state::unknown ? hold::unknown : hold::settled;
}

} // namespace troupe::store
