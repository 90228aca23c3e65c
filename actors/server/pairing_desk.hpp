#pragma once

#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/trace.hpp"

#include <caf/typed_actor.hpp>

#include <string>

/// Codes of boxes that wait to be connected, and the owners who type them.
namespace troupe::server {

/// An owner typed a code, in any case, with or without dash and blanks. Answered by the box, which
/// is then in the fleet. Faults "pairing.bad_form" (422), "pairing.wrong" (404: unknown, expired or
/// used, which are not told apart to guessers), "pairing.slow" (429: too many wrong codes from this
/// address or account; the text says for how long), "pairing.gone" (409: the box hung up).
struct claim_code {
  static constexpr bool local_message = true;
  std::string code;
  std::string person;
  std::string address; ///< of the person's browser
  trace_context trace = current_trace();
};
struct claimed_box {
  static constexpr bool local_message = true;
  box_id box;
  std::string name;
};

using pairing_desk_actor = caf::typed_actor<caf::replies_to<claim_code>::with<claimed_box>>;

} // namespace troupe::server
