#include "actors/runtime/faults.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

namespace troupe::runtime {

namespace {

constexpr auto category = caf::atom("troupe");
constexpr auto system_category = caf::atom("system");
constexpr auto exit_category = caf::atom("exit");

fault from_system(caf::sec code, const caf::error& error) {
  switch (code) {
  case caf::sec::request_timeout:
    return {"actor.timeout", "The answer did not come in time.",
            "Try again; if it stays so, look at the log of what was asked.", 504};
  case caf::sec::request_receiver_down:
  case caf::sec::invalid_argument:
    return {"actor.down", "What was asked is not running at the moment.",
            "Try again in a few seconds; it is started again by itself.", 503};
  case caf::sec::unexpected_message:
    return {"actor.unexpected_message", "What was asked does not know this request.", "", 500};
  case caf::sec::unexpected_response:
    return {"actor.unexpected_answer", "The answer is not of the expected kind.", "", 500};
  default:
    return {"actor.failed", "A part of the program failed: " + to_string(error) + ".",
            "It is started again by itself; the log has more.", 500};
  }
}

} // namespace

caf::error to_error(fault content) {
  return {1, category, caf::make_message(std::move(content))};
}

fault to_fault(const caf::error& error) {
  if (!error) return {"actor.stopped", "It ended.", "", 503};
  if (error.category() == category && error.context().match_elements<fault>())
    return error.context().get_as<fault>(0);
  if (error.category() == exit_category)
    return {"actor.stopped", "What was asked was just being stopped.",
            "Try again in a few seconds.", 503};
  if (error.category() == system_category)
    return from_system(static_cast<caf::sec>(error.code()), error);
  return {"actor.failed", "A part of the program failed: " + to_string(error) + ".", "", 500};
}

std::string to_text(const caf::error& error) {
  if (!error) return {};
  if (error.category() == category && error.context().match_elements<fault>()) {
    const auto& content = error.context().get_as<fault>(0);
    return content.code + ": " + content.text;
  }
  return to_string(error);
}

bool is_orderly(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal;
}

} // namespace troupe::runtime
